#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Closure: the systems of docs/systems.md painted with other seeds and analysed with default options; prints a markdown
table of what the program said.

  bench/accuracy/closure.py SINTERSCOPE --results FILE [--seeds N] [--first SEED] [--shard I/N] [--pipelines A,B]
  bench/accuracy/closure.py --table FILE...
  bench/accuracy/closure.py SINTERSCOPE --sample A,B      the sample data themselves; exit 1 where a verdict is wrong

Every experiment is a scene of sample_data/scenes with another seed, `sinterscope simulate` and `sinterscope run`. It becomes
one line of FILE, so a study can be continued, and shared out: shard I of N does every N-th seed. --table joins the files.
What counts as the right verdict of each pipeline is the function of its name below; it reads what the program wrote and
nothing else. Atoms per site are known to a factor whose ln has a standard deviation of 0.3 (option calibration_log_sd of the
fit): the shape factor that the analysis is told is wrong by such a factor, drawn for each experiment. Standard library only.
"""
import argparse
import csv
import html
import json
import math
import pathlib
import random
import re
import resource
import statistics
import subprocess
import tempfile

from detection import table

CALIBRATION_LOG_SD = 0.3
SAMPLE_DIAMETER_ERROR = 0.06  # of the mean over the holds of one experiment
SCENES = pathlib.Path(__file__).resolve().parents[2] / "sample_data/scenes"
FIELDS = ("pipeline", "seed", "right", "wrong_because", "preferred", "dh_low", "dh_high", "dh_true", "c_low", "c_high",
          "c_true", "diameter_ratio", "cpu_s")
CLAIM = re.compile(r"as predicted|entropy model predicts|entropy is (strongly )?supported|preferred model: (entropy|partly)")


class Said:
    """What the program said of one experiment, and what was painted into each hold."""

    def __init__(self, out, printed, simulated):
        self.truth = json.loads((simulated / "truth.json").read_text())
        self.painted = {(step["region"], step["hold"]): step for step in self.truth["steps"]}
        self.fit = json.loads((out / "fit.json").read_text())
        self.locality = json.loads((out / "locality.json").read_text())
        self.holds, self.changes = table(out / "holds.csv"), table(out / "size_changes.csv")
        page = (out / "report.html").read_text()
        verdict = re.search(r'<section[^>]*id="verdict".*?</section>', page, re.S)[0]
        self.words = printed + html.unescape(re.sub(r"<[^>]*>", " ", verdict))
        self.codes = {message["code"] for message in self.fit["messages"]}

    def observed(self, celsius):
        return {hold["observed"] for hold in self.fit["holds"] if abs(hold["temperature_k"] - 273.15 - celsius) < 1}

    def rivals(self):
        """Models that cannot be told apart, the preferred one alone where there is one."""
        return set(self.fit["not_excluded"])


def wrong_unless(conditions):
    return "; ".join(name for name, holds in conditions.items() if not holds)


def reversible(said):
    return {"entropy, or nothing but a mixture beside it": "entropy" in said.rivals() <= {"entropy", "partly_reversible"},
            "all holds agree": all(hold["agrees"] for hold in said.fit["holds"]),
            "no alarm": not said.codes & {"branches_disagree", "lack_of_fit", "no_dh_explains_loss"}}


def comes_and_goes(said, cold, hot):
    """A facet that got more than c* keeps a particle when hot: such a hold may be called either."""
    kept = [hold for hold in said.fit["holds"] if abs(hold["temperature_k"] - 273.15 - hot) < 1
            and said.painted[hold["region"], hold["hold"]]["particles_in_view"] > 0]
    said.fit["holds"] = [hold for hold in said.fit["holds"] if hold not in kept]
    return {f"particles at {cold} C": said.observed(cold) == {"particles"},
            f"none at {hot} C": said.observed(hot) == {"dispersed"}, **reversible(said)}


def grown(said):
    """As prepared (hold 0) and in each later hold with particles: told apart at 95 %, in every region."""
    rows = [row for row in said.changes if row["hold_from"] == "0"]
    return {"sizes told apart": {row["region"] for row in rows} == {hold["region"] for hold in said.holds}
            and all(float(row["low95_nm"]) > 0 for row in rows)}


def no_claim(said):
    fit = said.fit
    return {"no claim in words": not CLAIM.search(said.words),
            "no claim in fit.json": fit["preferred"] not in ("entropy", "partly_reversible")
            and fit["dh_ev"]["estimate"] is None and fit["redispersion_temperature_k"]["estimate"] is None}


def pd_ceo2_cycle(said):
    return wrong_unless({**comes_and_goes(said, 200, 500), **grown(said)})


def pd_ceo2_10wt(said):
    hot = [one for one in said.fit["local"] if one["temperature_k"] > 700]
    regions = {size: {one["region"] for one in hot if one["size_class"] == size} for size in ("large", "small")}
    all_regions = {hold["region"] for hold in said.holds}
    words = {one["size_class"]: set() for one in hot}
    for one in hot:
        words[one["size_class"]].add(one["observed"])
    # The large ones of a region may all stand beside edges of facets, where nothing is counted.
    return wrong_unless({"large in most regions": len(regions["large"]) > len(all_regions) / 2,
                         "small in every region": regions["small"] == all_regions,
                         "large stay": words.get("large") == {"particles"},
                         "small vanish": words.get("small") == {"dispersed"},
                         "neighbourhoods agree": all(one["agrees"] for one in said.fit["local"]),
                         "they return away from the large": any(
                             message["code"] == "local_return" and "keep away" in message["text"]
                             for message in said.fit["messages"])})


def ag_tio2(said):
    return wrong_unless({"particles at 25 C": said.observed(25) == {"particles"},
                         "some at 550 C": said.observed(550) == {"particles"},
                         "a part of them": "no_partial_hold" not in said.codes, **reversible(said)})


def cu_tio2(said):
    return wrong_unless(comes_and_goes(said, 25, 500))


def pd_ceo2_co(said):
    return wrong_unless({**comes_and_goes(said, 200, 500), **grown(said)})


def ramp_8(said):
    return wrong_unless({"dh bounded on both sides": said.fit["dh_ev"]["bounded"] == "both", **reversible(said)})


def control_empty(said):
    return wrong_unless({"null or undecided": said.fit["preferred"] in ("null", "undecided"),
                         "nothing seen": all(hold["observed"] == "dispersed" for hold in said.fit["holds"]),
                         "upper limits": all(float(hold["c_np_upper95"] or 0) > 0 for hold in said.holds),
                         "dh open": said.fit["dh_ev"]["bounded"] == "none", **no_claim(said)})


def control_sintering(said):
    return wrong_unless({"sintering": said.fit["preferred"] == "sintering", **no_claim(said)})


def control_irreversible(said):
    return wrong_unless({"irreversible": said.fit["preferred"] == "irreversible", **no_claim(said)})


PIPELINES = {  # verdict, painted model, whether the equilibrium law of the fit is the painted one
    "pd_ceo2_cycle": (pd_ceo2_cycle, "entropy", True),
    "pd_ceo2_10wt": (pd_ceo2_10wt, "entropy", True),
    "ag_tio2": (ag_tio2, "entropy", True),
    "cu_tio2": (cu_tio2, "entropy", True),
    "pd_ceo2_co": (pd_ceo2_co, "entropy", True),
    "ramp_8": (ramp_8, "entropy", True),
    "control_empty": (control_empty, "null", False),
    "control_sintering": (control_sintering, "sintering", True),
    "control_irreversible": (control_irreversible, "irreversible", False),
}


def diameter_ratio(said, out, simulated):
    """Geometric mean over the holds with particles of measured over painted mean diameter; over size classes too where both
    are painted, for the mean of both together is the share of large ones by another name."""
    rows = table(simulated / "truth.csv")
    if not any(row["large"] == "1" for row in rows):
        pairs = [(float(hold["diameter_mean_nm"]), said.painted[hold["region"], int(hold["hold"])]["diameter_mean_nm"])
                 for hold in said.holds if hold["diameter_mean_nm"]]
    else:
        found, there = {}, {}
        for row in table(out / "locality.csv"):
            found.setdefault((row["hold"], row["size_class"]), []).append(float(row["diameter_nm"]))
        for row in rows:
            size = "large" if row["large"] == "1" else "small"
            there.setdefault((row["hold"], size), []).append(float(row["diameter_nm"]))
        pairs = [(statistics.mean(found[key]), statistics.mean(there[key])) for key in found if key in there]
    ratios = [math.log(measured / true) for measured, true in pairs if true]
    return math.exp(statistics.mean(ratios)) if ratios else ""


def painted_total(truth):
    """Metal atoms per site over all regions, without those of large particles: the c_ad that redispersion knows of."""
    last = {step["region"]: step for step in truth["steps"]}
    area = sum(step["support_area_nm2"] for step in last.values())
    return sum(step["c_tot"] * step["support_area_nm2"] for step in last.values()) / area


def call(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


def analyse(binary, pipeline, out, simulated):
    return Said(out, call(binary, "run", str(pipeline), "--out", str(out), "--quiet", "--fresh", "--threads", "1",
                          "--overlays", "0", "--forget-stages"), simulated)


def judge_samples(binary, names):
    """0 where the pipelines as they are committed give the right verdicts and nearly the painted diameters."""
    wrong = 0
    for name in names:
        simulated = SCENES.parent / name
        with tempfile.TemporaryDirectory() as scratch:
            out = pathlib.Path(scratch)
            said = analyse(binary, SCENES.parents[1] / f"pipelines/{name}.json", out, simulated)
            ratio = diameter_ratio(said, out, simulated)
        because = PIPELINES[name][0](said)
        if ratio and abs(ratio - 1.0) > SAMPLE_DIAMETER_ERROR:
            because += f"; mean diameter {100 * (ratio - 1.0):+.1f} %"
        print(f"{name}: {because or 'right'}")
        wrong += bool(because)
    return min(wrong, 1)


def miscalibrate(pipeline, draw):
    text = json.loads(pipeline.read_text())
    error = random.Random(draw).gauss(0.0, 1.0)
    text["sample"]["shape_factor"] *= math.exp(CALIBRATION_LOG_SD * error)
    pipeline.write_text(json.dumps(text))


def experiment(binary, name, seed, folder):
    folder.mkdir(parents=True, exist_ok=True)
    scene = json.loads((SCENES / f"{name}.json").read_text())
    (folder / "scene.json").write_text(json.dumps(dict(scene, seed=seed)))
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    out, simulated = folder / "out", folder / "sim"
    call(binary, "simulate", str(folder / "scene.json"), "--out", str(simulated))
    miscalibrate(simulated / "pipeline.json", f"{name} {seed}")
    said = analyse(binary, simulated / "pipeline.json", out, simulated)
    because = PIPELINES[name][0](said)
    (dh_low, dh_high), (c_low, c_high) = (said.fit[key]["interval95"] for key in ("dh_ev", "c_ad"))
    return dict(pipeline=name, seed=seed, right=int(not because), wrong_because=because, preferred=said.fit["preferred"],
                dh_low=dh_low, dh_high=dh_high, dh_true=said.truth["dh_ev"], c_low=c_low, c_high=c_high,
                c_true=painted_total(said.truth), diameter_ratio=diameter_ratio(said, out, simulated),
                cpu_s=round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before, 1))


def holds_truth(line, quantity):
    """Open ends hold everything."""
    low, high, true = (line[f"{quantity}_{end}"] for end in ("low", "high", "true"))
    return (low == "" or float(low) <= float(true)) and (high == "" or float(true) <= float(high))


def score(name, lines):
    _, painted, equilibrium = PIPELINES[name]
    right = sum(int(line["right"]) for line in lines)

    def covered(quantity):
        if not equilibrium:
            return "–"
        closed = sum(line[f"{quantity}_low"] != "" and line[f"{quantity}_high"] != "" for line in lines)
        return f"{sum(holds_truth(line, quantity) for line in lines)} ({closed})"

    ratios = [float(line["diameter_ratio"]) for line in lines if line["diameter_ratio"]]
    bias = f"{100 * (statistics.mean(ratios) - 1):+.1f}" if ratios else "–"
    counts = {}
    for line in lines:
        counts[line["preferred"]] = counts.get(line["preferred"], 0) + 1
    preferred = ", ".join(f"{model} {count}" for model, count in sorted(counts.items(), key=lambda pair: -pair[1]))
    reasons = sorted({reason for line in lines for reason in line["wrong_because"].split("; ") if reason})
    return (f"| {name} | {len(lines)} | {right} | {bias} | {covered('dh')} | {covered('c')} | "
            f"{counts.get(painted, 0) / len(lines):.2f} of {painted} ({preferred}) | "
            f"{statistics.median(float(line['cpu_s']) for line in lines):.1f} | {', '.join(reasons) or '–'} |")


def print_table(lines):
    print("| pipeline | experiments | right verdict | bias of mean diameter (%) | dh within 95 % (bounded on both sides) | "
          "c_ad within 95 % (bounded) | preferred is the painted | CPU s | what was wrong |\n|---|---|---|---|---|---|---|---|---|")
    for name in PIPELINES:
        own = [line for line in lines if line["pipeline"] == name]
        if own:
            print(score(name, own))


def study(options, results):
    shard, shards = (int(part) for part in options.shard.split("/"))
    done = list(csv.DictReader(results.open())) if results.exists() else []
    known = {(line["pipeline"], int(line["seed"])) for line in done}
    with results.open("a", newline="") as file:
        writer = csv.DictWriter(file, FIELDS)
        if not done:
            writer.writeheader()
        for seed in range(options.first + shard - 1, options.first + options.seeds, shards):
            for name in options.pipelines.split(",") if options.pipelines else PIPELINES:
                if (name, seed) in known:
                    continue
                with tempfile.TemporaryDirectory() as scratch:
                    folder = pathlib.Path(options.keep) / f"{name}_{seed}" if options.keep else pathlib.Path(scratch)
                    writer.writerow(experiment(options.binary, name, seed, folder))
                file.flush()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary", nargs="?")
    parser.add_argument("--results", type=pathlib.Path)
    parser.add_argument("--seeds", type=int, default=40)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--shard", default="1/1")
    parser.add_argument("--pipelines", default="")
    parser.add_argument("--keep", default="", help="folder in which every experiment stays")
    parser.add_argument("--sample", default="")
    parser.add_argument("--table", nargs="+", type=pathlib.Path, default=[])
    options = parser.parse_args()
    if options.sample:
        raise SystemExit(judge_samples(options.binary, options.sample.split(",")))
    if options.binary and options.results:
        study(options, options.results)
    files = options.table or [options.results]
    print_table([line for file in files for line in csv.DictReader(file.open())])


if __name__ == "__main__":
    main()
