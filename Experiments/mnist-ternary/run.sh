#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the fedcoord authors
#
# Trains lenet on MNIST with eight worker processes, ternary and dense updates in turn, and prints both results.
# Takes about half an hour on two cores. MNIST's files are in $FED_DATA/mnist.
set -euo pipefail
cd "$(dirname "$0")/../.."

data="${FED_DATA:?set FED_DATA to the folder that holds mnist/}/mnist"
out=$(mktemp -d)
for codec in ternary dense-float32; do
    .build/release/fedcoord simulate Experiments/mnist-ternary/run.yaml --workers 8 --output "$out/$codec" \
        --report "$out/$codec.json" --set "data.path=$data" --set "uplink.codec=$codec" --set "name=mnist-$codec" "$@"
done

python3 - "$out" <<'PY'
import json, sys
print("codec          accuracy %  after 5 rounds  bits/parameter up      MB up  less than dense  seconds")
for codec in ["ternary", "dense-float32"]:
    report = json.load(open(f"{sys.argv[1]}/{codec}.json"))
    final, rounds = report["final"], report["rounds"]
    fifth = f'{rounds[4]["accuracy"] * 100:.2f}' if len(rounds) > 4 else "-"
    print(f'{codec:14} {final["accuracy"] * 100:10.2f}  {fifth:>14}  {final["uplinkBitsPerParameter"]:17.3f}'
          f'  {final["uplinkBytes"] / 1e6:9.1f}  {final["denseUplinkBytes"] / final["uplinkBytes"]:14.1f}x'
          f'  {final["seconds"]:7.0f}')
PY
