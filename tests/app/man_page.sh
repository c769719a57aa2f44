#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# man_page.sh PROGRAM: the man page tells of every command and option that --help tells of, and groff has no complaint.
set -eu
page=$("$1" describe-commands --man)
plain=$(sed 's/\\-/-/g' <<< "$page") # without the marks of the hyphens
for command in $("$1" --help | sed -n '/^Subcommands:/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
  grep -q "^\.SS sinterscope $command\$" <<< "$plain" || { echo "no section of $command"; exit 1; }
  for option in $("$1" "$command" --help | grep -oE '^  (-h,)?--[a-z0-9-]+' | grep -oE -- '--[a-z0-9-]+'); do
    sed -n "/^\.SS sinterscope $command\$/,/^\.SS/p" <<< "$plain" | grep -q -- "^.fB$option[ \\]" ||
      { echo "no $option of $command"; exit 1; }
  done
done
command -v groff > /dev/null || { echo "skipped: groff is not installed"; exit 77; }
complaints=$(groff -man -ww -z -Tutf8 <<< "$page" 2>&1)
[ -z "$complaints" ] || { echo "$complaints"; exit 1; }
