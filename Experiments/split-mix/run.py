#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the fedcoord authors
"""Split-Mix, HeteroFL and federated averaging at each width on five kinds of digits, and Split-Mix by robustness.

    FED_DATA=/where/your/data/is Experiments/split-mix/run.py [--seeds 3] [--only Split-Mix,robustness] [--output DIR]

Trains in one process on one thread and measures the models afterwards. Runs and measurements stay in DIR: an interrupted
series goes on.
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import series  # noqa: E402

WORKERS = 20
DOMAINS = 5
WIDTHS = ["1/8", "1/4", "1/2", "1"]
# Settings, whether a run is one width only, what its batch norms can normalise by, and the paper's figures.
METHODS = {
    "federated averaging, no budgets": ({}, True, ["averaged", "batch"], [86.1, 87.3, 88.7, 89.6]),
    "HeteroFL": ({"strategy": "heterofl", "model.statistics": "batch"}, False, ["batch"], [86.8, 87.9, 87.0, 81.3]),
    "Split-Mix": ({"strategy": "{name: split-mix, baseWidth: 1/8}"}, False, ["averaged", "batch"],
                  [84.6, 87.5, 89.0, 89.8]),
    "Split-Mix, `favourFirst`": ({"strategy": "{name: split-mix, baseWidth: 1/8, favourFirst: true}"}, False,
                                 ["averaged", "batch"], None),
}


def budgets():
    """Four budgets in ascending quarters of the workers ordered by domain: whole domains are poor, others rich."""
    each = WORKERS // DOMAINS
    ranks = [(worker % DOMAINS) * each + worker // DOMAINS for worker in range(WORKERS)]
    return ",".join(WIDTHS[len(WIDTHS) * rank // WORKERS] for rank in ranks)


def train(method, width, seed, arguments):
    """The report of a run and the folder that holds its model."""
    settings, is_of_one_width, _, _ = METHODS[method]
    settings = {**settings, "data.path": arguments.data, "seed": seed}
    extra = ["--threads", "1"]
    if is_of_one_width:
        settings["model.width"] = width
    else:
        extra += ["--budgets", budgets()]
    run = (HERE / "digits-5.yaml", WORKERS, arguments.output, settings)
    return series.simulate(*run, extra=extra), series.folder(*run, extra=extra)


def accuracy(arguments, model, width, kind, ordered=False):
    """The accuracy in per cent of a cut of a model, whose batch norms normalise by `kind`; measured once."""
    kept = model / f"accuracy-{width.replace('/', '-')}-{kind}{'-ordered' if ordered else ''}.json"
    if not kept.exists():
        data = ["--data", f"digits-5={arguments.data}"]
        file = model / "model.safetensors"
        if ordered:
            subprocess.run([series.PROGRAM, "model", "customize", str(file), *data, "--width", width, "--output",
                            str(model / "ordered.safetensors")], check=True, stdout=subprocess.DEVNULL)
            file = model / "ordered.safetensors"
        command = [series.PROGRAM, "model", "evaluate", str(file), *data, "--statistics", kind, "--width", width,
                   "--format", "json"]
        kept.write_text(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    return 100 * json.loads(kept.read_text())["result"]["accuracy"]


def row(name, cells):
    print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


def cell(values):
    return f"{statistics.mean(values):.1f} ({max(values) - min(values):.1f})"


def compare(method, arguments):
    """One method's rows: trained once for all widths or once for each, measured at every width."""
    _, _, kinds, paper = METHODS[method]
    seeds = range(1, arguments.seeds + 1)
    runs = {(width, seed): train(method, width, seed, arguments) for width in WIDTHS for seed in seeds}
    for kind in kinds:
        row(f"{method}, {'running statistics' if kind == 'averaged' else 'by the batch'}",
            [cell([accuracy(arguments, runs[width, seed][1], width, kind) for seed in seeds]) for width in WIDTHS])
        if method.startswith("Split-Mix"):
            row(f"{method}, best bases first", [
                cell([accuracy(arguments, runs[width, seed][1], width, kind, ordered=True) for seed in seeds])
                for width in WIDTHS])
    if paper:
        row(f"*paper: {method}*", [f"*{value:.1f}*" for value in paper])
    final = runs["1", 1][0]["final"]
    return final["uplinkBytes"] / runs["1", 1][0]["rounds"][-1]["round"] / WORKERS


def robustness(arguments):
    """Trains once for width and robustness, measures both, and draws it."""
    extra = ["--threads", "1", "--budgets", budgets()]
    run = (HERE / "robust.yaml", WORKERS, arguments.output, {"data.path": arguments.data})
    series.simulate(*run, extra=extra)
    subprocess.run([series.PROGRAM, "model", "sweep", str(series.folder(*run, extra=extra)),
                    "--data", f"digits-5={arguments.data}", "--attack", "pgd", "--epsilon", "8/255", "--steps", "20",
                    "--robust-examples", "1000", "--report", str(pathlib.Path(arguments.output) / "robustness.json"),
                    "--picture", str(pathlib.Path(arguments.output) / "robustness.svg")], check=True)


def main():
    parts = ["federated averaging", "HeteroFL", "Split-Mix", "robustness"]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=series.positive, default=3)
    parser.add_argument("--only", type=series.several(parts), default=",".join(parts))
    parser.add_argument("--output", default="/tmp/fedcoord-split-mix")
    arguments = parser.parse_args()
    series.require_program()
    arguments.data = series.data_folder("")
    begin = time.time()
    print(f"accuracy in per cent by width, mean of {arguments.seeds} seeds (largest less smallest)\n")
    row("", WIDTHS)
    row("---", ["---"] * len(WIDTHS))
    bytes_up = {method: compare(method, arguments) for method in METHODS if method.split(",")[0] in arguments.only}
    for method, count in bytes_up.items():
        print(f"{method}: {count / 1e6:.2f} MB up a worker and round")
    if "robustness" in arguments.only:
        robustness(arguments)
    print(f"\n{time.time() - begin:.0f} s, without runs whose reports were there already")


if __name__ == "__main__":
    main()
