#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# slurm_batch.sh PROGRAM FOLDER: eight experiments as a job array of four shards on a private Slurm, one task killed and
# requeued while it works; the summary must be that of the local batch, and every result the same. Exit 77 (skipped)
# where Slurm cannot start here.
set -eu
export SINTERSCOPE=$1
folder=$2 here=$(cd "$(dirname "$0")" && pwd)
rm -rf "$folder" && mkdir -p "$folder" && cd "$folder"
slurm=$(mktemp -d /tmp/slurm_XXXXXX)  # sockets and munge want a short path that all may enter
trap '"$here/mini_slurm.sh" stop "$slurm"; rm -rf "$slurm"' EXIT
"$here/mini_slurm.sh" start "$slurm" > start.log 2>&1 || { echo "SKIPPED: $(tail -n 1 start.log)"; exit 77; }
export SLURM_CONF=$slurm/slurm.conf

"$SINTERSCOPE" simulate "$here/small_scene.json" --out data --quiet
# Seven experiments with a seed each and one that must fail; the first of shard 1 is long enough to be killed.
for k in 1 2 3 4 5 6 7; do
  trials=$([ $k = 1 ] && echo 100 || echo 5)
  sed -e "s/\"schema\"/\"seed\": $k, \"schema\"/" -e "s/\"trials\": 5/\"trials\": $trials/" data/pipeline.json \
    > "data/experiment_$k.json"
done
echo '{"schema": "sinterscope/pipeline/1", "frames": [{"file": "gone.tif"}]}' > data/experiment_8.json
ls "$PWD"/data/experiment_*.json > list.txt

submitted=$("$here/../../scripts/slurm/submit" list.txt shards 4 --cpus-per-task=1)
echo "$submitted"
array=$(echo "$submitted" | sed 's/array \([0-9]*\),.*/\1/')
# Task 1 is killed in the middle of its first experiment, not before it has left a stage and not after its end.
until ls shards/experiment_1/.stages/size.* > /dev/null 2>&1; do
  sleep 0.05
  [ $((SECONDS)) -lt 300 ] || { echo "task 1 never came to work"; cat shards/slurm/*.log; exit 1; }
done
[ ! -e shards/experiment_1/run.json ] || { echo "task 1 was too fast to be killed"; exit 1; }
scontrol requeue "${array}_1"
before=$(stat -c %i shards/experiment_1/.stages/size.*)
for _ in $(seq 100); do  # Slurm lets a requeued job wait for minutes
  scontrol update JobId="${array}_1" StartTime=now 2> /dev/null && break
  sleep 0.2
done
"$SINTERSCOPE" batch list.txt --out local --jobs 1 --quiet > local.txt && { echo "the failing experiment passed"; exit 1; }
until [ -z "$(squeue -h)" ]; do
  sleep 0.2
  [ $((SECONDS)) -lt 600 ] || { squeue; echo "the queue does not empty"; exit 1; }
done
[ "$(stat -c %i shards/experiment_1/.stages/size.*)" = "$before" ] || { echo "the requeued task began from nothing"; exit 1; }
sed "s#$PWD/shards#$PWD/local#" shards/batch.csv | cmp - local/batch.csv
cmp shards/batch.html local/batch.html
for k in 1 2 3 4 5 6 7; do
  for file in particles.csv holds.csv fit.json report.html; do cmp "shards/experiment_$k/$file" "local/experiment_$k/$file"; done
done
grep -q 'gone.tif' shards/batch.csv
[ "$(grep -c ',done,' shards/batch.csv)" = 7 ]
