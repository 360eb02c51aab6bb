#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the fedcoord authors
"""Runs `fedcoord codec bench` several times and prints the medians beside the aims.

    table.py PROGRAM [--sizes 1M 25M] [--rounds N]

G/s and M/s are 1e9 and 1e6 entries of the update in a second of CPU time, zeros included unless non-zeros are named.
"""

import argparse
import json
import os
import statistics
import subprocess

# Work, codec, figure of the report, aim in entries a second.
AIMS = [
    ("ternary encode, base-3 packing", "ternary:entropy=none", "encodedPerSecond", 1.0e9),
    ("ternary decode-and-fold, base-3 packing", "ternary:entropy=none", "foldedPerSecond", 1.5e9),
    ("ternary encode, entropy stage", "ternary", "encodedPerSecond", 0.25e9),
    ("ternary decode-and-fold, entropy stage", "ternary", "foldedPerSecond", 0.25e9),
    ("SBC p = 0.01 encode", "sbc:density=0.01", "encodedPerSecond", 0.5e9),
    ("SBC p = 0.01 decode-and-fold, non-zeros", "sbc:density=0.01", "foldedNonZerosPerSecond", 100e6),
]

OTHERS = [
    "sbc:density=0.001",
    "stc:density=0.01",
    "top-k:density=0.01",
    "random-k:density=0.01",
    "ternary-sum",
    "uniform:bits=8",
    "uniform:bits=4",
    "uniform:bits=2",
    "dense-float32",
    "dense-float32:entropy=auto",
    "dense-bfloat16",
    "dense-float16",
]


def measure(program: str, size: str, codecs: list[str]) -> dict:
    """One run: the report with its codecs by the name they were asked for."""
    command = [program, "codec", "bench", size, "--rounds", "1", "--json"]
    for codec in codecs:
        command += ["--codec", codec]
    report = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    report["codecs"] = dict(zip(codecs, report["codecs"], strict=True))
    return report


def rate(value: float) -> str:
    return f"{value / 1e9:.2f} G/s" if value >= 0.1e9 else f"{value / 1e6:.1f} M/s"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--sizes", nargs="+", default=["1M", "25M"], help="entries of an update")
    parser.add_argument("--rounds", type=int, default=5, help="runs of the program for each size")
    arguments = parser.parse_args()

    codecs = list(dict.fromkeys(codec for _, codec, _, _ in AIMS)) + OTHERS
    reports: dict[str, list[dict]] = {size: [] for size in arguments.sizes}
    loads = []
    for _ in range(arguments.rounds):
        for size in arguments.sizes:
            reports[size].append(measure(arguments.program, size, codecs))
            loads.append(os.getloadavg()[0])

    def median(size: str, codec: str, figure: str) -> float:
        return statistics.median(report["codecs"][codec][figure] for report in reports[size])

    print(f"medians of {arguments.rounds} runs; load average of the machine {min(loads):.1f} to {max(loads):.1f}\n")
    print("| work | " + " | ".join(arguments.sizes) + " | aim |")
    print("|---|" + "---|" * (len(arguments.sizes) + 1))
    for work, codec, figure, aim in AIMS:
        cells = []
        for size in arguments.sizes:
            value = median(size, codec, figure)
            cells.append(rate(value) if value >= aim else f"**{rate(value)}**")
        print(f"| {work} | " + " | ".join(cells) + f" | {rate(aim)} |")
    copies = [statistics.median(report["copiedPerSecond"] for report in reports[size]) for size in arguments.sizes]
    print("| memcpy of the float32 values | " + " | ".join(map(rate, copies)) + " | |")
    for size in arguments.sizes:
        print(f"\n{size}:\n\n| codec | bits an entry | error | encode | decode-and-fold | non-zeros folded |")
        print("|---|---|---|---|---|---|")
        for codec in codecs:
            first = reports[size][0]["codecs"][codec]
            speeds = ["encodedPerSecond", "foldedPerSecond", "foldedNonZerosPerSecond"]
            print(
                f"| `{codec}` | {first['bitsPerParameter']:.4g} | {first['relativeError']:.4f} | "
                + " | ".join(rate(median(size, codec, speed)) for speed in speeds)
                + " |"
            )


if __name__ == "__main__":
    main()
