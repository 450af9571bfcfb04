#!/bin/sh
# What a wheel must do: its ELF files ask for no newer C library than its name says; the Python package's tests; the
# notebook, executed; and all commands on clean roots of Debian 12 and 13, where this is root.
# Writes out/dist/notebook.html.
# usage: test.sh CACHE
set -eu

cache=$1
rm -f out/dist/clearbox-*.whl
tools/wheel/wheel.sh wheel "$cache" out/dist
wheel=$(ls out/dist/clearbox-*.whl)
python3 -m venv --clear "$cache/wheel-tests"
bin=$cache/wheel-tests/bin
"$bin/pip" install --quiet --disable-pip-version-check "$wheel[notebook]" pytest nbconvert ipykernel

echo "== Python package"
CLEARBOX_WHEEL=$PWD/$wheel "$bin/python" -m pytest -q -p no:cacheprovider python/tests tools/wheel/test_wheel.py

echo "== Notebook"
rm -rf out/notebook
PATH=$bin:$PATH "$bin/python" tools/wheel/notebook.py examples/notebook.ipynb out/dist

if [ "$(id -u)" -eq 0 ]; then
  for suite in bookworm trixie; do tools/wheel/clean-root.sh "$wheel" $suite "$cache"; done
else
  echo "== Clean roots: skipped; they take root to make"
fi
