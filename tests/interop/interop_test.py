# SPDX-License-Identifier: GPL-3.0-or-later
"""interop_test.py TOOL OUTPUT DOCUMENT: runs the block of docs/interop.md for one tool in an output directory, and compares what it
finds with particles.csv. Exit 77, with the reason, where the tool is not installed."""
import csv
import importlib.util
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile

TOOL, OUTPUT, DOCUMENT = sys.argv[1:4]
NM_PER_PIXEL = 0.2
SHAPE = (4, 160, 192)


def block(kind):
    with open(DOCUMENT, encoding="utf-8") as file:
        section = re.search(rf"^## {TOOL}$(.*?)(?=^## |\Z)", file.read(), re.M | re.S).group(1)
    return re.search(rf"```{kind}\n(.*?)```", section, re.S).group(1)


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(77)


def run_block(package):
    if importlib.util.find_spec(package) is None:
        skip(f"this Python has no {package} (Debian: python3-{package})")
    names = {}
    exec(compile(block("python"), f"{DOCUMENT}: {TOOL}", "exec"), names)
    return names


def rows():
    with open("particles.csv") as file:
        return list(csv.DictReader(file))


def near(value, expected, tolerance, what):
    assert abs(float(value) - expected) <= tolerance, f"{what} is {value}, expected {expected} +- {tolerance}"


def check_labels(labels):
    """Inside of each particle stands the number of its track + 1, and nothing stands anywhere else."""
    assert labels.shape == SHAPE, labels.shape
    assert labels.dtype == "uint16", labels.dtype
    seen = {(int(row["frame"]), int(row["track"]) + 1) for row in rows()}
    assert seen == {(f, int(n)) for f in range(SHAPE[0]) for n in set(labels[f].ravel().tolist()) - {0}}
    for row in rows():
        at = int(row["frame"]), round(float(row["y_px"])), round(float(row["x_px"]))
        assert labels[at] == int(row["track"]) + 1, row


# The columns that the interface fixes; more may follow.
PARTICLES = ("frame region hold time_s temperature_c track x_px y_px x_nm y_nm diameter_px diameter_nm diameter_se_nm area_nm2 "
             "contrast snr flags").split()
HOLDS = ("hold region temperature_c start_s end_s frames support_area_nm2 particles_per_frame number_density_nm2 diameter_mean_nm "
         "diameter_mean_se_nm diameter_sd_nm coverage d50_nm d90_nm c_np c_np_se c_np_upper95").split()


def pandas():
    found = run_block("pandas")
    table = found["particles"]
    assert list(table.columns[:len(PARTICLES)]) == PARTICLES, list(table.columns)
    assert list(found["holds"].columns[:len(HOLDS)]) == HOLDS, list(found["holds"].columns)
    assert len(table) == len(rows())
    for name in table.columns:
        if name != "flags":
            assert table[name].dtype.kind in "if", f"column {name} is {table[name].dtype}"
    near(table["diameter_nm"].sum(), sum(float(row["diameter_nm"]) for row in rows()), 1e-9, "sum of diameters")
    assert found["per_frame"].sum() == len(rows())
    assert list(found["holds"]["frames"]) == [SHAPE[0]]


def skimage():
    found = run_block("skimage")
    check_labels(found["labels"])
    by_label = {(f, region.label): region for f, regions in enumerate(found["regions"]) for region in regions}
    for row in rows():
        region = by_label[int(row["frame"]), int(row["track"]) + 1]
        y, x = region.centroid
        # A disk of d px drawn by whole pixels: its centre moves by a fraction of a pixel, its area by less than its outline.
        near(x, float(row["x_px"]), 0.5, "x of the centroid")
        near(y, float(row["y_px"]), 0.5, "y of the centroid")
        d = float(row["diameter_px"])
        near(region.area, math.pi / 4 * d * d, 0.1 * math.pi / 4 * d * d + 3, "area of a label")


def tifffile():
    found = run_block("tifffile")
    check_labels(found["stack"])
    check_labels(found["ome_stack"])
    assert found["unit"] == "nm", found["unit"]
    near(found["nm_per_pixel"], NM_PER_PIXEL, 1e-6, "pixel size")
    assert 'PhysicalSizeX="0.2"' in found["ome"] and 'PhysicalSizeXUnit="nm"' in found["ome"], found["ome"]


def h5py():
    found = run_block("h5py")
    check_labels(found["labels"])
    near(found["nm_per_pixel"], NM_PER_PIXEL, 1e-9, "pixel size")
    assert found["unit"] == "nm"


