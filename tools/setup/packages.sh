#!/bin/sh
# Installs the Debian packages that clearbox builds and runs with, if any is missing; says first which.
# usage: packages.sh [MORE PACKAGES…]
set -eu

if ! command -v swift >/dev/null 2>&1; then
  echo "clearbox needs the Swift 6.3 toolchain; 'swift' is not on the PATH. See https://www.swift.org/install/linux/" >&2
  exit 2
fi
wanted="libcairo2-dev libhdf5-dev libdnnl-dev libcurl4-openssl-dev libssl-dev zlib1g-dev libdeflate-dev libzstd-dev libsnappy-dev pkg-config python3 python3-pip $*"
if ! command -v apt-get >/dev/null 2>&1; then
  echo "   there is no apt-get here. Debian calls what clearbox needs: $wanted"
  exit 0
fi
missing=""
for package in $wanted; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q "install ok installed" || missing="$missing $package"
done
if [ -z "$missing" ]; then
  echo "   all installed"
  exit 0
fi

echo "   these Debian packages are missing:$missing"
sudo=""
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null 2>&1; then
    printf 'This is neither root nor is there sudo. Have them installed, then call make again:\n\n  apt-get update && apt-get install --no-install-recommends%s\n' "$missing" >&2
    exit 2
  fi
  sudo="sudo"
fi
echo "   installing them with apt-get"
$sudo apt-get update -qq
# The list is split into words on purpose.
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends $missing >/dev/null
