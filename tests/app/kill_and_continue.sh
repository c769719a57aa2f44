#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# kill_and_continue.sh PROGRAM FOLDER: kills a lattice run as soon as it has left a checkpoint, starts it again, and
# compares every result with a run that was left alone.
set -eu
program=$1 folder=$2
rm -rf "$folder" && mkdir -p "$folder" && cd "$folder"
cat > run.json << 'END'
{"schema": "sinterscope/kmc/1", "lattice": {"samples": 256, "snapshots": 8},
 "program": [{"temperature_k": 400, "events": 4e7}], "output": {"checkpoint_s": 0}}
END
"$program" kmc run.json --out whole --quiet
"$program" kmc run.json --out killed --quiet &
pid=$!
for _ in $(seq 2000); do
  [ -e killed/checkpoints/00000.state ] && break
  sleep 0.01
done
kill -KILL $pid
wait $pid || true
[ ! -e killed/run.json ] || { echo "it had already ended"; exit 1; }
[ -e killed/checkpoints/00000.state ] || { echo "no checkpoint was left"; exit 1; }
[ ! -e killed/series.csv ] || { echo "a result stands before the run has ended"; exit 1; }
"$program" kmc run.json --out killed --quiet
[ -e killed/run.json ]
diff -r --exclude=run.json --exclude=.lock --exclude='.*.partial' whole killed
