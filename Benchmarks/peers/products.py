"""Matrix products alone, on every core at once, one thread each: Intel's MKL and OpenBLAS, float32 and what else they have.

usage: products.py LIBRARY --threads N --rows M [--seconds S] [--repeats R]

LIBRARY: "mkl" (the PyPI package beside this Python), or the path of an OpenBLAS. x: [M, K] · Wᵀ, W: [N, K], in the shapes of
bench's own measurement. Inside the clock: the products, called back to back; weights are not packed ahead, as neither library
packs them in its plain interface. The thread's processor time counts, the best of three windows, the mean over threads is printed.
"""

import argparse
import ctypes
import glob
import json
import os
import sys
import threading
import time

SHAPES = [(640, 2048), (4096, 640), (2048, 640)]
ROW_MAJOR, NO_TRANSPOSE, TRANSPOSE, OFFSET_FIXED = 101, 111, 112, 171


def load(name):
    if name != "mkl":
        return ctypes.CDLL(name)
    libraries = os.path.join(sys.prefix, "lib")
    found = sorted(glob.glob(os.path.join(libraries, "libmkl_rt.so*")))
    if not found:
        raise SystemExit("mkl is not installed in " + sys.prefix)
    return ctypes.CDLL(found[0], mode=ctypes.RTLD_GLOBAL)


def version(library, name):
    if name == "mkl":
        text = ctypes.create_string_buffer(200)
        library.mkl_get_version_string(text, 200)
        return text.value.decode().strip()
    library.openblas_get_config.restype = ctypes.c_char_p
    library.openblas_get_corename.restype = ctypes.c_char_p
    words = library.openblas_get_config().decode().split()
    return " ".join(words[:2]) + ", core type " + library.openblas_get_corename().decode()


def products(library):
    """By precision: a function that multiplies, and the element types of x, W and out."""
    pointer = ctypes.c_void_p
    integer = ctypes.c_int

    def sgemm(m, n, k, x, w, out):
        library.cblas_sgemm(
            integer(ROW_MAJOR), integer(NO_TRANSPOSE), integer(TRANSPOSE), integer(m), integer(n), integer(k),
            ctypes.c_float(1), pointer(x), integer(k), pointer(w), integer(k), ctypes.c_float(0), pointer(out), integer(n))

    def bf16(m, n, k, x, w, out):
        library.cblas_gemm_bf16bf16f32(
            integer(ROW_MAJOR), integer(NO_TRANSPOSE), integer(TRANSPOSE), integer(m), integer(n), integer(k),
            ctypes.c_float(1), pointer(x), integer(k), pointer(w), integer(k), ctypes.c_float(0), pointer(out), integer(n))

    def int8(m, n, k, x, w, out):
        offset = ctypes.c_int32(0)
        library.cblas_gemm_s8u8s32(
            integer(ROW_MAJOR), integer(NO_TRANSPOSE), integer(TRANSPOSE), integer(OFFSET_FIXED), integer(m), integer(n),
            integer(k), ctypes.c_float(1), pointer(x), integer(k), ctypes.c_int8(0), pointer(w), integer(k),
            ctypes.c_int8(0), ctypes.c_float(0), pointer(out), integer(n), ctypes.byref(offset))

    all_products = {"f32": (sgemm, 4, 4), "bf16": (bf16, 2, 4), "int8": (int8, 1, 4)}
    names = {"f32": "cblas_sgemm", "bf16": "cblas_gemm_bf16bf16f32", "int8": "cblas_gemm_s8u8s32"}
    return {key: value for key, value in all_products.items() if hasattr(library, names[key])}


def filled(count, size):
    """A half in each type that has one, aligned."""
    unit = {4: b"\x00\x00\x00\x3f", 2: b"\x00\x3f", 1: b"\x40"}[size]
    memory = ctypes.create_string_buffer(unit * count + bytes(64))
    return memory, (ctypes.addressof(memory) + 63) // 64 * 64


def rate(multiply, size, out_size, m, n, k, threads, seconds, repeats):
    """10⁹ operations per second of a thread while all multiply."""
    best = [[] for _ in range(threads)]
    barrier = threading.Barrier(threads)

    def work(index):
        held = [filled(m * k, size), filled(n * k, size), filled(m * n, out_size)]
        x, w, out = (address for _, address in held)
        start = time.thread_time()
        multiply(m, n, k, x, w, out)
        multiply(m, n, k, x, w, out)
        count = max(1, int(seconds / 3 / max(1e-9, (time.thread_time() - start) / 2)))
        for _ in range(repeats):
            barrier.wait()
            windows = []
            for _ in range(3):
                start = time.thread_time()
                for _ in range(count):
                    multiply(m, n, k, x, w, out)
                windows.append((time.thread_time() - start) / count)
            best[index].append(min(windows))

    workers = [threading.Thread(target=work, args=(index,)) for index in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return [2e-9 * m * n * k * threads / sum(times[i] for times in best) for i in range(repeats)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("library")
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--rows", type=int, default=512)
    parser.add_argument("--seconds", type=float, default=0.3)
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()
    # Threads of our own, each with one of the library's.
    os.environ.update({"MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"})
    library = load(arguments.library)
    results = []
    for precision, (multiply, size, out_size) in products(library).items():
        for n, k in SHAPES:
            rates = rate(
                multiply, size, out_size, arguments.rows, n, k, arguments.threads, arguments.seconds, arguments.repeats)
            results.append({"precision": precision, "columns": n, "depth": k, "rates": rates})
    print(json.dumps({"library": version(library, arguments.library), "threads": arguments.threads, "products": results}))


if __name__ == "__main__":
    main()
