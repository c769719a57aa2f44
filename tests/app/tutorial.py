#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""tutorial.py PROGRAM TUTORIAL SAMPLE_DATA OUT: does what docs/tutorial.md says, with its own pipeline file over frames of
sample_data under the names it uses, and looks for every file that it promises."""
import json
import pathlib
import re
import shutil
import subprocess
import sys

program, tutorial, data, out = sys.argv[1:]
program = str(pathlib.Path(program).resolve())
text = pathlib.Path(tutorial).read_text(encoding="utf-8")
folder = pathlib.Path(out)
shutil.rmtree(folder, ignore_errors=True)
folder.mkdir(parents=True)
pipeline = json.loads(re.search(r"```json\n(.*?)```", text, re.S)[1])
(folder / "mine.json").write_text(json.dumps(pipeline))
frames = sorted(pathlib.Path(data).glob("*_cube-1*.tif"))  # the first as prepared, without temperature in its name
for entry in pipeline["frames"]:
    name = entry["file"]
    source = next((f for f in frames if f.stem.endswith(pathlib.Path(name).stem)), frames[0])
    shutil.copy(source, folder / name)

commands = [command for command in re.findall(r"`sinterscope ([^`]*)`", text)
            if command.split()[0] in ("inspect", "run", "report")
            and not {"sim/pipeline.json"} & set(command.split())]
assert len(commands) == 3, commands
for command in commands:
    words = command.replace("stack.tif", pipeline["frames"][0]["file"]).split()
    done = subprocess.run([program, *words], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}\n{done.stderr}"

table = re.search(r"\| file \| what \|\n\|---\|---\|\n((?:\|.*\n)+)", text)[1]
names = [name for row in table.splitlines() for name in re.findall(r"[a-z_]+\.(?:csv|json|tif)\b", row.split("|")[1])]
assert len(names) > 8, names
for name in [*names, "report.html", "overlay", "figures/phase-map.svg"]:
    assert (folder / "out" / name).exists(), f"docs/tutorial.md promises {name}"
print(f"{len(commands)} commands done, {len(names)} files there")
