#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Joins tables that sizing_accuracy printed with other random numbers into one markdown table.

  for r in 0 1 2 3; do sizing_accuracy 400 own $r > own_$r.txt; done; bench/accuracy/join_repeats.py own_*.txt

Rows of one name become one: numbers of particles add up, bias, coverage and ratios to the bound are means (of squares where
they are root mean squares) weighted by the particles, and errors come from the scatter of the repeats. Standard library only.
"""
import math
import re
import statistics
import sys

COLUMNS = ("n", "failed", "bias", "rms", "of_bound", "cover", "pull")


def rows_of(path):
    with open(path) as lines:
        for line in lines:
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            if len(cells) == 9 and cells[1].isdigit():
                values = (float(re.split(" ±", cell)[0]) if cell else None for cell in cells[1:8])
                # How many were measured by their contour is another number in each repeat.
                yield re.sub(r", \d+ by contour", "", cells[0]), dict(zip(COLUMNS, values))


def mean(rows, key, power=1):
    total = sum(row["n"] for row in rows)
    return (sum(row["n"] * row[key] ** power for row in rows) / total) ** (1 / power)


def scatter(rows, key, digits):
    if len(rows) == 1:
        return ""
    return f" ± {statistics.stdev(row[key] for row in rows) / math.sqrt(len(rows)):.{digits}f}"


def main(paths):
    joined = {}
    for path in paths:
        for name, row in rows_of(path):
            joined.setdefault(name, []).append(row)
    print("| case | n | failed | bias / % | rms / % | rms / CRB | 95 % intervals cover / % | of single repeats / % | pull |\n"
          "|---|---|---|---|---|---|---|---|---|")
    for name, rows in joined.items():
        of_bound = f"{mean(rows, 'of_bound', 2):.2f}" if rows[0]["of_bound"] is not None else ""
        covers = [row["cover"] for row in rows]
        print(f"| {name} | {sum(row['n'] for row in rows):.0f} | {sum(row['failed'] for row in rows):.0f} | "
              f"{mean(rows, 'bias'):+.2f}{scatter(rows, 'bias', 2)} | {mean(rows, 'rms', 2):.2f} | {of_bound} | "
              f"{mean(rows, 'cover'):.1f}{scatter(rows, 'cover', 1)} | {min(covers):.1f} to {max(covers):.1f} | "
              f"{mean(rows, 'pull', 2):.2f} |")


if __name__ == "__main__":
    main(sys.argv[1:])
