#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the fedcoord authors
#
# Measures the memory of a round in multiples of the model in float32: of the sum alone, to which 1,000 ternary updates of 10
# million parameters are added, and of a whole coordinator with a model of that size and workers on this machine.
set -euo pipefail
cd "$(dirname "$0")/../.."

parameters=${PARAMETERS:-10000000} updates=${UPDATES:-1000}
swift build -c release --package-path Benchmarks --product round-memory
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
program=Benchmarks/.build/release/round-memory
"$program" encode "$out" "$parameters" ternary 5
"$program" fold "$out" "$parameters" ternary 5 "$updates" 8 >"$out/fold.json"
for down in dense-float32 stc ternary-sum; do
    settings=(--set "downlink.codec=$down")
    [ "$down" != ternary-sum ] || settings+=(--set uplink.scales=shared --set strategy.weighting=uniform)
    .build/release/fedcoord simulate Benchmarks/round-memory/run.yaml --workers 4 --output "$out/$down" \
        --report "$out/$down.json" "${settings[@]}" "$@" >"$out/$down.log"
done

python3 - "$out" <<'PY'
import json, sys
fold = json.load(open(f"{sys.argv[1]}/fold.json"))
print(f'sum of {fold["updates"]} {fold["codec"]} updates of {fold["parameters"]} parameters, {fold["payloadBytes"]} bytes each, '
      f'{fold["inFlight"]} at a time: peak {fold["foldedModels"]:.2f} models, {fold["finishedModels"]:.2f} with the mean')
for down in ["dense-float32", "stc", "ternary-sum"]:
    report = json.load(open(f"{sys.argv[1]}/{down}.json"))
    peak = report["final"]["peakResidentBytes"]
    print(f'coordinator, {report["parameters"]} parameters, ternary up, {down} down, 4 workers: '
          f'peak {peak / 1e6:.0f} MB, {peak / 4 / report["parameters"]:.2f} models')
PY
