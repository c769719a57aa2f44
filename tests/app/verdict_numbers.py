#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""verdict_numbers.py PROGRAM PIPELINE OUT README: the first-time path. Runs the pipeline, expects what the README
says it prints, and finds every number of the report's verdict in fit.json, each in the place it speaks of; no digit of
the verdict may be left over."""
import html
import json
import re
import subprocess
import sys

NUMBER = r"(-?\d+(?:\.\d+)?(?:e[-+]?\d+)?)"


def same(printed, value):
    """The value rounded to the digits that are printed."""
    mantissa, _, exponent = printed.partition("e")
    step = 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))
    assert abs(float(printed) - value) <= 0.5001 * step, f"the verdict says {printed}, fit.json {value}"


def estimate(groups, entry):
    same(groups[0], entry["estimate"])
    for printed, value in zip(groups[1:], entry["interval95"]):
        same(printed, value)


def same_word(word, promised):
    """Equal, or numbers that differ by less than 2 %: compilers round differently."""
    try:
        return abs(float(word) - float(promised)) <= 0.02 * abs(float(promised))
    except ValueError:
        return word == promised


program, pipeline, out, readme = sys.argv[1:]
printed = subprocess.run([program, "run", pipeline, "--out", out, "--quiet"], check=True, capture_output=True,
                         text=True).stdout
promised = re.search(r"```\n(region +hold.*?)```", open(readme, encoding="utf-8").read(), re.S)[1]
for line, expected in zip(printed.splitlines()[:-1], promised.splitlines()[:-1], strict=True):
    words, expected_words = line.split(), expected.split()
    assert len(words) == len(expected_words) and all(map(same_word, words, expected_words)), \
        f"README.md says\n{expected}\nthe program\n{line}"
fit = json.load(open(out + "/fit.json", encoding="utf-8"))
page = open(out + "/report.html", encoding="utf-8").read()
section = re.search(r'<section[^>]*id="verdict".*?</section>', page, re.S).group(0)
lines = [html.unescape(re.sub(r"<[^>]*>", "", line)).strip()
         for line in re.split(r"</p>|</li>|</h2>|<br>", section)]
lines = [line for line in lines if re.search(r"\d", line)]
notes = [message["text"] for message in fit["messages"]]
seen = set()


def tell(line):
    """Checks one line against its place; the name of the place."""
    if line in notes:
        return "note"
    if line.startswith("dh: enthalpy of a metal atom"):
        return "what the words mean"
    if found := re.fullmatch(rf"dh = {NUMBER} eV \(95 %: {NUMBER} to {NUMBER} eV\)\. The entropy model predicts what "
                             rf"is seen in all (\d+) holds\.", line):
        estimate(found.groups()[:3], fit["dh_ev"])
        assert int(found[4]) == len(fit["holds"]) == sum(hold["agrees"] for hold in fit["holds"])
        return "headline"
    if found := re.fullmatch(rf"c_ad = {NUMBER} atoms per site \(95 %: {NUMBER} to {NUMBER} atoms per site\)", line):
        estimate(found.groups(), fit["c_ad"])
        return "c_ad"
    if found := re.fullmatch(rf"redispersion temperature = {NUMBER} K \(95 %: {NUMBER} to {NUMBER} K\): about {NUMBER} °C",
                             line):
        estimate(found.groups()[:3], fit["redispersion_temperature_k"])
        same(found[4], fit["redispersion_temperature_k"]["estimate"] - 273.15)
        return "temperature"
    if found := re.fullmatch(rf"Rival models: (\w+) is preferred, by {NUMBER} in AICc\.", line):
        assert found[1] == fit["preferred"]
        same(found[2], fit["lead"])
        return "models"
    if found := re.fullmatch(rf"{NUMBER} °C \(region (\S+)\): (redisperses|forms particles) as predicted: "
                             rf"c_ad {NUMBER} ([<>]) c\* {NUMBER}(?: \((\d+) holds\))?", line):
        seen_as = "dispersed" if found[3] == "redisperses" else "particles"
        holds = [hold for hold in fit["holds"] if hold["region"] == found[2] and hold["observed"] == seen_as
                 and abs(hold["temperature_k"] - 273.15 - float(found[1])) < 0.051]
        assert len(holds) == int(found[7] or 1), line
        region = next(region for region in fit["regions"] if region["region"] == found[2])
        same(found[4], region["c_ad"]["estimate"])
        for hold in holds:
            same(found[6], hold["c_star"])
            assert hold["predicted"] == seen_as
            assert (region["c_ad"]["estimate"] < hold["c_star"]) == (found[5] == "<")
        return "hold"
    raise AssertionError(f"nothing in fit.json for: {line}")


for one in lines:
    seen.add(tell(one))
assert {"headline", "c_ad", "temperature", "models", "hold"} <= seen, seen
print(f"{len(lines)} lines of the verdict stand in fit.json")
