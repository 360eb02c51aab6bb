#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the fedcoord authors
#
# Measures the kernels of robust aggregators, and the memory of rounds with 20 and 200 ternary updates of 995,130 parameters.
set -euo pipefail
cd "$(dirname "$0")/../.."

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
clang -O2 -ISources/CFedKernels -ISources/CFedKernels/include Sources/CFedKernels/fed_rows.c \
    Benchmarks/robust/columns.c -o "$out/columns"
"$out/columns"
echo
echo "| aggregator | updates | peak memory | CPU-seconds of a round |"
echo "|---|---|---|---|"
for aggregator in weighted-mean trimmed-mean multi-krum; do
    for workers in 20 200; do
        python3 - "$out" "$aggregator" "$workers" <<'PY'
import json, os, resource, subprocess, sys
out, aggregator, workers = sys.argv[1:]
report = f"{out}/{aggregator}-{workers}.json"
subprocess.run(
    [".build/release/fedcoord", "simulate", "Benchmarks/robust/run.yaml", "--in-process", "--threads", "1", "--workers", workers,
     "--set", f"strategy.aggregator={aggregator}", "--output", f"{out}/{aggregator}-{workers}", "--report", report],
    check=True, stdout=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
peak = json.load(open(report))["final"]["peakResidentBytes"]
print(f"| {aggregator} | {workers} | {peak / 1e6:.0f} MB | {(used.ru_utime + used.ru_stime) / 2:.1f} |")
PY
    done
done
