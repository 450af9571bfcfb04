#!/bin/sh
# Makes a scratch environment for the programs in this folder: Python packages in DIR/venv, llama.cpp's perplexity tool as
# DIR/bin/llama-perplexity. A second call does only what changed. Needs Python 3.11 with venv, a C++ compiler and make
# (Debian: python3-venv g++ make), 8 GB of disk, and about 10 minutes on two idle cores, most of it for llama.cpp.
# usage: install.sh DIR
set -eu

if [ $# -ne 1 ]; then
  echo "usage: install.sh DIR" >&2
  exit 2
fi
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
dir=$(cd "$1" && pwd)

for tool in python3 c++ make; do
  command -v $tool >/dev/null 2>&1 || {
    echo "$tool is not on the PATH. On Debian: apt-get install python3-venv g++ make" >&2
    exit 2
  }
done

# The Python packages. The copy of requirements.txt is put there last: it says that all of them are installed.
if cmp -s "$here/requirements.txt" "$dir/venv/requirements.txt"; then
  echo "== Python packages: installed in $dir/venv"
else
  echo "== Python packages: installing into $dir/venv"
  [ -x "$dir/venv/bin/pip" ] || python3 -m venv "$dir/venv"
  "$dir/venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$here/requirements.txt"
  cp "$here/requirements.txt" "$dir/venv/requirements.txt"
fi

# llama.cpp, from the source archive of llama-cpp-python, whose changelog names the commit that it carries.
version=0.3.36
commit=0c1e57098
sha256=832db0699007f1be95a7e41ef12e88926b02ba836461e36a36372db2760c1a2e
# Built for the CPU at hand: another CPU, another build.
cpu=$(grep -m1 '^flags' /proc/cpuinfo | sha256sum | cut -c1-16)
built="llama.cpp $commit (llama-cpp-python $version), native, CPU flags $cpu"

if [ -x "$dir/bin/llama-perplexity" ] && [ "$(cat "$dir/bin/llama-perplexity.version" 2>/dev/null)" = "$built" ]; then
  echo "== llama.cpp: built, $dir/bin/llama-perplexity"
  exit 0
fi
echo "== llama.cpp: getting $version of llama-cpp-python"
archive="$dir/llama_cpp_python-$version.tar.gz"
check() { echo "$sha256  $archive" | sha256sum --check --status; }
if ! check 2>/dev/null; then
  rm -f "$archive"
  "$dir/venv/bin/python" -m pip download --quiet --disable-pip-version-check --no-deps --no-binary llama-cpp-python \
    --dest "$dir" "llama-cpp-python==$version"
fi
if ! check; then
  rm -f "$archive"
  echo "The archive of llama-cpp-python $version does not have the SHA-256 $sha256. Nothing was kept; try again." >&2
  exit 2
fi

source="$dir/llama_cpp_python-$version/vendor/llama.cpp"
build="$dir/llama-build"
rm -rf "$dir/llama_cpp_python-$version" "$build"
tar -xzf "$archive" -C "$dir"
echo "== llama.cpp: building llama-perplexity (log: $dir/llama-build.log)"
{
  # Commit and number are given because the archive has no history to read them from.
  "$dir/venv/bin/cmake" -S "$source" -B "$build" -DCMAKE_BUILD_TYPE=Release -DGGML_NATIVE=ON -DBUILD_SHARED_LIBS=OFF \
    -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_SERVER=OFF -DLLAMA_BUILD_APP=OFF -DLLAMA_OPENSSL=OFF \
    -DLLAMA_BUILD_COMMIT=$commit -DLLAMA_BUILD_NUMBER=0 &&
    "$dir/venv/bin/cmake" --build "$build" --target llama-perplexity --parallel 2
} >"$dir/llama-build.log" 2>&1 || {
  tail -n 20 "$dir/llama-build.log" >&2
  exit 2
}
mkdir -p "$dir/bin"
cp "$build/bin/llama-perplexity" "$dir/bin/llama-perplexity"
echo "$built" >"$dir/bin/llama-perplexity.version"
rm -rf "$build" "$dir/llama_cpp_python-$version"
echo "== llama.cpp: built, $dir/bin/llama-perplexity"
