#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole `run` without completeness: frames per second, floor, scikit-image; and its memory.

    bench/runtime/run.py SINTERSCOPE [--frames 48] [--repeats 3] [--threads 1,2]   speed
    bench/runtime/run.py SINTERSCOPE --memory 20 400 2000 [--side 1024]            peak memory for so many frames

Frames of 1024 x 1024 px, 16 bit, about 50 particles each, one hold. Times are CPU times of the process (the machine may
be shared) with the first number of threads; runs with the others take turns with it and are compared by the wall clock,
which wants an idle machine. The floor is to read a frame and do one forward and one inverse FFT of it (Pillow, scipy,
float32, one thread). Peak memory is that of the process (ru_maxrss); stacks of more than 100 frames are one file of 100,
named again and again. scikit-image (Debian: python3-skimage) is measured on the same frames where it is installed.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import numpy
import PIL.Image
import scipy.fft

FRAMES_A_FILE = 100  # at most, where only memory is asked for


def scene(frames, side):
    return {
        "schema": "sinterscope/scene/1", "name": "speed", "seed": 5,
        "sample": {"particle": "PdO", "support": "CeO2(100)"},
        "optics": {"width_px": side, "height_px": side, "pixel_size_nm": 0.15}, "support": {"kind": "flat"},
        "detector": {"gain": 2, "offset": 20, "read_noise": 2}, "population": {"c_tot": 0.05},
        "programme": [{"temperature_c": 200, "c_np": 0.032, "mean_diameter_nm": 2.05, "frames": frames}],
        "pipeline": {"stages": {"completeness": {"trials": 0}}},
    }


def simulate(program, folder, frames, side):
    """The pipeline file over frames made for it."""
    folder.mkdir()
    (folder / "scene.json").write_text(json.dumps(scene(frames, side)))
    subprocess.run([program, "simulate", folder / "scene.json", "--out", folder / "data", "--quiet"], check=True,
                   stdout=subprocess.DEVNULL)
    return folder / "data/pipeline.json"


def run(program, pipeline, out, threads):
    """CPU seconds, wall seconds and peak megabytes of one run from nothing."""
    start = time.perf_counter()
    child = subprocess.Popen([program, "run", pipeline, "--out", out, "--threads", str(threads), "--overlays", "0",
                              "--fresh", "--quiet"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    if status != 0:
        sys.exit(f"{program} failed")
    return used.ru_utime + used.ru_stime, time.perf_counter() - start, used.ru_maxrss / 1024


def particles_in(out):
    with open(out / "particles.csv") as table:
        return sum(1 for _ in table) - 1


def memory(program, folder, counts, side):
    """A row of the table for each number of frames."""
    print(f"| frames of {side} x {side} px | particles | peak MB | CPU s |\n| --- | --- | --- | --- |")
    for count in counts:
        pipeline = simulate(program, folder / f"of{count}", min(count, FRAMES_A_FILE), side)
        description = json.loads(pipeline.read_text())
        entry = description["frames"][0]
        description["frames"] = [dict(entry, start_s=k * FRAMES_A_FILE * entry["frame_interval_s"])
                                 for k in range(max(1, count // FRAMES_A_FILE))]
        pipeline.write_text(json.dumps(description))
        cpu, _, peak = run(program, pipeline, folder / "out", 1)
        print(f"| {count} | {particles_in(folder / 'out')} | {peak:.1f} | {cpu:.0f} |", flush=True)


def cpu_per_frame(work, frames):
    start = time.process_time()
    for k in range(frames):
        work(k)
    return (time.process_time() - start) / frames


def peers(pixels, frames, ours):
    """scikit-image on the same frames: finding alone, without drift, sizing or linking."""
    try:
        from skimage import feature, filters, measure, segmentation
    except ImportError:
        print("scikit-image is not installed")
        return

    def blobs(k):
        image = pixels(k)
        feature.blob_log((image - image.min()) / numpy.ptp(image), min_sigma=3, max_sigma=12, num_sigma=10)

    def watershed(k):
        smooth = filters.gaussian(pixels(k), 2)
        mask = smooth > filters.threshold_otsu(smooth)
        measure.regionprops(segmentation.watershed(-smooth, mask=mask))

    for label, work in (("blob_log", blobs), ("Gaussian, threshold, watershed, regionprops", watershed)):
        peer = cpu_per_frame(work, min(frames, 3))
        print(f"scikit-image {label}: {1e3 * peer:.0f} ms CPU a frame, {peer / ours:.1f} x ours")


def speed(program, folder, frames, repeats, threads):
    pipeline = simulate(program, folder / "speed", frames, 1024)
    stack = pipeline.parent / json.loads(pipeline.read_text())["frames"][0]["file"]

    def pixels(k):
        with PIL.Image.open(stack) as image:
            image.seek(k)
            return numpy.asarray(image).astype(numpy.float32)

    floor = statistics.median(
        cpu_per_frame(lambda k: scipy.fft.irfft2(scipy.fft.rfft2(pixels(k))), frames) for _ in range(repeats))
    out = folder / "out"

    def stages():
        timings = json.loads((out / "run.json").read_text())["timings_s"]
        return ", ".join(f"{k} {1e3 * v / frames:.0f}" for k, v in timings.items() if v >= 1e-3 * frames)

    runs = {count: [] for count in threads}
    for count in threads * repeats:
        runs[count].append(run(program, pipeline, out, count))
        if count == threads[0]:
            told = stages()
    cpu = statistics.median(r[0] for r in runs[threads[0]]) / frames
    wall = {count: statistics.median(r[1] for r in runs[count]) for count in threads}
    print(f"{frames} frames, {particles_in(out) / frames:.1f} particles a frame, median of {repeats}, "
          f"load {os.getloadavg()[0]:.1f}")
    print(f"floor          {1e3 * floor:7.1f} ms CPU a frame (read, forward and inverse FFT)")
    print(f"run, threads {threads[0]}  {1e3 * cpu:7.1f} ms CPU a frame = {1 / cpu:.1f} frames/s, {cpu / floor:.1f} floors, "
          f"{runs[threads[0]][0][2]:.0f} MB; wall {1e3 * wall[threads[0]] / frames:.1f} ms a frame")
    for count in threads[1:]:
        print(f"run, threads {count}  {wall[threads[0]] / wall[count]:.2f} x as fast by the wall clock "
              f"({1e3 * wall[count] / frames:.1f} ms a frame), {runs[count][0][2]:.0f} MB")
    print(f"stages (ms wall a frame, threads {threads[0]}): " + told)
    peers(pixels, frames, cpu)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--frames", type=int, default=48)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=lambda text: [int(one) for one in text.split(",")], default=[1, 2])
    parser.add_argument("--memory", type=int, nargs="+")
    parser.add_argument("--side", type=int, default=1024)
    arguments = parser.parse_args()
    program = str(pathlib.Path(arguments.program).resolve())
    with tempfile.TemporaryDirectory() as name:
        if arguments.memory:
            memory(program, pathlib.Path(name), arguments.memory, arguments.side)
        else:
            speed(program, pathlib.Path(name), arguments.frames, arguments.repeats, arguments.threads)


if __name__ == "__main__":
    main()
