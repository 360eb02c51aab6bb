#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the fedcoord authors
#
# Times a round in which four workers return the model unchanged, over mutual TLS on loopback, dense both ways.
# Prints the median and the spread over the rounds of one run, for 100,370 and 9,950,650 parameters.
set -euo pipefail
cd "$(dirname "$0")/../.."

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
for case in "100370 [300,260] 50" "9950650 [3000,3240] 9"; do
    read -r parameters hidden rounds <<<"$case"
    .build/release/fedcoord simulate Benchmarks/empty-round/run.yaml --workers 4 --output "$out/$parameters" \
        --report "$out/$parameters.json" --set "model.hidden=$hidden" --set "rounds=$rounds" >"$out/$parameters.log"
done

python3 - "$out" <<'PY'
import json, statistics, sys
for parameters in [100370, 9950650]:
    report = json.load(open(f"{sys.argv[1]}/{parameters}.json"))
    assert report["parameters"] == parameters
    seconds = [round["seconds"] for round in report["rounds"]][1:]  # the first one meets cold caches
    print(f"{parameters:>9} parameters: median {statistics.median(seconds) * 1e3:.1f} ms a round "
          f"(fastest {min(seconds) * 1e3:.1f}, slowest {max(seconds) * 1e3:.1f}, {len(seconds)} rounds), "
          f'coordinator peak {report["final"]["peakResidentBytes"] / 1e6:.0f} MB')
PY
