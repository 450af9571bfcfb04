#!/bin/sh
# Runs examples/cluster/Snakefile with several jobs on this machine, ends one shard's process on the way, starts again, and
# compares the merged run's content with that of a single run.
# usage: snakemake.sh CLEARBOX STUDY MODEL TOKENS SNAKEMAKE
set -eu

clearbox=$1 study=$2 model=$3 tokens=$4 snakemake=$5
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
flow() {
  "$snakemake" -s examples/cluster/Snakefile --cores 2 --nolock --rerun-incomplete \
    --config "study=$study" "model=$model" "tokens=$tokens" shards=4 "out=$work/shards" "clearbox=$clearbox" "$@"
}

# The first shard of which a process is seen is stopped.
(
  for _ in $(seq 600); do
    pid=$(pgrep -f -- "--shard [0-9]+/4 .*--out $work/shards" | head -1) || true
    if [ -n "$pid" ]; then
      sleep 1
      kill "$pid" 2>/dev/null || true
      break
    fi
    sleep 0.2
  done
) &
if flow --keep-going >"$work/first.log" 2>&1; then
  echo "nothing was stopped" >&2
  exit 1
fi
wait
flow >"$work/second.log" 2>&1 || { cat "$work/second.log" >&2; exit 1; }
grep -E "^(localrule|rule) |steps \(|finished" "$work/second.log" | tail -3

"$clearbox" run "$study" --only "$model" --tokens "$tokens" --out "$work/single" >/dev/null 2>&1
for run in "$work/single/$model.h5" "$work/shards/merged/$model.h5"; do
  /usr/bin/python3 -c "import sys, h5py; print(h5py.File(sys.argv[1]).attrs['content_sha256'])" "$run"
done >"$work/hashes"
[ "$(sort -u "$work/hashes" | wc -l)" = 1 ] || { echo "the contents differ: $(cat "$work/hashes")" >&2; exit 1; }
echo "merged equals single: content SHA-256 $(head -1 "$work/hashes")"
