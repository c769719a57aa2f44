#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs sinterscope with defaults on real micrographs and scores it against hand-drawn boxes.

  bench/accuracy/real_micrographs.py SINTERSCOPE [DATA] [OUT]

DATA holds haadf_supported/ (images/*.jpg, labels/*.txt: class cx cy w h, relative) and monolayer/ (*.h5). A detection
counts where its centre falls in a box, one to one (maximum matching). Prints a markdown table; does nothing, and says
so, where the folder is absent. Standard library only.
"""
import csv
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile


def analyse(binary, image, out, acquisition=None):
    out.mkdir(parents=True, exist_ok=True)
    pipeline = out / "pipeline.json"
    pipeline.write_text(json.dumps({
        "schema": "sinterscope/pipeline/1", "name": image.stem, "acquisition": acquisition or {},
        "frames": [{"file": str(image.resolve())}]}))
    done = subprocess.run([binary, "run", str(pipeline), "--out", str(out), "--quiet"], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{image}: {done.stderr.strip()}")
    with open(out / "particles.csv") as rows:
        return list(csv.DictReader(rows))


def image_size(out):
    """Width and height from the label stack's first directory (little-endian classic TIFF)."""
    data = (out / "labels.tif").read_bytes()
    at = int.from_bytes(data[4:8], "little")
    sizes = {}
    for k in range(int.from_bytes(data[at:at + 2], "little")):
        entry = data[at + 2 + 12 * k:at + 14 + 12 * k]
        tag, kind = int.from_bytes(entry[:2], "little"), int.from_bytes(entry[2:4], "little")
        sizes[tag] = int.from_bytes(entry[8:8 + (2 if kind == 3 else 4)], "little")
    return sizes[256], sizes[257]


def matched(points, boxes):
    """Size of the largest one-to-one matching of points to boxes that contain them (augmenting paths)."""
    inside = [[j for j, (x, y, w, h) in enumerate(boxes) if abs(px - x) <= w / 2 and abs(py - y) <= h / 2]
              for px, py in points]
    owner = {}

    def place(i, tried):
        for j in inside[i]:
            if j not in tried:
                tried.add(j)
                if j not in owner or place(owner[j], tried):
                    owner[j] = i
                    return True
        return False

    return sum(place(i, set()) for i in range(len(points)))


def score(rows, boxes):
    """How many of the particles fall in a box of their own, and F1."""
    hits = matched([(float(r["x_px"]), float(r["y_px"])) for r in rows], boxes)
    return hits, 2 * hits / (len(rows) + len(boxes))


def main():
    binary = sys.argv[1]
    data = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else pathlib.Path(__file__).parents[3] / "shared/data/real")
    if not (data / "haadf_supported").is_dir():
        print(f"skipped: no micrographs at {data}")
        return
    root = pathlib.Path(sys.argv[3]) if len(sys.argv) > 3 else pathlib.Path(tempfile.mkdtemp())
    sys.setrecursionlimit(10000)
    print("| image | found | boxes | matched | precision | recall | F1 | F1, detector named |\n"
          "|---|---|---|---|---|---|---|---|")
    scores, named = [], []
    for image in sorted((data / "haadf_supported/images").glob("*.jpg")):
        rows = analyse(binary, image, root / image.stem)
        width, height = image_size(root / image.stem)
        boxes = []
        for line in (data / "haadf_supported/labels" / (image.stem + ".txt")).read_text().split("\n"):
            if line.strip():
                _, cx, cy, w, h = map(float, line.split())
                boxes.append((cx * width - 0.5, cy * height - 0.5, w * width, h * height))
        hits, f1 = score(rows, boxes)
        scores.append(f1)
        named.append(score(analyse(binary, image, root / "named" / image.stem, {"detector": "HAADF"}), boxes)[1])
        print(f"| {image.stem} | {len(rows)} | {len(boxes)} | {hits} | {hits / max(1, len(rows)):.2f} | "
              f"{hits / len(boxes):.2f} | {f1:.2f} | {named[-1]:.2f} |", flush=True)
    print(f"| mean | | | | | | {statistics.mean(scores):.3f} | {statistics.mean(named):.3f} |\n")
    print("| monolayer | particles | median diameter (nm) |\n|---|---|---|")
    for image in sorted((data / "monolayer").glob("*.h5")):
        rows = analyse(binary, image, root / image.stem)
        diameters = [float(r["diameter_nm"]) for r in rows if r["diameter_nm"] and "cut_by_edge" not in r["flags"]]
        print(f"| {image.stem} | {len(rows)} | {statistics.median(diameters):.2f} |")
    if (data / "single_atoms").is_dir():
        single_atoms(binary, data / "single_atoms", root)
    if (data / "au_islands").is_dir():
        au_islands(binary, data / "au_islands", root)


def single_atoms(binary, folder, root):
    """Specks at the noise limit against hand coordinates: within 4 px (0.12 nm), one to one."""
    reach = 4.0
    print("\n| single atoms | found | by hand | matched | precision | recall |\n|---|---|---|---|---|---|")
    for table in sorted(folder.glob("*_Results.csv")):
        image = next(folder.glob(table.name.split("_")[0] + "_*.tif"))
        rows = analyse(binary, image, root / image.stem)
        with open(table) as lines:
            hand = [(float(r["X"]), float(r["Y"]), 2 * reach, 2 * reach) for r in csv.DictReader(lines)]
        hits = matched([(float(r["x_px"]), float(r["y_px"])) for r in rows], hand)
        print(f"| {image.stem[:3]} | {len(rows)} | {len(hand)} | {hits} | {hits / max(1, len(rows)):.2f} | "
              f"{hits / len(hand):.2f} |", flush=True)


def au_islands(binary, folder, root):
    """Five frames of one field: the same islands must be found in all."""
    rows = analyse(binary, folder / "03_Scanning Preview_1.ser", root / "au_islands")
    frames = [sum(int(r["frame"]) == k for r in rows) for k in range(5)]
    seen = {}
    for r in rows:
        seen.setdefault(r["track"], set()).add(int(r["frame"]))
    everywhere = sum(len(s) == 5 for s in seen.values())
    print(f"\nAu islands: {frames} particles in the 5 frames, {len(seen)} tracks, {everywhere} of them in all 5.")


if __name__ == "__main__":
    main()
