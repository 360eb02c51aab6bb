#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the fedcoord authors
"""What each aggregator is worth when a fifth of the workers attack.

    Experiments/byzantine/run.py [--seeds 3] [--only iid,dirichlet] [--output DIR]

Runs in one process on one thread. Reports stay in DIR: an interrupted series goes on.
"""
import argparse
import pathlib
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import series  # noqa: E402

WORKERS = 20
RULES = {
    "`weighted-mean`": {},
    "`weighted-mean`, `relativeNorm: 3`": {"limits.relativeNorm": 3},
    "`norm-clipping`": {"strategy.aggregator": "norm-clipping"},
    "`median`": {"strategy.aggregator": "median"},
    "`trimmed-mean`, 0.2": {"strategy.aggregator": "{name: trimmed-mean, trim: 0.2}"},
    "`krum`, f = 4": {"strategy.aggregator": "{name: krum, attackers: 4}"},
    "`multi-krum`, f = 4": {"strategy.aggregator": "{name: multi-krum, attackers: 4}"},
    "`bulyan`, f = 4": {"strategy.aggregator": "{name: bulyan, attackers: 4}"},
    "`geometric-median`": {"strategy.aggregator": "geometric-median"},
    "`sign-vote`, 0.01, ternary": {"strategy.aggregator": "{name: sign-vote, step: 0.01}", "uplink.codec": "ternary"},
    "`median`, ternary": {"strategy.aggregator": "median", "uplink.codec": "ternary"},
    "`geometric-median`, ternary": {"strategy.aggregator": "geometric-median", "uplink.codec": "ternary"},
}
ATTACKS = ["none", "label-flip", "sign-flip", "scale", "gaussian"]
PARTITIONS = {"iid": "{scheme: iid}", "dirichlet": "{scheme: dirichlet, alpha: 0.3}"}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=series.positive, default=3)
    parser.add_argument("--only", type=series.several(PARTITIONS), default=",".join(PARTITIONS))
    parser.add_argument("--output", default="/tmp/fedcoord-byzantine")
    parser.add_argument("--set", action="append", type=series.setting, default=[], help="key=value for all runs")
    arguments = parser.parse_args()
    series.require_program()
    common = dict(item.split("=", 1) for item in arguments.set)
    for name in arguments.only.split(","):
        begin = time.time()
        print(f"\n{name}: accuracy in per cent, mean of {arguments.seeds} seeds (largest less smallest)\n")
        print("| | " + " | ".join(ATTACKS) + " |")
        print("|---" * (len(ATTACKS) + 1) + "|")
        for rule, settings in RULES.items():
            cells = []
            for attack in ATTACKS:
                extra = () if attack == "none" else ("--attack", attack, "--attackers", "0.2")
                mean, spread = series.accuracies([series.simulate(
                    HERE / "digits.yaml", WORKERS, arguments.output,
                    {**common, **settings, "seed": seed, "data.partition": PARTITIONS[name]},
                    extra=("--threads", "1", *extra)) for seed in range(1, arguments.seeds + 1)])
                cells.append(f"{mean:.1f} ({spread:.1f})")
            print(f"| {rule} | " + " | ".join(cells) + " |", flush=True)
        print(f"{time.time() - begin:.0f} s, without runs whose reports were there already", flush=True)


if __name__ == "__main__":
    main()
