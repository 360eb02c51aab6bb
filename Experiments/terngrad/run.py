#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the fedcoord authors
"""TernGrad against float32 on MNIST with 2 to 16 workers at a total batch of 64.

    FED_DATA=/where/your/data/is Experiments/terngrad/run.py [--models mlp,lenet] [--workers 2 4 8 16] [--seeds 3] [--output DIR]

Runs in one process on one thread, with the codecs and sums of a deployment. Reports stay in DIR: an interrupted series goes on.
"""
import argparse
import math
import pathlib
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import series  # noqa: E402

WORKERS = [2, 4, 8, 16]
# Read from the paper's chart: momentum, LeNet, total batch 64 (figure 2).
PAPER = {2: 99.22, 4: 99.09, 8: 99.11, 16: 99.26, "float": 99.20}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=series.several(["mlp", "lenet"]), default="mlp,lenet")
    parser.add_argument("--workers", type=int, nargs="+", default=WORKERS, choices=WORKERS)
    parser.add_argument("--seeds", type=series.positive, default=3)
    parser.add_argument("--output", default="/tmp/fedcoord-terngrad")
    parser.add_argument("--set", action="append", type=series.setting, default=[], help="key=value for all runs")
    arguments = parser.parse_args()
    series.require_program()
    common = {"data.path": series.data_folder("mnist"), **dict(item.split("=", 1) for item in arguments.set)}
    for model in arguments.models.split(","):
        run_file = HERE / f"{model}.yaml"
        begin = time.time()

        def runs(workers, settings):
            return [series.simulate(run_file, workers, arguments.output, {
                **common, **settings, "seed": seed, "training.batchSize": 64 // workers}, extra=["--threads", "1"])
                for seed in range(1, arguments.seeds + 1)]

        dense = runs(4, {"uplink": "{codec: dense-float32}", "downlink": "{codec: dense-float32}"})
        mean, spread = series.accuracies(dense)
        parameters, rounds = dense[0]["parameters"], len(dense[0]["rounds"])
        print(f"\n{model}: {parameters:,} parameters, {rounds:,} steps of 64 examples, {arguments.seeds} seeds")
        print("| workers | accuracy % (spread) | gap to float32 | paper's gap (LeNet) | bits up | of log2 3 packed (1.6) "
              "| bits down | log2(2N+1) |")
        print("|---|---|---|---|---|---|---|---|")
        print(f"| float32 | {mean:.2f} ({spread:.2f}) | | | {series.bits_up(dense[0]):.3f} | | "
              f"{series.bits_down(dense[0]):.3f} | |")
        for workers in arguments.workers:
            reports = runs(workers, {})
            own, own_spread = series.accuracies(reports)
            up = sum(map(series.bits_up, reports)) / len(reports)
            down = sum(map(series.bits_down, reports)) / len(reports)
            print(f"| {workers} | {own:.2f} ({own_spread:.2f}) | {own - mean:+.2f} | "
                  f"{PAPER[workers] - PAPER['float']:+.2f} | {up:.3f} | {up / 1.6:.3f} | {down:.3f} | "
                  f"{math.log2(2 * workers + 1):.3f} |", flush=True)
        print(f"{time.time() - begin:.0f} s, without runs whose reports were there already")


if __name__ == "__main__":
    main()
