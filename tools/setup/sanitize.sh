#!/bin/sh
# Tests of readers, kernels and the sweep under the Address and Undefined Behaviour sanitizers, and of the sweep under the
# Thread Sanitizer. Reports and figures are left out: they hold no memory of their own, and take long.
# Run it from the project's folder.
# usage: sanitize.sh
set -eu

tested='KernelsTests|ParquetTests|NumpyRandomTests|RunFileTests|ExperimentsTests|ExchangeTests|HubTests|FuzzCorpusTests'
tested="$tested|BootstrapTests|VectorNormsTests|GoldenFindingsTests|PredictionGoldenTests|DerivationTests"
# Not optimized, but for the kernels: that finds more, and builds in a third of the time.
flags="-Xcc -O2"
# Swift's own report of a crash needs more address space than the sanitizers leave.
export SWIFT_BACKTRACE=enable=no

echo "== Address and Undefined Behaviour sanitizers (a build of its own, in .build-sanitized)"
# Left out are tests of memory and of time, and interrupted runs, which the second build below has and which take long here.
# XCTest itself leaks at its end. Swift traps undefined behaviour by itself: the second sanitizer looks at the C kernels.
# The flags are split into words on purpose.
# shellcheck disable=SC2086
ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1 \
  swift test $flags --sanitize address -Xcc -fsanitize=undefined --scratch-path .build-sanitized --filter "$tested" \
  --skip 'SAEMemoryTests|ProductPeakTests|InterruptedRunTests'

echo "== Thread Sanitizer over the sweep, with portable kernels (a build of its own, in .build-thread)"
# Without oneDNN, whose OpenMP the sanitizer does not know: it would report its barriers. Optimized: otherwise the locks of
# Swift's Synchronization library are taken in that library, where the sanitizer does not look, and it reports what they guard. A lock
# that another thread holds is waited for there even so: on one core that hardly happens, and accesses that nothing orders are
# found all the same.
export CLEARBOX_WITHOUT_ONEDNN=1
flags='-c release -Xswiftc -enable-testing --sanitize thread --scratch-path .build-thread'
one=$(command -v taskset >/dev/null && echo "taskset -c 0" || true)
# shellcheck disable=SC2086
swift build --build-tests $flags
# shellcheck disable=SC2086
TSAN_OPTIONS=halt_on_error=1 $one swift test $flags --skip-build \
  --filter 'SweepTests|InterruptedRunTests|RerunFileTests|EncoderTilesTests|StageTimesTests|StoredChunksTests|PieceVectors'
