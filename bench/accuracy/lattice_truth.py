#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lattices are heated and cooled, filmed and analysed: which dh does the image give, and what did the lattices have?

  bench/accuracy/lattice_truth.py SINTERSCOPE [--config FILE] [--seeds N] [--keep DIR]

For each seed `kmc` runs the ensemble of FILE (default pipelines/lattice_ramp.json), `simulate` films its repeats side by
side and `run` analyses the film with default options. Beside the result of the film stands what the fit makes of the true
inventories of the same frames (`fit` of a table: clusters of so many atoms that the film's d50 would show them), which
separates errors of the image from those of the model. Prints markdown tables. Standard library only.
"""
import argparse
import csv
import json
import math
import pathlib
import statistics
import subprocess
import tempfile

HERE = pathlib.Path(__file__).resolve().parent


def call(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, command))}: {done.stderr.strip()}")


def table(path):
    with open(path) as rows:
        return list(csv.DictReader(line for line in rows if not line.startswith("#")))


def film(binary, config, seed, folder):
    """kmc, simulate, run. The name of the one series with repeats."""
    call(binary, "kmc", config, "--seed", seed, "--out", folder / "lattice")
    scenes = sorted((folder / "lattice").glob("*.scene.json"))
    if len(scenes) != 1:
        raise SystemExit(f"{config}: needs one series with repeats, has {len(scenes)}")
    call(binary, "simulate", scenes[0], "--out", folder / "film")
    call(binary, "run", folder / "film/pipeline.json", "--out", folder / "out", "--quiet", "--threads", 1)


def true_holds(folder, sites_per_nm2):
    """Of each hold: atoms per site in clusters that the film's d50 would show, and atoms of all."""
    holds, clusters = table(folder / "out/holds.csv"), table(folder / "film/lattice_truth.csv")
    result = []
    for hold in holds:
        sites = float(hold["support_area_nm2"]) * sites_per_nm2
        frames = int(hold["frames"])
        mine = [c for c in clusters if c["hold"] == hold["hold"]]
        seen = [c for c in mine if float(c["diameter_nm"]) >= float(hold["d50_nm"])]
        count = [sum(c["frame"] == frame for c in seen) for frame in {c["frame"] for c in mine}]
        result.append(dict(
            temperature_k=float(hold["temperature_c"]) + 273.15, area=float(hold["support_area_nm2"]),
            c_np=sum(int(c["atoms"]) for c in seen) / frames / sites, c_all=sum(int(c["atoms"]) for c in mine) / frames / sites,
            clusters=sum(count) / frames, image=float(hold["c_np"]), image_se=float(hold["c_np_se"] or 0),
            upper=float(hold["c_np_upper95"] or 0), particles=float(hold["particles_per_frame"])))
    return result


def long_holds(averages):
    """Of the steps at one temperature that follow each other the first: the rest only films its end."""
    return [row for before, row in zip([None] + averages, averages)
            if before is None or before["temperature_k"] != row["temperature_k"]]


def ideal_fit(binary, holds, folder):
    """The fit of the true inventories, as if counted without error but for the number of particles."""
    with open(folder / "true.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["temperature_k", "support_area_nm2", "c_np", "c_np_se", "c_np_upper95"])
        for hold in holds:
            error = hold["c_np"] / math.sqrt(hold["clusters"]) if hold["clusters"] > 0 else ""
            # Nothing seen: three clusters of the film's limit or more would be, with 95 %.
            upper = "" if hold["clusters"] > 0 else max(hold["upper"], 1e-5)
            writer.writerow([hold["temperature_k"], hold["area"], hold["c_np"], error, upper])
    call(binary, "fit", folder / "true.csv", "--out", folder / "true_fit")
    return json.loads((folder / "true_fit/fit.json").read_text())


def interval(value):
    low, high = value["interval95"]
    middle = "-" if value["estimate"] is None else f"{value['estimate']:.3f}"
    return f"{middle} ({'open' if low is None else f'{low:.3f}'} to {'open' if high is None else f'{high:.3f}'})"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--config", type=pathlib.Path, default=HERE.parents[1] / "pipelines/lattice_ramp.json")
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--keep", default="")
    options = parser.parse_args()
    root = pathlib.Path(options.keep or tempfile.mkdtemp())
    by_hold, fits = [], []
    for seed in range(1, options.seeds + 1):
        folder = root / f"{options.config.stem}_{seed}"
        if not (folder / "true_fit/fit.json").exists():
            film(options.binary, options.config, seed, folder)
        fit = json.loads((folder / "out/fit.json").read_text())
        holds = true_holds(folder, 6.8309)  # CeO2(100), the support of the film
        by_hold.append(holds)
        fits.append((seed, fit, ideal_fit(options.binary, holds, folder)))
    runs = table(root / f"{options.config.stem}_1/lattice/holds.csv")
    lattice = long_holds(table(root / f"{options.config.stem}_1/lattice/averages.csv"))
    print("| T/K | c_np of the lattices | of the film | within 95 % | particles of the lattices | of the film | "
          "in the largest cluster | free ad-atoms | c*_ad |\n|---|---|---|---|---|---|---|---|---|")
    for k, average in enumerate(lattice):
        steps = [holds[k] for holds in by_hold]
        inside = sum(abs(s["image"] - s["c_np"]) <= 1.96 * s["image_se"] if s["image_se"] > 0 else s["c_np"] <= s["upper"]
                     for s in steps)
        run = [r for r in runs if r["step"] == average["step"]][0]
        sites, atoms = float(run["side"]) ** 2, float(run["atoms"])
        mean = {key: statistics.mean(s[key] for s in steps) for key in ("c_np", "image", "clusters", "particles")}
        print(f"| {float(average['temperature_k']):.0f} | {mean['c_np']:.4f} | {mean['image']:.4f} | {inside} of {len(steps)} | "
              f"{mean['clusters']:.1f} | {mean['particles']:.1f} | {float(average['largest_atoms']) / atoms:.3f} | "
              f"{float(average['monomers']) / sites:.2e} | {float(run['c_star']):.2e} |")
    run = runs[0]
    print(f"\nThe lattice: dh = {float(run['dh_ground_ev']):.3f} eV per atom at T = 0.\n")
    print("| seed | dh of the film (95 %) | dh of the true inventories (95 %) | c_ad of the film (95 %) | of the lattice | "
          "preferred, of the film |\n|---|---|---|---|---|---|")
    for (seed, fit, ideal), holds in zip(fits, by_hold):
        print(f"| {seed} | {interval(fit['dh_ev'])} | {interval(ideal['dh_ev'])} | {interval(fit['c_ad'])} | "
              f"{holds[0]['c_all']:.4f} | {fit['preferred']} |")


if __name__ == "__main__":
    main()
