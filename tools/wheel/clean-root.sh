#!/bin/sh
# Installs a wheel in a Debian that has neither Swift nor our libraries, and uses it there: see inside-root.sh.
# usage: clean-root.sh WHEEL SUITE CACHE      SUITE: bookworm or trixie. Run as root, from the project's folder.
set -eu

wheel=$(realpath "$1") suite=$2 root=$3/roots/$2
tools/setup/packages.sh debootstrap
if [ ! -f "$root.made" ]; then
  echo "   making a clean $suite in $root"
  mkdir -p "$root"
  debootstrap --variant=minbase --include=python3,python3-venv,ca-certificates "$suite" "$root" >"$root.log" 2>&1 ||
    { tail "$root.log" >&2; exit 1; }
  touch "$root.made"
fi
# What this machine trusts and where it finds packages holds there too.
cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
cp /etc/resolv.conf "$root/etc/resolv.conf"
mkdir -p "$root/source"
# The mounts are those of this one command.
exec unshare --mount sh -euc '
  mount --bind -o ro "$PWD" "$1/source" && mount -t proc proc "$1/proc" && mount -t tmpfs tmpfs "$1/tmp"
  cp "$2" "$1/tmp/"
  exec chroot "$1" /usr/bin/env -i PATH=/usr/bin:/bin HOME=/tmp LANG=C.UTF-8 PIP_CERT=/etc/ssl/certs/ca-certificates.crt \
    sh /source/tools/wheel/inside-root.sh /tmp/"$(basename "$2")"
' sh "$root" "$wheel"
