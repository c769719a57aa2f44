#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Does fit.json hold the truth of whole simulated experiments, frames included? Prints a markdown table.

  bench/accuracy/cycle_fit.py SINTERSCOPE [--seeds N] [--first SEED] [--rows A,B] [--keep DIR]

Each experiment is a programme of temperatures on cubes with unequal facets (640 x 640 px of 0.2 nm, two frames a hold)
that `sinterscope simulate` paints and `sinterscope run` analyses with default options. The same region is watched
throughout, so its atoms are conserved, as in a real field of view; the fit takes counts for a random sample and should
cover more often than it says. c_ad of the truth is that of the region, not of the law it was drawn from. Every experiment
is kept as one line of results.csv in DIR, so a study can be continued. Standard library only.
"""
import argparse
import csv
import json
import pathlib
import statistics
import tempfile

from detection import analyse, scene

UP_AND_DOWN = (200, 350, 425, 500, 425, 350, 200)
ROWS = {
    "cycle, -0.16 eV, 0.02": (-0.16, 0.02, UP_AND_DOWN),
    "cycle, -0.25 eV, 0.01": (-0.25, 0.01, UP_AND_DOWN),
    "500 / 200 / 500 C, -0.16 eV, 0.02": (-0.16, 0.02, (500, 200, 500)),
}
FIELDS = ("row", "seed", "dh_low", "dh_high", "dh_median", "c_low", "c_high", "c_true", "agree", "holds", "preferred",
          "branches_p", "goodness_p")


def description(row, seed):
    dh_ev, c_tot, celsius = ROWS[row]
    text = scene(pixel_nm=0.2, width_px=640, height_px=640)
    text.update(
        seed=seed, thermodynamics={"dh_ev": dh_ev},
        population={"c_tot": c_tot, "loading_spread": 0.3, "smallest_nm": 0.9},
        programme=[{"temperature_c": t, "start_s": 1000.0 * k, "frames": 2, "mean_diameter_nm": 2.05, "sd_ln_d": 0.18}
                   for k, t in enumerate(celsius)])
    return text


def experiment(binary, row, seed, root):
    folder = root / f"{list(ROWS).index(row)}_{seed}"
    analyse(binary, description(row, seed), folder)
    fit = json.loads((folder / "out/fit.json").read_text())
    truth = json.loads((folder / "sim/truth.json").read_text())
    curve = fit["curves"]

    def end(key, side, otherwise):
        value = fit[key]["interval95"][side]
        return otherwise if value is None else value

    steps = list(zip(curve["dh_ev"], curve["posterior_density"]))
    total = sum(d for _, d in steps)
    below, median = 0.0, 0.0
    for dh, density in steps:
        below += density
        if below >= 0.5 * total:
            median = dh
            break
    return dict(row=row, seed=seed, dh_low=end("dh_ev", 0, -9.0), dh_high=end("dh_ev", 1, 9.0), dh_median=median,
                c_low=end("c_ad", 0, 0.0), c_high=end("c_ad", 1, 1.0), c_true=truth["steps"][0]["c_tot"],
                agree=sum(hold["agrees"] for hold in fit["holds"]), holds=len(fit["holds"]), preferred=fit["preferred"],
                branches_p=fit["goodness"]["branches"]["p"], goodness_p=fit["goodness"]["p"])


def score(row, lines):
    dh_ev = ROWS[row][0]
    inside = sum(float(one["dh_low"]) <= dh_ev <= float(one["dh_high"]) for one in lines)
    c_inside = sum(float(one["c_low"]) <= float(one["c_true"]) <= float(one["c_high"]) for one in lines)
    both = [one for one in lines if float(one["dh_low"]) > -9 and float(one["dh_high"]) < 9]
    width = statistics.median(float(one["dh_high"]) - float(one["dh_low"]) for one in both) if both else float("nan")
    bias = statistics.mean(float(one["dh_median"]) - dh_ev for one in lines)
    agree = sum(int(one["agree"]) for one in lines) / sum(int(one["holds"]) for one in lines)
    counts = {}
    for one in lines:
        counts[one["preferred"]] = counts.get(one["preferred"], 0) + 1
    preferred = ", ".join(f"{name} {count}" for name, count in sorted(counts.items(), key=lambda pair: -pair[1]))
    alarms = sum(float(one["branches_p"]) < 0.01 or float(one["goodness_p"]) < 0.01 for one in lines)
    return (f"| {row} | {len(lines)} | {inside} | {c_inside} | {len(lines) - len(both)} | {1e3 * bias:+.0f} | "
            f"{1e3 * width:.0f} | {agree:.3f} | {alarms} | {preferred} |")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--seeds", type=int, default=40)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--rows", default="")
    parser.add_argument("--keep", default="")
    options = parser.parse_args()
    root = pathlib.Path(options.keep or tempfile.mkdtemp())
    root.mkdir(parents=True, exist_ok=True)
    results = root / "results.csv"
    done = list(csv.DictReader(results.open())) if results.exists() else []
    with results.open("a", newline="") as file:
        writer = csv.DictWriter(file, FIELDS)
        if not done:
            writer.writeheader()
        for seed in range(options.first, options.first + options.seeds):
            for index, row in enumerate(ROWS):
                if options.rows and str(index) not in options.rows.split(","):
                    continue
                if any(one["row"] == row and int(one["seed"]) == seed for one in done):
                    continue
                done.append(experiment(options.binary, row, seed, root))
                writer.writerow(done[-1])
                file.flush()
    print("| programme | experiments | dh within 95 % | c_ad within 95 % | one-sided or open | bias of median (meV) | "
          "median width (meV) | holds that agree | alarms (branches, fit) | preferred |\n|---|---|---|---|---|---|---|---|---|---|")
    for row in ROWS:
        lines = [one for one in done if one["row"] == row]
        if lines:
            print(score(row, lines))


if __name__ == "__main__":
    main()
