#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the fedcoord authors
"""Robustness propagation and adversarial training by some workers, on five kinds of digits.

    FED_DATA=/where/your/data/is Experiments/fedrbn/run.py [--seeds 3] [--only fedrbn,fatbn] [--output DIR] [--check]

Trains in one process on one thread. Reports stay in DIR: an interrupted series goes on. Seed 1 of all rows comes first.
"""
import argparse
import pathlib
import re
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import series  # noqa: E402

WORKERS = 20
# Who trains adversarially: everybody, the first worker of each domain, the four workers of one domain (MNIST).
SETTINGS = {"all": "all", "share": "1-5", "domain": "1,6,11,16"}
WARMUP = 4


def fedrbn(weight, propagation="cosine"):
    return {"strategy": f"{{name: fedrbn, lambda: {weight}, propagation: {propagation}, warmup: {WARMUP}}}"}


# Settings of a run, in which of SETTINGS it is made, and the paper's robust and standard accuracy there.
ROWS = {
    "fedrbn, λ = 1": (fedrbn(1), ["share", "domain"], {"share": "60.6/86.5", "domain": "60.8/83.9"}),
    "fedrbn, λ = 0.5": (fedrbn(0.5), ["all", "share", "domain"],
                        {"all": "62.0/84.9", "share": "55.8/87.3", "domain": "58.5/86.5"}),
    "fedrbn, λ = 0": (fedrbn(0), ["share", "domain"], {"share": "51.0/83.5", "domain": "41.5/80.2"}),
    "fedrbn, λ = 1, uniform": (fedrbn(1, "uniform"), ["domain"], {}),
    "fedrbn, λ = 0.5, uniform": (fedrbn(0.5, "uniform"), ["domain"], {"domain": "51.5/87.2"}),
    "fatbn": ({"strategy": "fatbn"}, ["all", "share", "domain"],
              {"all": "60.0/87.3", "share": "41.2/86.4", "domain": "36.5/86.4"}),
    "fatavg": ({"strategy": "fatavg"}, ["all", "share", "domain"],
               {"all": "58.3/86.1", "share": "42.6/84.6", "domain": "38.4/84.1"}),
    "fatavg, dual batch norm": ({"strategy": "fatavg", "model.normalization": "dual-shared"}, ["all", "share", "domain"],
                                {"all": "60.0/83.8", "share": "48.8/82.8", "domain": "40.2/79.9"}),
    "fatprox": ({"strategy": "fatprox"}, ["all", "share", "domain"],
                {"all": "58.5/86.3", "share": "42.8/84.5", "domain": "38.1/84.1"}),
    "fedrbn, λ = 0.5, ternary up": ({**fedrbn(0.5), "uplink": "{codec: ternary}"}, ["share"], {}),
    "fedrbn, λ = 0.5, sbc-2 up": ({**fedrbn(0.5), "uplink": "{codec: sbc-2}"}, ["share"], {}),
}


def report(name, setting, seed, arguments):
    settings = {**ROWS[name][0], "data.path": arguments.data, "seed": seed}
    return series.simulate(HERE / "digits-5.yaml", WORKERS, arguments.output, settings,
                           extra=["--threads", "1", "--adversarial", SETTINGS[setting]])


def accuracies(report):
    """Robust and standard accuracy in per cent: means over workers, each on examples of its domain."""
    found = report["final"]["personal"]
    return 100 * found["robustAccuracy"], 100 * found["accuracy"]


def cell(name, setting, seeds, arguments):
    if setting not in ROWS[name][1]:
        return "as λ = 0.5" if setting == "all" and name in ("fedrbn, λ = 1", "fedrbn, λ = 0") else ""
    found = [accuracies(report(name, setting, seed, arguments)) for seed in seeds]
    robust, standard = zip(*found)
    spread = f" ({max(robust) - min(robust):.1f}, {max(standard) - min(standard):.1f})" if len(seeds) > 1 else ""
    paper = ROWS[name][2].get(setting)
    return (f"{statistics.mean(robust):.1f}/{statistics.mean(standard):.1f}{spread}"
            + (f" *{paper}*" if paper else ""))


def costs(name, arguments):
    """Multiplications in 10^9 of an epoch over a thousand examples of every worker, in each setting, and those of the kinds."""
    command = [series.PROGRAM, "check", str(HERE / "digits-5.yaml"), "--set", f"data.path={arguments.data}"]
    for key, value in ROWS[name][0].items():
        command += ["--set", f"{key}={value}"]
    text = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    forward = int(re.search(r"(\d+) multiplications", text).group(1))
    kinds = {kind: int(factor) for kind, factor in re.findall(r"(\w+) worker (\d+)", text)}
    other = kinds.get("calibrating", kinds["standard"])
    adversarial = {"all": WORKERS, "share": 5, "domain": 4}
    return kinds, {setting: 1e-6 * forward * (count * kinds["adversarial"] + (WORKERS - count) * other) / WORKERS
                   for setting, count in adversarial.items()}


def row(name, cells):
    print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", default="")
    parser.add_argument("--output", default="/tmp/fedcoord-fedrbn")
    parser.add_argument("--check", action="store_true", help="say what rounds cost only")
    arguments = parser.parse_args()
    arguments.data = series.data_folder("")
    names = [name for name in ROWS if any(part in name for part in arguments.only.split(","))]
    print("multiplications in 10^9 of a worker's epoch over 1000 examples, mean over workers\n")
    row("", list(SETTINGS) + ["of a kind, in multiples of classifying"])
    row("---", ["---"] * (len(SETTINGS) + 1))
    for name in names:
        kinds, found = costs(name, arguments)
        row(name, [f"{found[setting]:.1f}" for setting in SETTINGS] + [", ".join(f"{k} {v}" for k, v in kinds.items())])
    if arguments.check:
        return
    seeds = range(1, arguments.seeds + 1)
    for seed in seeds:
        for setting in ["share", "domain", "all"]:
            for name in names:
                if setting in ROWS[name][1]:
                    begin = time.time()
                    robust, standard = accuracies(report(name, setting, seed, arguments))
                    print(f"seed {seed}, {setting}, {name}: {robust:.1f}/{standard:.1f}, {time.time() - begin:.0f} s",
                          file=sys.stderr, flush=True)
    print(f"\nrobust/standard accuracy in per cent, mean of {len(seeds)} seeds (largest less smallest), *the paper's*\n")
    row("", list(SETTINGS))
    row("---", ["---"] * len(SETTINGS))
    for name in names:
        row(name, [cell(name, setting, seeds, arguments) for setting in SETTINGS])


if __name__ == "__main__":
    main()
