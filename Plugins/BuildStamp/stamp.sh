#!/bin/sh
# stamp.sh PACKAGE FILE: writes into FILE which commit PACKAGE's sources are of, "+" appended when they have changes;
# "unknown" outside a checkout of its own. A FILE that says so already is left alone, so that nothing is compiled anew.
git="git --no-optional-locks -C $1"
commit=unknown
if [ -z "$($git rev-parse --show-cdup 2>&1)" ] && head=$($git rev-parse --short=12 HEAD 2>/dev/null); then
  commit=$head
  [ -z "$($git status --porcelain --untracked-files=no -- Sources Plugins Package.swift)" ] || commit=$head+
fi
text="extension BuildStamp { public static let commit = \"$commit\" }"
[ "$(cat "$2" 2>/dev/null)" = "$text" ] || printf '%s\n' "$text" > "$2"
