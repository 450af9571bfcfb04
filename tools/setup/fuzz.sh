#!/bin/sh
# Looks for input at which a reader crashes, hangs for 20 s or takes over 2 GB: libFuzzer with AddressSanitizer, each
# reader in turn. Inputs found to be interesting gather in .build-fuzz/corpus; one that breaks a reader is kept in
# .build-fuzz/found and ends the run. Run it from the project's folder.
# usage: fuzz.sh SECONDS [READER…]
# FUZZ_CORE=1 takes another core than the first, FUZZ_CORE= any; FUZZ_FLAGS are libFuzzer's, e.g. -runs=2000000.
set -eu

seconds=$1
shift
build=.build-fuzz
mkdir -p $build
export CLEARBOX_FUZZ=1
echo "== Fuzzer (a release build of its own, in $build)"
# libFuzzer has a main function beside the program's own: the linker takes the first.
swift build -c release --product fuzz --scratch-path $build -Xswiftc -sanitize=fuzzer,address \
  -Xcc -fsanitize=fuzzer-no-link,address -Xlinker -zmuldefs >$build/build.log 2>&1 || { cat $build/build.log >&2; exit 1; }

# Readers take paths, so every input is written to a file, in memory where there is room.
TMPDIR=$(mktemp -d "$([ -d /dev/shm ] && echo /dev/shm || echo "${TMPDIR:-/tmp}")/clearbox-fuzz-XXXXXX")
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT
# Swift's own report of a crash would come before the input is kept. What the process still holds at its end is no leak.
export SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1

# On one core: readers then share nothing out among threads, and runs are the same again.
core=${FUZZ_CORE-0}
one=$([ -n "$core" ] && command -v taskset >/dev/null && echo "taskset -c $core" || true)

[ $# -gt 0 ] || set -- $(ls Tests/Fuzz/corpus)
for reader; do
  mkdir -p "$build/corpus/$reader" "$build/found"
  log="$build/$reader.log"
  echo "== $reader, $seconds s"
  if ! CLEARBOX_FUZZED_READER=$reader $one $build/release/fuzz "$build/corpus/$reader" "Tests/Fuzz/corpus/$reader" \
    -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix="$build/found/$reader-" ${FUZZ_FLAGS:-} >"$log" 2>&1; then
    tail -40 "$log" >&2
    exit 1
  fi
  grep -E 'number_of_executed_units|average_exec_per_sec|peak_rss_mb' "$log"
done
