#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Joint fits of a hold against what was painted: the scenes of sample_data/scenes with other seeds, analysed with defaults.

  bench/accuracy/hold_sizes.py SINTERSCOPE [--scenes A,B] [--seeds N]

Prints a markdown row a scene and kind of fit: single frames, and holds (hold_particles.csv). A particle belongs to the painted
one in whose outline it was found; fits that failed, ended at a bound or are cut by the edge are left out. Standard library only.
"""
import argparse
import collections
import json
import math
import pathlib
import statistics
import subprocess
import tempfile

from detection import table

SCENES = pathlib.Path(__file__).resolve().parents[2] / "sample_data/scenes"
REFUSED = ("fit_failed", "at_bound", "cut_by_edge")

Measured = collections.namedtuple("Measured", "diameter se painted frames")


def usable(row):
    return not any(flag in row["flags"] for flag in REFUSED)


def painted_at(painted, particle):
    """The painted particle within whose outline this one was found, if any."""
    pixel_nm = float(particle["x_nm"]) / float(particle["x_px"])
    for one in painted:
        apart = math.hypot(float(one["x_px"]) - float(particle["x_px"]), float(one["y_px"]) - float(particle["y_px"]))
        if apart * pixel_nm < 0.5 * float(one["diameter_nm"]):
            return one
    return None


def measure(binary, scene, seed, folder):
    """Single frames and holds of one experiment, each with what was painted."""
    settings = json.loads((SCENES / f"{scene}.json").read_text())
    settings["seed"] = seed
    path = folder / "scene.json"
    path.write_text(json.dumps(settings))
    subprocess.run([binary, "simulate", str(path), "--out", str(folder / "sim"), "--threads", "1", "--quiet"], check=True,
                   stdout=subprocess.DEVNULL)
    subprocess.run([binary, "run", str(folder / "sim/pipeline.json"), "--out", str(folder / "out"), "--threads", "1",
                    "--quiet"], check=True, stdout=subprocess.DEVNULL)
    painted = collections.defaultdict(list)
    for one in table(folder / "sim/truth.csv"):
        painted[one["region"], one["hold"], one["frame"]].append(one)
    singles, of_track = [], {}
    for particle in table(folder / "out/particles.csv"):
        one = painted_at(painted[particle["region"], particle["hold"], particle["frame"]], particle)
        if one is None:
            continue
        of_track[particle["region"], particle["hold"], particle["track"]] = float(one["diameter_nm"])
        if usable(particle):
            singles.append(Measured(float(particle["diameter_nm"]), float(particle["diameter_se_nm"]),
                                    float(one["diameter_nm"]), 1))
    holds = []
    for hold in table(folder / "out/hold_particles.csv"):
        diameter = of_track.get((hold["region"], hold["hold"], hold["track"]))
        if diameter and usable(hold):
            holds.append(Measured(float(hold["diameter_nm"]), float(hold["diameter_se_nm"]), diameter, int(hold["frames"])))
    return singles, holds


def row(name, found):
    pulls = [(one.diameter - one.painted) / one.se for one in found]
    errors = [one.diameter / one.painted - 1 for one in found]
    covered = sum(abs(pull) < 1.96 for pull in pulls) / len(pulls)
    return (f"| {name} | {len(found)} | {statistics.mean(one.frames for one in found):.1f} | "
            f"{statistics.median(one.se for one in found):.3f} | {100 * statistics.median(errors):+.1f} | "
            f"{100 * math.sqrt(statistics.mean(e * e for e in errors)):.1f} | {100 * covered:.1f} | "
            f"{math.sqrt(statistics.mean(p * p for p in pulls)):.2f} |")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--scenes", default="pd_ceo2_cycle")
    parser.add_argument("--seeds", type=int, default=4)
    asked = parser.parse_args()
    print("| scene, fit | n | frames | median stated error / nm | median error / % | rms / % | 95 % intervals cover / % | pull |\n"
          "|---|---|---|---|---|---|---|---|")
    for scene in asked.scenes.split(","):
        singles, holds = [], []
        for seed in range(1001, 1001 + asked.seeds):
            with tempfile.TemporaryDirectory() as folder:
                one, joint = measure(asked.binary, scene, seed, pathlib.Path(folder))
                singles += one
                holds += joint
        print(row(f"{scene}, single frames", singles), flush=True)
        print(row(f"{scene}, holds", holds), flush=True)


if __name__ == "__main__":
    main()
