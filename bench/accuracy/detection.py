#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Search and completeness against painted truth, defaults only: prints a markdown table.

  bench/accuracy/detection.py SINTERSCOPE [--seeds N] [--first SEED] [--rows A,B] [--keep DIR] [--jobs N]

Each row is a scene of 1024 x 1024 px with edges and texture that `sinterscope simulate` paints with N seeds and
`sinterscope run` analyses with default options. A particle counts as found where a detection lies within half its
diameter (at least 1.5 px), one to one; particles cut by the border of the frame count neither way. The stated d50 and d90 are
those of a hold, so the truth beside them is a particle's, too: found in at least half of the frames that show it. Standard
library only.
"""
import argparse
import concurrent.futures
import csv
import json
import math
import pathlib
import statistics
import subprocess
import tempfile


def scene(detector="SE", pixel_nm=0.15, dose=60, mean_nm=2.05, sd=0.05, density=0.004, empty=2, full=2, support="cubes",
          **optics):
    return {
        "schema": "sinterscope/scene/1", "name": "study", "regions": ["1"],
        "sample": {"particle": "PdO", "support": "CeO2(100)", "shape_factor": 0.5},
        "optics": {"detector": detector, "pixel_size_nm": pixel_nm, "dose_counts": dose, "probe_sigma_nm": 0.25, **optics},
        "support": support if isinstance(support, dict) else {"kind": support}, "drift": {"walk_px": 0.5, "jump_px": 6}, "population": {"c_tot": 0.021},
        "programme": [step for step in (
            {"temperature_c": 500, "start_s": 0, "frames": empty, "number_density_nm2": 0, "mean_diameter_nm": mean_nm},
            {"temperature_c": 200, "start_s": 1000, "frames": full, "number_density_nm2": density,
             "mean_diameter_nm": mean_nm, "sd_ln_d": sd}) if step["frames"]]}


ROWS = {
    "SE, 2.05 nm, 60 counts/px": (scene(), {}),
    "SE, 2.05 nm, 8 counts/px, single frame": (scene(dose=8, empty=1, full=1), {}),
    "SE, 2.05 nm, 8 counts/px, 8 frames": (scene(dose=8, empty=8, full=8), {}),
    "SE, 0.12 nm/px, 1.41 nm, 60 counts/px": (scene(pixel_nm=0.12, mean_nm=1.41, density=0.008), {}),
    "HAADF cubes, 0.9 to 2.4 nm": (scene("HAADF", mean_nm=1.5, sd=0.3, density=0.008, full=4), {}),
    "HAADF oxide, 0.9 to 2.4 nm": (scene("HAADF", mean_nm=1.5, sd=0.3, density=0.008, full=4, support="oxide"), {}),
    "SE oxide, 2.05 nm, 60 counts/px": (scene(support="oxide"), {}),
    "SE flat, 2.05 nm, 60 counts/px": (scene(support="flat"), {}),
    "SE, cubes of 20 to 50 nm tilted up to 25 deg, 2.5 nm, 8 counts/px, 5 frames": (
        scene(dose=8, empty=5, full=5, mean_nm=2.5,
              support={"kind": "cubes", "tilt_max_deg": 25, "edge_min_nm": 20, "edge_max_nm": 50}), {}),
    "SE, 0.25 nm/px, 4 nm, 20 counts/px, 4 frames": (
        scene(dose=20, empty=4, full=4, mean_nm=4, pixel_nm=0.25, density=0.002), {}),
}


def table(path):
    with open(path) as rows:
        return list(csv.DictReader(line for line in rows if not line.startswith("#")))


def analyse(binary, description, folder):
    """Simulates a scene into folder/sim and analyses it with default options into folder/out."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "scene.json").write_text(json.dumps(description))
    for command in ([binary, "simulate", str(folder / "scene.json"), "--out", str(folder / "sim")],
                    [binary, "run", str(folder / "sim/pipeline.json"), "--out", str(folder / "out"), "--quiet", "--fresh",
                     "--threads", "1"]):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"{folder}: {done.stderr.strip()}")


def run(binary, row, seed, root):
    """(truth, found) rows of the two holds and the holds' table of one experiment."""
    folder = root / row.translate(str.maketrans(" ,/", "___")) / str(seed)
    analyse(binary, dict(ROWS[row][0], seed=seed), folder)
    return table(folder / "sim/truth.csv"), table(folder / "out/particles.csv"), table(folder / "out/holds.csv")


