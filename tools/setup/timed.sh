#!/bin/sh
# Runs a command under a heading, and says how long it took.
# usage: timed.sh HEADING COMMAND [ARGUMENTS…]
set -eu

heading=$1
shift
echo "== $heading"
began=$(date +%s)
"$@"
took=$(($(date +%s) - began))
echo "   $heading: $((took / 60)) min $((took % 60)) s"