def hyperspy():
    os.environ["HOME"] = tempfile.mkdtemp()  # HyperSpy writes its preferences there
    found = run_block("hyperspy")
    check_labels(found["labels"].data)
    near(found["x_axis"].scale, NM_PER_PIXEL, 1e-9, "pixel size")
    assert found["x_axis"].units == "nm"
    time = found["labels"].axes_manager["time"]
    assert (time.scale, time.units, time.navigate) == (2.0, "s", True), time
    shutil.rmtree(os.environ["HOME"])


def imagej():
    jar = "/usr/share/java/ij.jar"
    for needed in ("java", "xvfb-run", "xauth"):
        if shutil.which(needed) is None:
            skip(f"{needed} is not installed (Debian: default-jre, xvfb, xauth)")
    if not os.path.exists(jar):
        skip("ImageJ is not installed (Debian: imagej)")
    macro = block("ijm").replace('open("labels.tif")', f'open("{os.getcwd()}/labels.tif")')
    macro = macro.replace('"rois.zip"', f'"{os.getcwd()}/rois.zip"')
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/macro.ijm", "w") as file:
            file.write(macro + 'print(width + "," + unit);\nrun("Quit");\n')
        java = ["xvfb-run", "-a", "java", f"-Duser.home={folder}", "-cp", jar, "ij.ImageJ", "-batch", f"{folder}/macro.ijm"]
        told = subprocess.run(java, capture_output=True, text=True, timeout=120)
    lines = told.stdout.split()  # without a window for its log ImageJ prints there
    assert lines, f"ImageJ said nothing:\n{told.stderr}"
    assert lines[-1] == f"{NM_PER_PIXEL},nm", lines[-1]
    assert len(lines) - 1 == len(rows())
    for line, row in zip(lines, rows()):
        name, kind, frame, x, y, w, largest = line.split(",")
        assert kind == "oval" and name.endswith(f"track{row['track']}"), line
        assert int(frame) == int(row["frame"]) + 1, line
        # ImageJ prints four decimals.
        near(x, float(row["x_px"]) + 0.5, 2e-4, "x")
        near(y, float(row["y_px"]) + 0.5, 2e-4, "y")
        near(w, float(row["diameter_px"]), 2e-4, "diameter")
        assert int(largest) == int(row["track"]) + 1, line


def trackmate():
    found = run_block("xml")
    spots, edges = found["spots"], found["edges"]
    assert len(spots) == len(rows())
    for spot, row in zip(spots.values(), rows()):
        near(spot.get("POSITION_X"), float(row["x_px"]) * NM_PER_PIXEL, 1e-4, "POSITION_X")
        near(spot.get("POSITION_Y"), float(row["y_px"]) * NM_PER_PIXEL, 1e-4, "POSITION_Y")
        near(spot.get("RADIUS"), float(row["diameter_nm"]) / 2, 1e-4, "RADIUS")
        near(spot.get("POSITION_T"), float(row["time_s"]), 1e-6, "POSITION_T")
        assert spot.get("FRAME") == row["frame"]
    track_of = {id: row["track"] for id, row in zip(spots, rows())}
    frames_of = {}
    for row in rows():
        frames_of[row["track"]] = frames_of.get(row["track"], 0) + 1
    # As many edges as a chain through all spots of each track has, each within one track.
    assert len(edges) == sum(n - 1 for n in frames_of.values())
    assert all(track_of[a] == track_of[b] for a, b in edges)
    # What TmXmlReader of TrackMate looks for and does not do without.
    root = __import__("xml.etree.ElementTree").etree.ElementTree.parse("trackmate.xml").getroot()
    for path in ("Model/FeatureDeclarations/SpotFeatures", "Model/FeatureDeclarations/EdgeFeatures",
                 "Model/FeatureDeclarations/TrackFeatures", "Model/AllSpots", "Model/AllTracks", "Model/FilteredTracks",
                 "Settings/ImageData", "Settings/DetectorSettings", "Settings/TrackerSettings", "Settings/InitialSpotFilter",
                 "Settings/SpotFilterCollection", "Settings/TrackFilterCollection", "Settings/AnalyzerCollection/SpotAnalyzers",
                 "Settings/AnalyzerCollection/EdgeAnalyzers", "Settings/AnalyzerCollection/TrackAnalyzers", "GUIState"):
        assert root.find(path) is not None, path
    assert os.path.exists(root.find("Settings/ImageData").get("filename"))
    declared = {feature.get("feature") for feature in root.iter("Feature")}
    assert set(next(iter(spots.values())).keys()) - {"ID", "name"} <= declared


os.chdir(OUTPUT)
assert len(rows()) >= 8, "too few particles to say anything"
{"pandas": pandas, "scikit-image": skimage, "tifffile": tifffile, "h5py": h5py, "HyperSpy": hyperspy, "ImageJ": imagej,
 "TrackMate": trackmate}[TOOL]()
