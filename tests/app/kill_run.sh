#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# kill_run.sh PROGRAM FOLDER [KILLS [SEED]]: one experiment in one go, and once killed (SIGKILL) KILLS times at random
# moments and started again each time; every output must be the same byte for byte but for the clock in run.json.
# A run that ends before all kills are spent loses its run.json and goes on: the rest falls into the writing.
set -eu
program=$1 folder=$2 kills=${3:-5} RANDOM=${4:-7}
rm -rf "$folder" && mkdir -p "$folder" && cd "$folder"
cat > scene.json << 'END'
{"schema": "sinterscope/scene/1", "name": "small", "seed": 5,
 "sample": {"particle": "PdO", "support": "CeO2(100)"},
 "optics": {"width_px": 192, "height_px": 192, "pixel_size_nm": 0.2}, "support": {"kind": "flat"},
 "detector": {"gain": 2, "offset": 20, "read_noise": 2}, "population": {"c_tot": 0.03},
 "programme": [{"temperature_c": 200, "frames": 3, "c_np": 0.02, "mean_diameter_nm": 2.05},
               {"temperature_c": 500, "start_s": 100, "frames": 3, "c_np": 0.0, "mean_diameter_nm": 2.05},
               {"temperature_c": 200, "start_s": 200, "frames": 3, "c_np": 0.02, "mean_diameter_nm": 1.41}],
 "pipeline": {"stages": {"completeness": {"trials": 30}}}}
END
"$program" simulate scene.json --out data --quiet
"$program" run data/pipeline.json --out whole --quiet > /dev/null

in_stages=0 in_writing=0
for ((k = 0; k < kills; ++k)); do
  [ ! -e killed/run.json ] || rm killed/run.json
  kept=$(ls killed/.stages 2> /dev/null | wc -l)
  "$program" run data/pipeline.json --out killed --quiet > /dev/null 2>> killed.log &
  pid=$!
  # So that kills fall into every stage on any machine: some wait for one more stage to end, all for some moments.
  until [ "$(ls killed/.stages 2> /dev/null | wc -l)" -ge $((kept + k % 2)) ] || ! kill -0 $pid 2> /dev/null; do
    sleep 0.01
  done
  sleep 0.$((RANDOM % 4))$((RANDOM % 10))
  kill -KILL $pid 2> /dev/null || true
  wait $pid 2> /dev/null || true
  if ls killed/.stages/fit.* > /dev/null 2>&1; then in_writing=$((in_writing + 1)); else in_stages=$((in_stages + 1)); fi
done
echo "$in_stages kills before the last stage had ended, $in_writing behind it"
"$program" run data/pipeline.json --out killed --quiet > /dev/null
[ -z "$(find killed -name '*.partial')" ] || { echo "files under temporary names were left"; exit 1; }
diff -r --exclude=run.json --exclude=.lock --exclude=.inputs.json whole killed
without_clock='import json, sys
run = json.load(open(sys.argv[1]))
del run["finished"], run["timings_s"]
print(json.dumps(run, sort_keys=True))'
if command -v python3 > /dev/null; then
  diff <(python3 -c "$without_clock" whole/run.json) <(python3 -c "$without_clock" killed/run.json)
fi
