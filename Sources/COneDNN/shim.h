// oneDNN's C interface, and the OpenMP runtime that Debian builds it on.
#pragma once
#include <oneapi/dnnl/dnnl.h>
#include <oneapi/dnnl/dnnl_version.h>

// The thread count of libgomp is kept per calling thread: each worker sets its own to one (Kernels/Products).
extern void omp_set_num_threads(int count);
