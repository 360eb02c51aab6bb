#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the fedcoord authors
#
# Eight worker processes and a coordinator behind one link of 1 Gb/s: seconds a step with float32 and with TernGrad.
#
#     FED_DATA=/where/your/data/is Experiments/terngrad/link.sh    # RATE=1gbit ROUNDS=15 FEDCOORD=.build/release/fedcoord
#
# The link is the loopback of a network namespace of its own, shaped by tc: needs root, iproute2 and $FED_DATA/mnist.
set -euo pipefail
case "${1:-}" in
"") ;;
-h | --help)
    sed -n '5,9s/^#\( \|$\)//p' "$0"
    exit 0
    ;;
*)
    echo "link.sh takes no argument $1: set RATE, ROUNDS, FEDCOORD and FED_DATA, or see --help" >&2
    exit 2
    ;;
esac
cd "$(dirname "$0")/../.."

program="${FEDCOORD:-.build/release/fedcoord}"
data="${FED_DATA:?set FED_DATA to the folder that holds mnist/}/mnist"
rate="${RATE:-1gbit}"
rounds="${ROUNDS:-15}"
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

run() { # name, settings of the links
    name=$1
    shift
    unshare --net bash -c 'ip link set lo up && tc qdisc add dev lo root tbf rate "$0" burst 256kb latency 100ms && exec "$@"' \
        "$rate" "$program" simulate Experiments/terngrad/lenet.yaml --workers 8 --output "$out/$name" \
        --report "$out/$name.json" --set "data.path=$data" --set training.batchSize=8 --set "rounds=$rounds" "$@" \
        >"$out/$name.log" 2>&1 || {
            tail -n 20 "$out/$name.log" >&2
            exit 1
        }
}
for turn in 1 2 3; do
    run "dense-$turn" --set 'uplink={codec: dense-float32}' --set 'downlink={codec: dense-float32}'
    run "ternary-$turn"
done

python3 - "$out" "$rate" <<'PY'
import json, statistics, sys

def seconds(name):
    rounds = json.load(open(f"{sys.argv[1]}/{name}.json"))["rounds"]
    # The first rounds carry the whole model and warm up; the last one waits for the evaluation.
    return statistics.median(entry["seconds"] for entry in rounds[3:-1])

ratios = []
print(f"lenet, 8 workers, {sys.argv[2]}: median seconds a step")
for turn in (1, 2, 3):
    dense, ternary = seconds(f"dense-{turn}"), seconds(f"ternary-{turn}")
    ratios.append(dense / ternary)
    print(f"  float32 {dense:.3f}  ternary {ternary:.3f}  {ratios[-1]:.2f}x")
print(f"median {statistics.median(ratios):.2f}x")
PY
