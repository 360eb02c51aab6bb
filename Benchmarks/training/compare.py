#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the fedcoord authors
"""Compares training-benchmark with PyTorch, case by case and in turn, so that noise hits both.

    compare.py PROGRAM [--seconds S] [--rounds N] [--report FILE] [CASE...]

PROGRAM is the built training-benchmark. Every round measures each side for S CPU-seconds; the table shows medians.
"""

import argparse
import json
import statistics
import subprocess
import time

import torch
import torch_steps

AIMS = {
    "mlp-10": 2.0,
    "mlp-32": 2.0,
    "mlp-128": 1.5,
    "lenet-10": 2.0,
    "lenet-32": 1.5,
    "lenet-128": 1.3,
    "digits-cnn-32": 1.3,
    "digits-cnn-128": 1.3,
    "digits-cnn-eighth-32": 2.0,
    "preact-resnet18-eighth-32": 1.5,
    "digits-cnn-eighth-pgd7-32": 2.0,
}


def measure_ours(program: str, case: str, seconds: float) -> tuple[float | None, dict]:
    command = [program, "--json", "--seconds", str(seconds), case]
    report = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return report["figures"][0].get("imagesPerSecond"), report["machine"]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"of {', '.join(AIMS)}; default all")
    parser.add_argument("--seconds", type=float, default=2.0, help="CPU-seconds a measurement")
    parser.add_argument("--rounds", type=int, default=5, help="measurements of each side")
    parser.add_argument("--report", help="file for the figures as JSON")
    arguments = parser.parse_intermixed_args()
    for case in arguments.cases:
        if case not in AIMS:
            parser.error(f"there is no case {case}")

    torch.set_num_threads(1)
    listed = subprocess.run([arguments.program, "--list"], check=True, stdout=subprocess.PIPE, text=True).stdout.split()
    if listed != list(AIMS) or listed != list(torch_steps.CASES):
        parser.error("training-benchmark, torch_steps.py and compare.py do not have the same cases")

    machine: dict = {}
    results = []
    measured = waited = 0.0
    for case in arguments.cases or AIMS:
        first, machine = measure_ours(arguments.program, case, 0.2)
        if not results:
            print(f"{machine['processor']}; OpenBLAS for {machine['openBLASCore']}, {machine['openBLASThreads']} thread; "
                  f"PyTorch {torch.__version__}, {torch.get_num_threads()} thread")
            print("Images per CPU-second of whole training steps, medians (lowest to highest)\n")
            print(f"{'case':26}{'ours':>24}{'PyTorch':>24}{'ratio':>7}{'aim':>5}{'GFLOP/s':>9}{'of SGEMM':>10}")
        if first is None:
            results.append({"case": case})
            print(f"{case:26}{'not built in':>24}", flush=True)
            continue
        theirs = torch_steps.Measurement(case)
        ours_rates, torch_rates, peaks = [], [], []
        for _ in range(arguments.rounds):
            rate, machine = measure_ours(arguments.program, case, arguments.seconds)
            ours_rates.append(rate)
            peaks.append(machine["sgemmGigaflops"])
            wall, used = time.monotonic(), time.process_time()
            torch_rates.append(theirs.rate(arguments.seconds))
            waited += time.monotonic() - wall
            measured += time.process_time() - used
        ours, pytorch = statistics.median(ours_rates), statistics.median(torch_rates)
        gigaflops = ours * torch_steps.operations(torch_steps.CASES[case]) / 1e9
        results.append({
            "case": case,
            "ours": ours_rates,
            "pytorch": torch_rates,
            "pytorchWay": theirs.way,
            "ratio": ours / pytorch,
            "aim": AIMS[case],
            "gigaflops": gigaflops,
            "sgemmGigaflops": statistics.median(peaks),
        })
        spread = [f"{statistics.median(rates):.0f} ({min(rates):.0f} to {max(rates):.0f})"
                  for rates in (ours_rates, torch_rates)]
        print(f"{case:26}{spread[0]:>24}{spread[1]:>24}{ours / pytorch:>7.2f}{AIMS[case]:>5}{gigaflops:>9.1f}"
              f"{gigaflops / statistics.median(peaks):>10.0%}", flush=True)
    if waited > 1.1 * measured:
        print(f"\nOther programs had the processor {1 - measured / waited:.0%} of the time: measure again when it is idle.")
    if arguments.report:
        with open(arguments.report, "w") as output:
            json.dump({"machine": machine, "pytorch": torch.__version__, "results": results}, output, indent=2)
            output.write("\n")


if __name__ == "__main__":
    main()
