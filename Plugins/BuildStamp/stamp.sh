#!/bin/sh
# stamp.sh PACKAGE FILE: writes into FILE the last commit of what PACKAGE's programs are built from, "+" appended when that has
# changed since; "unknown" outside a checkout of its own. The same sources give the same stamp, and so the same program. A
# FILE that says so already is left alone, so that nothing is compiled anew.
git="git --no-optional-locks -C $1"
sources="Sources Plugins Package.swift"
commit=unknown
if [ -z "$($git rev-parse --show-cdup 2>&1)" ] \
  && head=$($git log -1 --abbrev=12 --format=%h -- $sources 2>/dev/null) && [ -n "$head" ]; then
  commit=$head
  [ -z "$($git status --porcelain --untracked-files=no -- $sources)" ] || commit=$head+
fi
text="extension BuildStamp { public static let commit = \"$commit\" }"
[ "$(cat "$2" 2>/dev/null)" = "$text" ] || printf '%s\n' "$text" > "$2"
