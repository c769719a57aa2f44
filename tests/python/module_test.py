# SPDX-License-Identifier: GPL-3.0-or-later
"""The Python module on NumPy arrays. SINTERSCOPE_PROGRAM and SINTERSCOPE_SOURCE name the program and the source tree."""
import contextlib
import csv
import io
import json
import os
import pathlib
import re
import struct
import subprocess
import tempfile
import threading
import unittest
import warnings
import zlib

import numpy as np

import sinterscope

SOURCE = pathlib.Path(os.environ["SINTERSCOPE_SOURCE"])
PROGRAM = os.environ["SINTERSCOPE_PROGRAM"]
CYCLE = SOURCE / "sample_data" / "pd_ceo2_cycle"


def png16(pixels):
    """A grey PNG of 16 bits, written by hand."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    header = struct.pack(">IIBBBBB", pixels.shape[1], pixels.shape[0], 16, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def truth_of(region, hold):
    with open(CYCLE / "truth.csv") as file:
        rows = [row for row in csv.DictReader(file) if row["region"] == region and int(row["hold"]) == hold]
    first = min(int(row["frame"]) for row in rows)
    return [(int(row["frame"]) - first, float(row["x_px"]), float(row["y_px"]), float(row["diameter_nm"]), row["id"])
            for row in rows]


def matched(particles, truth, reach_px=3.0):
    """Pairs (particle, row of truth) of one frame that lie within reach of each other."""
    for particle in particles:
        for row in truth:
            if row[0] == particle["frame"] and np.hypot(row[1] - particle["x_px"], row[2] - particle["y_px"]) < reach_px:
                yield particle, row


class OpenFrames(unittest.TestCase):
    def test_gives_the_pixels_of_the_file_in_their_own_type(self):
        pixels = np.random.default_rng(1).integers(0, 65536, (2, 40, 50), dtype=np.uint16)
        with tempfile.TemporaryDirectory() as folder:
            for i in range(2):
                pathlib.Path(folder, f"img{i}.png").write_bytes(png16(pixels[i]))
            frames = sinterscope.open_frames(folder)
            self.assertEqual((len(frames), frames.shape), (2, (2, 40, 50)))
            self.assertEqual(frames[0].dtype, np.uint16)
            np.testing.assert_array_equal(np.asarray(frames), pixels)
            np.testing.assert_array_equal(frames[-1], pixels[1])
            self.assertEqual(len(list(frames)), 2)
            self.assertEqual(np.asarray(frames, dtype=np.float32).dtype, np.float32)
            self.assertIsNone(frames.pixel_size_nm)
            with self.assertRaises(IndexError):
                frames[2]

    def test_says_what_the_file_says(self):
        frames = sinterscope.open_frames(CYCLE / "02_cube-1_200C.tif")
        self.assertAlmostEqual(frames.pixel_size_nm, 0.2, 6)
        self.assertEqual(frames.format, "TIFF")
        self.assertIn("600 x 600", repr(frames))

    def test_fails_with_the_text_of_the_program(self):
        told = subprocess.run([PROGRAM, "inspect", "nowhere.tif"], capture_output=True, text=True).stderr
        with self.assertRaises(sinterscope.Error) as caught:
            sinterscope.open_frames("nowhere.tif")
        self.assertEqual(f"sinterscope: {caught.exception}\n", told)
        self.assertIsInstance(caught.exception, RuntimeError)


class FindParticles(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.frames = sinterscope.open_frames(CYCLE / "02_cube-1_200C.tif")
        cls.pixels = np.asarray(cls.frames)
        cls.found = sinterscope.find_particles(cls.frames, detector="SE", temperature_K=473.15)
        cls.truth = truth_of("cube-1", 2)

    def test_recovers_the_truth_within_its_errors(self):
        # 8 particles in 3 frames; a pull is standard normal, so the mean square of two dozen of them lies below 2.5 but for
        # one time in 10,000 (chi-square of 24).
        pairs = list(matched(self.found.particles, self.truth))
        self.assertGreaterEqual(len(pairs), 20)
        self.assertGreaterEqual(len(pairs), 0.95 * len(self.found.particles))
        pull = [(p["diameter_px"] * 0.2 - row[3]) / (0.2 * p["diameter_se_px"]) for p, row in pairs]
        self.assertLess(np.mean(np.square(pull)), 2.5)
        self.assertEqual(self.found.pixel_size_nm, self.frames.pixel_size_nm)
        self.assertEqual(self.found.drift.shape, (3, 3))

    def test_is_the_same_for_any_type_and_memory_order(self):
        wide = np.zeros((3, 600, 1200), np.uint16)
        wide[:, :, ::2] = self.pixels
        kinds = {"float32": self.pixels.astype(np.float32), "big-endian": self.pixels.astype(">u2"),
                 "uint32": self.pixels.astype(np.uint32), "Fortran order": np.asfortranarray(self.pixels),
                 "every second column": wide[:, :, ::2]}
        for name, array in kinds.items():
            with self.subTest(name):
                again = sinterscope.find_particles(array, detector="SE", temperature_K=473.15)
                np.testing.assert_array_equal(again.particles, self.found.particles)
                np.testing.assert_array_equal(array, self.pixels)  # and nothing was written into it

    def test_releases_the_lock_of_python(self):
        done = threading.Event()
        thread = threading.Thread(target=lambda: (sinterscope.find_particles(self.pixels, detector="SE"), done.set()))
        thread.start()
        steps = 0
        while not done.wait(0.005):
            steps += 1
        thread.join()
        # With the lock held this thread would wake up once, at the end.
        self.assertGreater(steps, 10)

    def test_takes_options_as_the_pipeline_file_does(self):
        fewer = sinterscope.find_particles(self.pixels[:1], detector="SE", threads=1,
                                           options={"detect": {"smallest_diameter_px": 40.0}, "register": {}})
        self.assertLess(len(fewer.particles), np.sum(self.found.particles["frame"] == 0))
        with self.assertRaisesRegex(sinterscope.UsageError, "did you mean 'detect'"):
            sinterscope.find_particles(self.pixels, options={"detct": {}})
        with self.assertRaisesRegex(sinterscope.UsageError, "^options: Object of type set is not JSON serializable$"):
            sinterscope.find_particles(self.pixels, options={"detect": {1, 2}})
        with self.assertRaisesRegex(ValueError, "false_per_frame"):
            sinterscope.find_particles(self.pixels, options={"detect": {"false_per_frame": -1}})

    def test_refuses_what_is_no_frame(self):
        holes = np.ones((64, 64))
        holes[3, 4] = np.nan
        masked = np.ma.masked_array(np.ones((64, 64)), holes != holes)
        for frames, kind, text in [(np.ones(9), sinterscope.UsageError, "1 axes"),
                                   (np.ones((0, 64, 64)), sinterscope.UsageError, "empty"),
                                   (np.ones((64, 64), complex), TypeError, "complex128"),
                                   ("movie.tif", TypeError, "real numbers"),
                                   (masked, TypeError, "masked"),
                                   (np.ones((8, 8)), sinterscope.Error, "too small"),
                                   (holes, sinterscope.Error, "frame 0 has pixels that are not finite")]:
            with self.subTest(text), self.assertRaisesRegex(kind, text):
                sinterscope.find_particles(frames)
        with self.assertRaisesRegex(sinterscope.UsageError, "2 values in 1 axes for 3 frames"):
            sinterscope.find_particles(self.pixels, temperature_K=[473.0, 473.0])

    def test_warns_in_pythons_way(self):
        empty = np.random.default_rng(3).normal(100.0, 3.0, (2, 128, 128)).astype(np.float32)
        empty[:, :, :] = np.where(empty > 104.0, 104.0, empty)  # a clipped detector
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            sinterscope.find_particles(empty, options={"noise": {"saturation": 104.0}})
        self.assertTrue(any("clipped" in str(one.message) for one in told))


class Link(unittest.TestCase):
    def test_follows_each_particle_of_the_truth(self):
        truth = truth_of("cube-1", 2)
        table = {"frame": [row[0] for row in truth], "x_px": [row[1] for row in truth], "y_px": [row[2] for row in truth],
                 "diameter_px": [row[3] / 0.2 for row in truth]}
        drift = np.array([[x - table["x_px"][0], y - table["y_px"][0], 0.02]
                          for frame in range(3) for (f, x, y, _, id) in truth if f == frame and id == truth[0][4]])
        for name in "x", "y":  # specimen = raw - drift
            shift = drift[:, 0 if name == "x" else 1]
            table[f"{name}_specimen_px"] = np.array(table[f"{name}_px"]) - shift[table["frame"]]
        linked = sinterscope.link(table, (3, 600, 600), drift=drift)
        ids = np.array([row[4] for row in truth])
        for track in linked.tracks:
            self.assertEqual(len(set(ids[linked.particles["track"] == track["track"]])), 1)
        self.assertEqual(len(linked.tracks), len(set(ids)))
        np.testing.assert_array_equal(linked.particles["x_px"], table["x_px"])

    def test_starts_a_new_track_after_a_hold_without_particles(self):
        table = {"frame": [0, 1, 4, 5], "x_px": [20.0] * 4, "y_px": [30.0] * 4, "diameter_px": [8.0] * 4}
        linked = sinterscope.link(table, (6, 64, 64), temperature_K=[473, 473, 773, 773, 473, 473])
        self.assertEqual(list(linked.particles["hold"]), [0, 0, 2, 2])
        self.assertEqual(list(linked.tracks["previous_at_site"]), [-1, 0])

    def test_refuses_tables_that_cannot_be(self):
        table = {"frame": [9], "x_px": [1.0], "y_px": [2.0], "diameter_px": [3.0]}
        for change, kwargs, kind, text in [({}, {}, sinterscope.Error, "frame 9 is not one of the 3 frames"),
                                           ({"frame": [0], "diameter_px": [-3.0]}, {}, sinterscope.Error, "diameter"),
                                           ({}, {"options": {"gate": 1}}, sinterscope.UsageError, "gate"),
                                           ({}, {"drift": [[0, 0]]}, sinterscope.UsageError, "drift")]:
            with self.subTest(text), self.assertRaisesRegex(kind, text):
                sinterscope.link({**table, **change}, (3, 64, 64), **kwargs)
        del table["y_px"]
        with self.assertRaisesRegex(sinterscope.UsageError, "no column 'y_px'"):
            sinterscope.link(table, (3, 64, 64))


class FitEntropyModel(unittest.TestCase):
    def test_is_the_fit_of_the_program(self):
        kelvin = [773.15, 473.15, 773.15, 473.15]
        rng = np.random.default_rng(7)
        diameters = [[], rng.normal(2.0, 0.15, 10), [], rng.normal(2.0, 0.15, 9)]
        result = sinterscope.fit_entropy_model(kelvin, 3600.0, diameters, d50_nm=1.1, d90_nm=1.4)
        with tempfile.TemporaryDirectory() as folder:
            holds, particles = pathlib.Path(folder, "holds.csv"), pathlib.Path(folder, "particles.csv")
            holds.write_text("temperature_k,support_area_nm2,d50_nm,d90_nm\n" +
                             "".join(f"{t},3600,1.1,1.4\n" for t in kelvin))
            particles.write_text("hold,diameter_nm\n" + "".join(f"{i},{float(d)!r}\n" for i, hold in enumerate(diameters)
                                                                for d in hold))
            subprocess.run([PROGRAM, "fit", holds, "--particles", particles, "--out", folder], check=True,
                           capture_output=True)
            told = json.loads(pathlib.Path(folder, "fit.json").read_text())
        self.assertEqual(result, told)
        self.assertEqual([hold["observed"] for hold in result["holds"]], ["dispersed", "particles"] * 2)

    def test_refuses_arrays_that_do_not_fit(self):
        for arguments, kind, text in [(([473.0], 10.0, [[], []]), sinterscope.UsageError, "2 entries for 1 holds"),
                                      (([473.0], [1.0, 2.0], [[]]), sinterscope.UsageError, "support_area_nm2"),
                                      (([473.0], 0.0, [[]]), sinterscope.Error, "support area"),
                                      (([473.0], 10.0, [[-1.0]]), sinterscope.Error, "diameter"),
                                      (([473.0], 10.0, [["two"]]), TypeError, "diameters_nm")]:
            with self.subTest(text), self.assertRaisesRegex(kind, text):
                sinterscope.fit_entropy_model(*arguments, d50_nm=1.0, d90_nm=1.3)
        with self.assertRaisesRegex(sinterscope.UsageError, "d90_nm"):
            sinterscope.fit_entropy_model([473.0], 10.0, [[]], d50_nm=1.0, d90_nm=0.9)
        with self.assertRaisesRegex(sinterscope.UsageError, "did you mean 'PdO'"):
            sinterscope.fit_entropy_model([473.0], 10.0, [[]], d50_nm=1.0, d90_nm=1.3,
                                          sample={"particle": "PdOO", "support": "CeO2(100)"})


class CriticalConcentration(unittest.TestCase):
    def test_has_the_published_value(self):
        self.assertAlmostEqual(sinterscope.critical_concentration(-0.16, 773.0), 0.0322, 4)

    def test_broadcasts(self):
        c = sinterscope.critical_concentration([-0.16, -0.1, -0.05], np.float32([[473.0], [773.0]]))
        self.assertEqual(c.shape, (2, 3))
        self.assertTrue(np.all(np.diff(c, axis=0) > 0) and np.all(np.diff(c, axis=1) > 0))

    def test_refuses_what_is_no_temperature(self):
        for kelvin in (0.0, -3.0, np.nan, np.inf):
            with self.assertRaisesRegex(sinterscope.UsageError, "temperature_K"):
                sinterscope.critical_concentration(-0.16, [773.0, kelvin])


class Help(unittest.TestCase):
    def test_tells_what_comes_back_and_what_is_raised(self):
        for name in ("open_frames", "find_particles", "link", "fit_entropy_model", "critical_concentration"):
            text = getattr(sinterscope, name).__doc__
            self.assertIn("eturns", text, name)
            self.assertIn("UsageError", text, name)
        told = subprocess.run([PROGRAM, "--version"], capture_output=True, text=True).stdout
        self.assertEqual(sinterscope.__version__, told.strip())

    def test_has_an_example_that_runs(self):
        text = (SOURCE / "docs" / "install.md").read_text(encoding="utf-8")
        before = os.getcwd()
        os.chdir(SOURCE)
        try:
            names = {}
            with contextlib.redirect_stdout(io.StringIO()) as printed:
                exec(re.search(r"```python\n(.*?)```", text, re.S).group(1), names)
        finally:
            os.chdir(before)
        self.assertEqual(names["fit"]["holds"][1]["detected"], len(names["linked"].tracks))
        self.assertIn("0.0322", printed.getvalue())


if __name__ == "__main__":
    unittest.main()
