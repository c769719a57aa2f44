#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole `run` without completeness, in frames per second, against its floor and against scikit-image.

    bench/runtime/run.py SINTERSCOPE [FRAMES [REPEATS]]

Frames of 1024 x 1024 px, 16 bit, about 50 particles each, one hold. Times are CPU times of the process (the machine may
be shared) with one thread; with two threads the wall time is compared, which wants an idle machine. The floor is to
read a frame and do one forward and one inverse FFT of it (Pillow, scipy, float32, one thread). Peak memory is that of the
process. scikit-image (Debian: python3-skimage) is measured on the same frames where it is installed.
"""
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

SCENE = {
    "schema": "sinterscope/scene/1", "name": "speed", "seed": 5,
    "sample": {"particle": "PdO", "support": "CeO2(100)"},
    "optics": {"width_px": 1024, "height_px": 1024, "pixel_size_nm": 0.15}, "support": {"kind": "flat"},
    "detector": {"gain": 2, "offset": 20, "read_noise": 2}, "population": {"c_tot": 0.02},
    "programme": [{"temperature_c": 200, "c_np": 0.009, "mean_diameter_nm": 2.05}],
    "pipeline": {"stages": {"completeness": {"trials": 0}}},
}


def run(program, pipeline, out, threads):
    """CPU seconds, wall seconds and peak megabytes of one run from nothing."""
    start = time.perf_counter()
    child = subprocess.Popen([program, "run", pipeline, "--out", out, "--threads", str(threads), "--overlays", "0",
                              "--fresh", "--quiet"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    if status != 0:
        sys.exit(f"{program} failed")
    return used.ru_utime + used.ru_stime, time.perf_counter() - start, used.ru_maxrss / 1024


def cpu_per_frame(work, frames):
    start = time.process_time()
    for k in range(frames):
        work(k)
    return (time.process_time() - start) / frames


def main():
    program = str(pathlib.Path(sys.argv[1]).resolve())
    frames = int(sys.argv[2]) if len(sys.argv) > 2 else 24
    repeats = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        SCENE["programme"][0]["frames"] = frames
        (folder / "scene.json").write_text(json.dumps(SCENE))
        subprocess.run([program, "simulate", folder / "scene.json", "--out", folder / "data", "--quiet"], check=True,
                       stdout=subprocess.DEVNULL)
        pipeline = folder / "data/pipeline.json"
        stack = folder / "data" / json.loads(pipeline.read_text())["frames"][0]["file"]

        def pixels(k):
            with PIL.Image.open(stack) as image:
                image.seek(k)
                return numpy.asarray(image).astype(numpy.float32)

        floor = statistics.median(
            cpu_per_frame(lambda k: scipy.fft.irfft2(scipy.fft.rfft2(pixels(k))), frames) for _ in range(repeats))
        one = [run(program, pipeline, folder / "out", 1) for _ in range(repeats)]
        two = [run(program, pipeline, folder / "out", 2) for _ in range(repeats)]
        found = (folder / "out/particles.csv").read_text().count("\n") - 1
        timings = json.loads((folder / "out/run.json").read_text())["timings_s"]
        cpu = statistics.median(r[0] for r in one) / frames
        print(f"{frames} frames, {found / frames:.1f} particles a frame, median of {repeats}")
        print(f"floor          {1e3 * floor:7.1f} ms CPU a frame (read, forward and inverse FFT)")
        print(f"run, 1 thread  {1e3 * cpu:7.1f} ms CPU a frame = {1 / cpu:.1f} frames/s, {cpu / floor:.1f} floors, "
              f"{one[0][2]:.0f} MB")
        ratio = statistics.median(r[1] for r in one) / statistics.median(r[1] for r in two)
        print(f"run, 2 threads {ratio:.2f} x as fast by the wall clock")
        print("stages (s wall, 2 threads): " + ", ".join(f"{k} {v:.1f}" for k, v in timings.items() if v >= 0.05))
        try:
            from skimage import feature, filters, measure, segmentation
        except ImportError:
            print("scikit-image is not installed")
            return
        few = min(frames, 3)

        def blobs(k):
            image = pixels(k)
            feature.blob_log((image - image.min()) / numpy.ptp(image), min_sigma=3, max_sigma=12, num_sigma=10)

        def watershed(k):
            smooth = filters.gaussian(pixels(k), 2)
            mask = smooth > filters.threshold_otsu(smooth)
            measure.regionprops(segmentation.watershed(-smooth, mask=mask))

        for label, work in (("blob_log", blobs), ("Gaussian, threshold, watershed, regionprops", watershed)):
            peer = cpu_per_frame(work, few)
            print(f"scikit-image {label}: {1e3 * peer:.0f} ms CPU a frame, {peer / cpu:.1f} x ours")


if __name__ == "__main__":
    main()
