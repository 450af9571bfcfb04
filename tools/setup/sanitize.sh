#!/bin/sh
# Unit tests under the Address and Undefined Behaviour sanitizers, and the sweep under the Thread Sanitizer. What needs real
# weights, a browser or a comparison of pictures is left out: it looks at results, which are the same here.
# Run it from the project's folder.
# usage: sanitize.sh
set -eu

skipped='AcceptanceTests|BrowserTests|GoldenFigureTests|MatplotlibPositionTests|FigureTimes|LaTeXTests|SAEMemoryTests'
flags="-c release -Xswiftc -enable-testing"
# Swift's own report of a crash needs more address space than the sanitizers leave.
export SWIFT_BACKTRACE=enable=no

echo "== Address and Undefined Behaviour sanitizers (a release build of its own, in .build-sanitized)"
# XCTest itself leaks at its end. Swift traps undefined behaviour by itself: the second sanitizer looks at the C kernels.
# The flags are split into words on purpose.
# shellcheck disable=SC2086
ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1 \
  swift test $flags --sanitize address --sanitize undefined --scratch-path .build-sanitized --skip "$skipped"

echo "== Thread Sanitizer over the sweep, with portable kernels (a build of its own, in .build-thread)"
# Without oneDNN, whose OpenMP the sanitizer does not know: it would report its barriers.
# shellcheck disable=SC2086
CLEARBOX_WITHOUT_ONEDNN=1 TSAN_OPTIONS=halt_on_error=1 \
  swift test $flags --sanitize thread --scratch-path .build-thread \
  --filter 'SweepTests|InterruptedRunTests|RerunFileTests|EncoderTilesTests|StageTimesTests|StoredChunksTests|PieceVectors'
