#!/bin/sh
# What `make test` leaves out because it takes long: LaTeX, the manifest's validators, AddressSanitizer over kernels and
# readers, and the benchmark's smoke form. Run it from the project's folder, after `make test`.
# usage: test-all.sh CACHE
set -eu

cache=$1
flags="-c release -Xswiftc -enable-testing --scratch-path .build-test --skip-build"

echo "== LaTeX compiles what a report writes"
tools/setup/packages.sh texlive-latex-base texlive-latex-recommended
# The flags are split into words on purpose.
# shellcheck disable=SC2086
swift test $flags --filter LaTeXTests

if [ -n "${CLEARBOX_CRATE_CONTEXT:-}" ]; then
  echo "== rocrate and roc-validator read the manifest"
  [ -x "$cache/crate/bin/python" ] || python3 -m venv "$cache/crate"
  "$cache/crate/bin/pip" install --quiet --disable-pip-version-check rocrate==0.16.0 roc-validator==0.13.0
  # shellcheck disable=SC2086
  CLEARBOX_CRATE_PYTHON="$cache/crate/bin/python" swift test $flags --filter VerifyCommandTests
else
  echo "== Manifest's validators: skipped; CLEARBOX_CRATE_CONTEXT=FILE names a copy of https://w3id.org/ro/crate/1.1/context"
fi

echo "== AddressSanitizer over kernels and readers"
# XCTest itself leaks at its end.
ASAN_OPTIONS=detect_leaks=0 swift test -c release -Xswiftc -enable-testing --sanitize address \
  --scratch-path .build-sanitized --filter 'KernelsTests|ParquetTests|NumpyRandomTests|RunFileTests'

echo "== The benchmark's smoke form: that it runs, not how fast"
swift build -c release --product bench
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT INT TERM
.build/release/bench --only conditions --only render --tokens 2048 --repeats 1 --out "$results"
