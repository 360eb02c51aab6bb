#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the fedcoord authors
#
# Counts how many small workers one process trains in a second: wall-clock time of 100 rounds, without reading data and without
# evaluation. Prints the median of several runs and their spread. Arguments go to fedcoord, as in --threads 1.
# The data are MNIST where FED_DATA names a folder with mnist in it, else images of the same size made from a seed.
set -euo pipefail
cd "$(dirname "$0")/../.."

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
data=${FED_DATA:-}/mnist
[ -n "${FED_DATA:-}" ] && [ -d "$data" ] || {
    data=$out/data
    mkdir "$data"
    python3 - "$data" <<'PY'
import random, struct, sys
numbers = random.Random(1)
size = 28 * 28
# Each class lights its own fifth of the pixels, each image a random brightness of each.
masks = [int.from_bytes(bytes(255 if numbers.random() < 0.2 else 0 for _ in range(size)), "big") for _ in range(10)]
for name, count in [("train", 60_000), ("t10k", 1_000)]:
    labels = bytes(numbers.randrange(10) for _ in range(count))
    with open(f"{sys.argv[1]}/{name}-labels-idx1-ubyte", "wb") as file:
        file.write(struct.pack(">ii", 0x801, count) + labels)
    with open(f"{sys.argv[1]}/{name}-images-idx3-ubyte", "wb") as file:
        file.write(struct.pack(">iiii", 0x803, count, 28, 28))
        for label in labels:
            file.write((masks[label] & int.from_bytes(numbers.randbytes(size), "big")).to_bytes(size, "big"))
PY
}
for number in 1 2 3 4 5 6 7; do
    .build/release/fedcoord simulate Benchmarks/small-clients/run.yaml --in-process --workers 1000 \
        --set "data.path=$data" --output "$out/$number" "$@" >"$out/$number.log"
done

python3 - "$out" <<'PY'
import glob, re, statistics, sys
texts = [open(path).read() for path in sorted(glob.glob(sys.argv[1] + "/*.log"))]
pairs = [re.search(r"speed +(\d+) workers trained a second, (\d+) a CPU-second", text).groups() for text in texts]
speeds, efficiencies = ([int(pair[i]) for pair in pairs] for i in (0, 1))
threads = re.search(r"trains on (\d+)", texts[0]).group(1)
accuracy = re.search(r"accuracy +([\d.]+) %", texts[0]).group(1)
models = {re.search(r"SHA-256 of its values (\w+)", text).group(1) for text in texts}
assert len(models) == 1, "the same run gave different models"
print(f"small clients: median {statistics.median(speeds):.0f} workers a second on {threads} threads "
      f"(slowest {min(speeds)}, fastest {max(speeds)}, {len(speeds)} runs), "
      f"{statistics.median(efficiencies):.0f} a CPU-second, accuracy {accuracy} %")
PY
