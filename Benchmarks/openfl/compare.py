#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the fedcoord authors
"""Compares `fedcoord`'s sparse ternary compression with OpenFL's STCPipeline on the same entries, in turn.

    compare.py PROGRAM [--entries N] [--rounds N] [--report FILE]

Times are of CPU time; bytes are the payload's, for OpenFL without the map of its three values that travels beside it. The
bound is the entropy of which entries are kept, and a bit for the sign of each.
"""

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version

import numpy as np
from openfl.pipelines import STCPipeline


def write_safetensors(path: str, values: np.ndarray) -> None:
    header = json.dumps({"w": {"dtype": "F32", "shape": list(values.shape), "data_offsets": [0, values.nbytes]}})
    with open(path, "wb") as file:
        file.write(len(header).to_bytes(8, "little") + header.encode() + values.tobytes())


def measure_theirs(values: np.ndarray, density: float) -> dict:
    pipeline = STCPipeline(p_sparsity=density)
    start = time.process_time()
    payload, metadata = pipeline.forward(values)
    encoded = time.process_time()
    decoded = pipeline.backward(payload, list(metadata))
    seconds = time.process_time() - encoded
    return {
        "bytes": len(payload),
        "encode": values.size / (encoded - start),
        "decode": values.size / seconds,
        "magnitude": float(np.abs(decoded).max()),
        "error": float(np.linalg.norm(decoded - values) / np.linalg.norm(values)),
    }


def measure_ours(program: str, before: str, after: str, density: float) -> dict:
    command = [program, "codec", "bench", "--from", before, "--to", after, "--codec", f"stc:density={density}"]
    output = subprocess.run(command + ["--rounds", "1", "--json"], check=True, stdout=subprocess.PIPE).stdout
    codec = json.loads(output)["codecs"][0]
    return {
        "bytes": codec["payloadBytes"],
        "encode": codec["encodedPerSecond"],
        "decode": codec["foldedPerSecond"],
        "error": codec["relativeError"],
        "kept": codec["nonZeros"],
    }


def expected(values: np.ndarray, density: float) -> dict:
    """What is exact: the kept entries' mean magnitude, the error that is left, and the fewest bytes."""
    kept = math.ceil(density * values.size)
    magnitudes = np.sort(np.abs(values.astype(np.float64)))[-kept:]
    mean = float(magnitudes.mean())
    share = kept / values.size
    entropy = -share * math.log2(share) - (1 - share) * math.log2(1 - share)
    return {
        "kept": kept,
        "magnitude": mean,
        "error": math.sqrt(max(0.0, 1 - kept * mean**2 / float((values.astype(np.float64) ** 2).sum()))),
        "bytes": (values.size * entropy + kept) / 8,
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--report", help="file for the figures as JSON")
    arguments = parser.parse_args()

    values = (np.random.default_rng(1).standard_normal(arguments.entries) * 0.01).astype(np.float32)
    figures = []
    with tempfile.TemporaryDirectory() as folder:
        before, after = f"{folder}/before.safetensors", f"{folder}/after.safetensors"
        write_safetensors(before, np.zeros_like(values))
        write_safetensors(after, values)
        for density in (0.1, 0.01):
            rounds = [
                (measure_theirs(values, density), measure_ours(arguments.program, before, after, density))
                for _ in range(arguments.rounds)
            ]
            theirs, ours = (
                {name: statistics.median(each[side][name] for each in rounds) for name in rounds[0][side]}
                for side in (0, 1)
            )
            figures.append({"density": density, "openfl": theirs, "ours": ours, "exact": expected(values, density)})

    print(f"OpenFL {version('openfl')}, NumPy {np.__version__}, {arguments.entries} normal numbers, medians of "
          f"{arguments.rounds} rounds in turn, load average {os.getloadavg()[0]:.1f}\n")
    print("| p | | OpenFL | ours | ratio | aim |")
    print("|---|---|---|---|---|---|")
    for figure in figures:
        density, theirs, ours, exact = (figure[name] for name in ("density", "openfl", "ours", "exact"))
        print(f"| {density} | bytes | {theirs['bytes']:,.0f} | {ours['bytes']:,.0f} | "
              f"{ours['bytes'] / theirs['bytes']:.3f} | ≤ 0.56 |")
        print(f"| | of the entropy bound, {exact['bytes']:,.0f} | {theirs['bytes'] / exact['bytes']:.3f} | "
              f"{ours['bytes'] / exact['bytes']:.3f} | | |")
        print(f"| | encode, M entries/s (MB/s) | {speed(theirs['encode'])} | {speed(ours['encode'])} | "
              f"{ours['encode'] / theirs['encode']:.0f} | ≥ 100 |")
        print(f"| | decode, M entries/s (MB/s) | {speed(theirs['decode'])} | {speed(ours['decode'])}, folding included | "
              f"{ours['decode'] / theirs['decode']:.0f} | |")
        print(f"| | decoded magnitude, exact {exact['magnitude']:.6f} | {theirs['magnitude']:.6f} | | | |")
        print(f"| | relative error, exact {exact['error']:.4f} | {theirs['error']:.4f} | {ours['error']:.4f} | | |")
        if ours["kept"] != exact["kept"] or abs(ours["error"] - exact["error"]) > 1e-4:
            sys.exit("openfl: our decoded update is not the sparse ternary one")
    if arguments.report:
        with open(arguments.report, "w") as file:
            json.dump({"openfl": version("openfl"), "entries": arguments.entries, "figures": figures}, file, indent=2)


def speed(entries: float) -> str:
    def short(value: float) -> str:
        return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"

    return f"{short(entries / 1e6)} ({short(4 * entries / 1e6)})"


if __name__ == "__main__":
    main()