def match(truth, found, pixel_nm):
    """Index of the truth that each detection is, or None; nearest pairs first, one to one."""
    pairs = []
    for i, t in enumerate(truth):
        reach = max(0.5 * float(t["diameter_nm"]) / pixel_nm, 1.5)
        for j, f in enumerate(found):
            distance = math.hypot(float(t["x_px"]) - float(f["x_px"]), float(t["y_px"]) - float(f["y_px"]))
            if distance <= reach:
                pairs.append((distance, i, j))
    owner, taken = [None] * len(found), set()
    for _, i, j in sorted(pairs):
        if owner[j] is None and i not in taken:
            owner[j] = i
            taken.add(i)
    return owner


def logistic_d50(outcomes):
    """Diameter at which half of the plateau is found: maximum likelihood of plateau, d50 and width on a grid of
    hundredths of the range of diameters, then of thousandths."""
    low, high = min(d for d, _ in outcomes), max(d for d, _ in outcomes)
    step = (high - low) / 100
    rough = most_likely_d50(outcomes, [low + step * k for k in range(-20, 121)])
    return most_likely_d50(outcomes, [rough + 0.1 * step * k for k in range(-10, 11)])


def most_likely_d50(outcomes, tried):
    best = (-math.inf, math.nan)
    for d50 in tried:
        for width in (0.01, 0.02, 0.035, 0.06, 0.1, 0.16, 0.25):
            shares = [(1.0 / (1.0 + math.exp(-max(-40.0, min(40.0, (d - d50) / width)))), seen) for d, seen in outcomes]
            for plateau in (1.0, 0.99, 0.98, 0.96, 0.94, 0.92, 0.9, 0.85):
                value = sum(math.log(max(plateau * p if seen else 1.0 - plateau * p, 1e-9)) for p, seen in shares)
                best = max(best, (value, d50))
    return best[1]


def score(row, results):
    pixel_nm = ROWS[row][0]["optics"]["pixel_size_nm"]
    hits = missed = false = empty_false = empty_frames = 0
    per_frame, outcomes, above, d50s, d90s = [], [], [], [], []
    for truth, found, holds in results:
        full = int(holds[-1]["hold"])
        d50, d90 = (float(holds[-1][k] or "inf") for k in ("d50_nm", "d90_nm"))
        d50s.append(d50)
        d90s.append(d90)
        stands = {}  # of each particle of the hold, its frames
        for hold in holds:
            first = sum(int(h["frames"]) for h in holds if int(h["hold"]) < int(hold["hold"]))
            for frame in range(first, first + int(hold["frames"])):
                t = [r for r in truth if int(r["frame"]) == frame and r["cut_by_edge"] == "0"]
                cut = [r for r in truth if int(r["frame"]) == frame and r["cut_by_edge"] == "1"]
                f = [r for r in found if int(r["frame"]) == frame]
                f = [r for r, owner in zip(f, match(cut, f, pixel_nm)) if owner is None]
                owner = match(t, f, pixel_nm)
                good = sum(o is not None for o in owner)
                if int(hold["hold"]) != full or not t:
                    empty_frames += 1
                    empty_false += len(f) - good
                    continue
                seen = {o for o in owner if o is not None}
                hits, missed, false = hits + good, missed + len(t) - good, false + len(f) - good
                per_frame.append(2 * good / (len(t) + len(f)))
                for i, one in enumerate(t):
                    stands.setdefault(one["id"], []).append((float(one["diameter_nm"]), i in seen))
        for frames in stands.values():
            d, counted = frames[0][0], 2 * sum(seen for _, seen in frames) >= len(frames)
            outcomes.append((d, counted))
            if d > d90:
                above.append(counted)
    text = (f"| {row} | {statistics.mean(per_frame):.3f} ({min(per_frame):.2f}) | {hits / max(1, hits + missed):.3f} | "
            f"{false / max(1, len(per_frame)):.2f} | {empty_false / max(1, empty_frames):.2f} | "
            f"{statistics.median(d50s):.2f} / {logistic_d50(outcomes):.2f} | {statistics.median(d90s):.2f} | "
            f"{sum(above) / max(1, len(above)):.3f} ({len(above)}) |")
    return text


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first", type=int, default=1, help="first of the seeds")
    parser.add_argument("--jobs", type=int, default=2, help="experiments at a time")
    parser.add_argument("--rows", default="")
    parser.add_argument("--keep", default="")
    options = parser.parse_args()
    root = pathlib.Path(options.keep or tempfile.mkdtemp())
    print("| case | F1 per frame, mean (least) | recall | false per frame | false per empty frame | "
          "d50 stated / true (nm) | d90 stated | recall above d90 |\n|---|---|---|---|---|---|---|---|")
    for index, row in enumerate(ROWS):
        if options.rows and str(index) not in options.rows.split(","):
            continue
        seeds = range(options.first, options.first + options.seeds)
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            results = list(pool.map(lambda seed: run(options.binary, row, seed, root), seeds))
        print(score(row, results), flush=True)


if __name__ == "__main__":
    main()
