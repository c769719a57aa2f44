#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# full_disk.sh PROGRAM FOLDER: a run whose files may not grow beyond a size, as on a full disk: it says so, leaves nothing
# half-written under a final name, and goes on once there is room, to the same bytes as in one go. On a small tmpfs as
# well where this user may mount one.
set -eu
program=$1 folder=$2 here=$(cd "$(dirname "$0")" && pwd)
rm -rf "$folder" && mkdir -p "$folder" && cd "$folder"
"$program" simulate "$here/small_scene.json" --out data --quiet > /dev/null
"$program" run data/pipeline.json --out whole --quiet > /dev/null

fails() { # fails OUT MESSAGE: the run just ended with 1 and this message, and without run.json or pieces
  [ "$code" = 1 ] || { echo "exit code $code"; cat words.txt; exit 1; }
  grep -q "$2" words.txt || { echo "does not say '$2':"; cat words.txt; exit 1; }
  [ ! -e "$1/run.json" ] && [ -z "$(find "$1" -name '*.partial')" ]
}

# In a stage (8 kB: the support's masks), then in the writing (200 kB: the report).
for kilobytes in 8 200; do
  code=0
  (trap '' XFSZ && ulimit -f $kilobytes && "$program" run data/pipeline.json --out small --quiet) > words.txt 2>&1 || code=$?
  fails small "cannot be written: File too large"
  [ $kilobytes = 8 ] || ls small/.stages/fit.* > /dev/null
done
"$program" run data/pipeline.json --out small --quiet > /dev/null
diff -r --exclude=run.json --exclude=.lock --exclude=.inputs.json whole small

mkdir disk
if mount -t tmpfs -o size=300k tmpfs disk 2> /dev/null; then
  trap 'umount "$folder/disk" 2> /dev/null || true' EXIT
  code=0
  "$program" run data/pipeline.json --out disk/out --quiet > words.txt 2>&1 || code=$?
  fails disk/out "No space left on device"
  mount -o remount,size=64m disk
  "$program" run data/pipeline.json --out disk/out --quiet > /dev/null
  diff -r --exclude=run.json --exclude=.lock --exclude=.inputs.json whole disk/out
else
  echo "no tmpfs may be mounted here"
fi
