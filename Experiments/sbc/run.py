#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the fedcoord authors
"""Sparse binary and sparse ternary compression against dense updates and federated averaging on MNIST.

    FED_DATA=/where/your/data/is Experiments/sbc/run.py [--seeds 3] [--only 4-iid,100-iid,…] [--steps N]
        [--output DIR]

Runs in one process, with the codecs, residuals and sums of a deployment. Reports stay in DIR: an interrupted series goes on.
"""
import argparse
import pathlib
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import series  # noqa: E402

DENSE = "{codec: dense-float32}"
# Local steps between two updates, and how they travel.
METHODS = {
    "dense": (1, {"uplink": DENSE}),
    "fedavg, n = 100": (100, {"uplink": DENSE}),
    "sbc-1": (1, {"uplink.density": 0.001}),
    "sbc-2": (10, {"uplink.density": 0.01}),
    "sbc-3": (100, {"uplink.density": 0.01}),
}
TWO_CLASSES = "{scheme: classes-per-worker, classes: 2}"
# Workers, partition, examples a step, steps altogether; for each method the rate with which seed 1 ended best (README.md), None
# where it takes too long to run; and the paper's accuracy (its LeNet5; table 2 and table 4).
SETTINGS = {
    "4-iid": (4, "{scheme: iid}", 128, 2000, [0.2, 0.2, 0.06, 0.2, 0.2],
              [".9946", ".994 ×500", ".994 ×2071", ".994 ×3166", ".991 ×24935"]),
    "100-iid": (100, "{scheme: iid}", 8, 2000, [0.1, 0.03, 0.1, 0.1, 0.03],
                [".979", ".967 ×100", ".979 ×2363", ".9818 ×3165", ".9536 ×31655"]),
    "100-two-classes": (100, TWO_CLASSES, 8, 2000, [0.3, 0.03, 0.03, 0.1, 0.03],
                        [".9506", ".8592 ×100", ".9522 ×2363", ".9583 ×3165", ".8344 ×31655"]),
    "400-iid": (400, "{scheme: iid}", 2, 2000, [0.1, 0.03, None, 0.06, 0.03],
                [".9758", ".899 ×100", ".9731 ×2363", ".9733 ×3165", ".8919 ×31655"]),
}


def sparse_binary(name, arguments, common):
    workers, partition, batch, steps, rates, paper = SETTINGS[name]
    steps = arguments.steps or steps
    print(f"\n{name}: {workers} workers, {steps:,} steps of {batch} examples each, {arguments.seeds} seeds")
    print("| | rate | accuracy % (spread) | gap to the first | bits per parameter | less upstream than dense, n = 1 | paper |")
    print("|---|---|---|---|---|---|---|")
    base = None  # the first method's mean
    for (method, (delay, settings)), rate, figure in zip(METHODS.items(), rates, paper):
        if method not in arguments.methods.split(";") or rate is None:
            continue
        # Four hundred workers that send every step take ten times as long as all the others.
        seeds = 1 if name == "400-iid" and delay == 1 else arguments.seeds
        reports = [series.simulate(HERE / "mlp.yaml", workers, arguments.output, {
            "training.optimizer.learningRate": rate, **settings, "seed": seed, "data.partition": partition,
            "training.steps": delay, "training.batchSize": batch, "rounds": steps // delay, **common})
            for seed in range(1, seeds + 1)]
        mean, spread = series.accuracies(reports)
        base = mean if base is None else base
        bits = sum(map(series.bits_up, reports)) / len(reports)
        print(f"| {method} | {common.get('training.optimizer.learningRate', rate)} | {mean:.2f} ({spread:.2f}) | {mean - base:+.2f} | {bits:.4f} | ×{32 * delay / bits:,.0f} | "
              f"{figure} |", flush=True)


def sparse_ternary(arguments, common):
    """STC both ways against federated averaging that sends as many bytes, up or altogether, in as many steps."""
    workers, steps = 100, 2000
    print(f"\nstc: {workers} workers with two classes each, half of them in a round, {steps:,} steps, "
          f"{arguments.seeds} seeds")
    print("| | rate | rounds × steps | accuracy % (spread) | MB up | MB down |")
    print("|---|---|---|---|---|---|")

    def megabytes(reports, direction):
        return sum(report["final"][f"{direction}linkBytes"] for report in reports) / len(reports) / 1e6

    def row(label, rate, rounds, settings):
        """Runs of so many rounds, and shows them."""
        reports = [series.simulate(HERE / "stc.yaml", workers, arguments.output, {
            "training.optimizer.learningRate": rate, **settings, "seed": seed, "rounds": rounds,
            "training.steps": steps // rounds, **common}) for seed in range(1, arguments.seeds + 1)]
        mean, spread = series.accuracies(reports)
        print(f"| {label} | {common.get('training.optimizer.learningRate', rate)} | {rounds} × {steps // rounds} "
              f"| {mean:.2f} ({spread:.2f}) | {megabytes(reports, 'up'):.2f} | {megabytes(reports, 'down'):.2f} |", flush=True)
        return reports

    # The rates of 0.03, 0.1, 0.3, 0.5 and 0.8 with which seed 1 ended best.
    dense = {"uplink": DENSE, "downlink": DENSE}
    ternary = row("stc, p = 0.01", 0.8, steps, {})
    # A dense update takes 32 / bits as much: so many times fewer rounds.
    rounds = max(1, round(steps * series.bits_up(ternary[0]) / 32))
    averaged = row("fedavg, equal bytes up", 0.3, rounds, dense)
    # Going down, workers that missed rounds of stc get all steps that they missed.
    both = (megabytes(ternary, "up") + megabytes(ternary, "down")) / (megabytes(averaged, "up") + megabytes(averaged, "down"))
    row("fedavg, equal bytes up and down", 0.3, round(rounds * both), dense)
    row("dense every step", 0.8, steps, dense)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=series.positive, default=3)
    parser.add_argument("--only", type=series.several([*SETTINGS, "stc"]), default=",".join([*SETTINGS, "stc"]))
    parser.add_argument("--methods", type=series.several(METHODS, ";"), default=";".join(METHODS),
                        help="some of them, separated by semicolons")
    parser.add_argument("--steps", type=series.positive, help="in place of a table's own number of steps")
    parser.add_argument("--output", default="/tmp/fedcoord-sbc")
    parser.add_argument("--set", action="append", type=series.setting, default=[], help="key=value for all runs")
    arguments = parser.parse_args()
    series.require_program()
    common = {"data.path": series.data_folder("mnist"), **dict(item.split("=", 1) for item in arguments.set)}
    for name in arguments.only.split(","):
        begin = time.time()
        if name == "stc":
            sparse_ternary(arguments, common)
        else:
            sparse_binary(name, arguments, common)
        print(f"{time.time() - begin:.0f} s, without runs whose reports were there already", flush=True)


if __name__ == "__main__":
    main()
