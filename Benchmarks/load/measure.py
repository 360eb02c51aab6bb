#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the fedcoord authors
"""Time and memory of a coordinator with many workers, and its memory over many rounds."""
import argparse
import json
import pathlib
import statistics
import subprocess
import tempfile
import time

COORDINATOR = ".build/release/fedcoord"
CROWD = "Benchmarks/.build/release/load"


def run(workers, parameters, samples, settings):
    """What the crowd measured, and the coordinator's report."""
    with tempfile.TemporaryDirectory() as folder:
        federation, report = f"{folder}/federation", f"{folder}/report.json"
        subprocess.run([COORDINATOR, "init", federation, "--host", "127.0.0.1", "--listen", "127.0.0.1", "--port", "0",
                        "--enrolment-port", "0"], check=True, stdout=subprocess.DEVNULL)
        command = [COORDINATOR, "serve", "Benchmarks/load/run.yaml", "--directory", federation, "--report", report]
        for key, value in {**settings, "cohort.minimumWorkers": workers}.items():
            command += ["--set", f"{key}={value}"]
        with open(f"{folder}/log", "w") as log:
            coordinator = subprocess.Popen(command, stdout=log, stderr=log)
            try:
                while not pathlib.Path(f"{federation}/listening.json").exists():
                    if coordinator.poll() is not None:
                        raise SystemExit(pathlib.Path(f"{folder}/log").read_text())
                    time.sleep(0.05)
                crowd = subprocess.run([CROWD, federation, str(workers), str(parameters), str(samples)],
                                       stdout=subprocess.PIPE, check=True, text=True)
                coordinator.wait(60)
            finally:
                coordinator.kill()
        return json.loads(crowd.stdout), json.loads(pathlib.Path(report).read_text())


def crowds(sizes, senders):
    print(f"| connected workers | seconds to connect | coordinator, MB | KB a connection | median round of {senders:,} × 102 KB, s "
          "| slowest | peak, MB |")
    print("|---|---|---|---|---|---|---|")
    for size in sizes:
        crowd, report = run(size, 25_510, 1_000_000, {"cohort.fraction": min(1, senders / size)})
        seconds = [entry["seconds"] for entry in report["rounds"]]
        connection = (crowd["bytesConnected"] - crowd["bytesBefore"]) / (size - 1) / 1e3
        print(f'| {size:,} | {crowd["secondsToConnect"]:.1f} | {crowd["bytesConnected"] / 1e6:.0f} | {connection:.1f} | '
              f'{statistics.median(seconds):.2f} | {max(seconds):.2f} | {report["final"]["peakResidentBytes"] / 1e6:.0f} |',
              flush=True)


def soak(rounds):
    begin = time.time()
    crowd, report = run(4, 650, max(1, rounds // 10), {"rounds": rounds, "model.hidden": "[]"})
    memory = {int(number): value / 1e6 for number, value in crowd["bytesAtRound"].items()}
    print(f"\nfour workers, {rounds:,} rounds of 650 parameters in {time.time() - begin:.0f} s, median "
          f'{statistics.median(entry["seconds"] for entry in report["rounds"]) * 1e3:.1f} ms; coordinator, MB, at round')
    print("| " + " | ".join(f"{number:,}" for number in sorted(memory)) + " |")
    print("|" + "---|" * len(memory))
    print("| " + " | ".join(f"{memory[number]:.1f}" for number in sorted(memory)) + " |")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="1000,5000,10000", help="connected workers; empty for none")
    parser.add_argument("--senders", type=int, default=1000, help="how many of them are chosen for a round")
    parser.add_argument("--soak", type=int, default=10_000, help="small rounds; 0 for none")
    arguments = parser.parse_args()
    sizes = [int(size) for size in arguments.sizes.split(",") if size]
    if sizes:
        crowds(sizes, arguments.senders)
    if arguments.soak:
        soak(arguments.soak)


if __name__ == "__main__":
    main()
