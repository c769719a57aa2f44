#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""progress.py PROGRAM SCENE OUT: a line that is redrawn, with rate and remaining time, on a terminal; plain lines
elsewhere; nothing with --quiet."""
import os
import pty
import re
import subprocess
import sys

program, scene, out = sys.argv[1:]


def on_terminal(arguments):
    """What the program shows on a terminal of its own (standard error only)."""
    mine, its = pty.openpty()
    child = subprocess.Popen([program, *arguments], stderr=its, stdout=subprocess.DEVNULL)
    os.close(its)
    shown = b""
    while True:
        try:
            block = os.read(mine, 65536)
        except OSError:  # Linux's end of a terminal whose other side is closed
            break
        if not block:
            break
        shown += block
    assert child.wait() == 0, shown.decode()
    return shown.decode()


subprocess.run([program, "simulate", scene, "--out", out + "/data", "--quiet"], check=True, stdout=subprocess.DEVNULL)
run = ["run", out + "/data/pipeline.json", "--out", out + "/out", "--fresh"]

drawn = on_terminal(run)
assert "\r\x1b[K" in drawn, repr(drawn[:300])
assert re.search(r"\[#+-*\] \d+/\d+ [\d.]+/s", drawn), repr(drawn[-500:])
assert re.search(r"\d+/\d+ [\d.]+/[sh], \d+ s left", drawn), repr(drawn)

plain = subprocess.run([program, *run], capture_output=True, text=True, check=True)
assert "\r" not in plain.stderr and "\x1b" not in plain.stderr + plain.stdout
tasks = [line for line in plain.stderr.splitlines() if not line.startswith("warning: ")]
assert any(re.fullmatch(r"open \(\d+\)", line) for line in tasks), tasks
assert all(re.match(r"[a-z_ ]+(\(kept\) )?(\(\d+\)|\d+/\d+)", line) for line in tasks), tasks
assert re.search(r"^region +hold +T/C", plain.stdout, re.M), plain.stdout

quiet = subprocess.run([program, *run, "--quiet"], capture_output=True, text=True, check=True)
assert [line for line in quiet.stderr.splitlines() if not line.startswith("warning: ")] == [], quiet.stderr
assert quiet.stdout == plain.stdout
