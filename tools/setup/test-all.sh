#!/bin/sh
# What `make test` leaves out because it takes long: the manifest's validators, shards, the wheel, and AddressSanitizer over
# kernels and readers. Run it from the project's folder, after `make test`.
# usage: test-all.sh CACHE
set -eu

cache=$1
flags="-c release -Xswiftc -enable-testing --scratch-path .build-test --skip-build"

if [ -n "${CLEARBOX_CRATE_CONTEXT:-}" ]; then
  echo "== rocrate and roc-validator read the manifest"
  [ -x "$cache/crate/bin/python" ] || python3 -m venv "$cache/crate"
  "$cache/crate/bin/pip" install --quiet --disable-pip-version-check rocrate==0.16.0 roc-validator==0.13.0
  # The flags are split into words on purpose.
  # shellcheck disable=SC2086
  CLEARBOX_CRATE_PYTHON="$cache/crate/bin/python" swift test $flags --filter VerifyCommandTests
else
  echo "== Manifest's validators: skipped; CLEARBOX_CRATE_CONTEXT=FILE names a copy of https://w3id.org/ro/crate/1.1/context"
fi

echo "== The wheel: on clean roots, from Python and in a notebook"
tools/wheel/test.sh "$cache"

echo "== Shards under Snakemake, one of them stopped, and under Slurm"
[ -x "$cache/snakemake/bin/snakemake" ] || python3 -m venv "$cache/snakemake"
"$cache/snakemake/bin/pip" install --quiet --disable-pip-version-check snakemake==9.27.1
swift build -c release --product clearbox
tools/cluster/snakemake.sh "$PWD/.build/release/clearbox" "$PWD/studies/gemma-3-270m.yaml" gemma-3-270m 16384 \
  "$cache/snakemake/bin/snakemake"
if [ "$(id -u)" = 0 ] && tools/setup/packages.sh slurm-wlm munge; then
  tools/cluster/slurm.sh .build/release/clearbox studies/gemma-3-270m.yaml gemma-3-270m
else
  echo "   Slurm: left out; it needs root, and Debian's packages slurm-wlm and munge"
fi

echo "== 2,200 flipped bytes, and every command on every crafted run file"
# shellcheck disable=SC2086
CLEARBOX_THOROUGH=1 swift test $flags --filter 'FlippedByteTests|FlippedByteCommandTests|CraftedCommandTests'

tools/setup/sanitize.sh
