#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the fedcoord authors
"""Robustness propagation and adversarial training by some workers, on five kinds of digits.

    FED_DATA=/where/your/data/is Experiments/fedrbn/run.py [--seeds 3] [--settings share,domain,all]
        [--only "fedrbn, λ = 1;fatbn"] [--epsilon 8/255] [--output DIR] [--check]

Trains in one process on one thread. Reports and models stay in DIR: an interrupted series goes on, and two may share DIR that differ in
settings or rows. Seed 1 of all rows comes first.
"""
import argparse
import json
import pathlib
import re
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import series  # noqa: E402

WORKERS = 20
# Who trains adversarially: the first worker of each domain, the four workers of one domain (MNIST), everybody.
SETTINGS = {"share": "1-5", "domain": "1,6,11,16", "all": "all"}
WARMUP = 4
# How far attacks reach, in training and evaluation; that of the run file.
EPSILON = "8/255"


def fedrbn(weight, propagation="cosine"):
    return {"strategy": f"{{name: fedrbn, lambda: {weight}, propagation: {propagation}, warmup: {WARMUP}}}"}


# Settings of a run, in which of SETTINGS it is made, and the paper's robust and standard accuracy there.
ROWS = {
    "fedrbn, λ = 1": (fedrbn(1), ["share", "domain"], {"share": "60.6/86.5", "domain": "60.8/83.9"}),
    "fedrbn, λ = 0.5": (fedrbn(0.5), ["all", "share", "domain"],
                        {"all": "62.0/84.9", "share": "55.8/87.3", "domain": "58.5/86.5"}),
    "fedrbn, λ = 0": (fedrbn(0), ["share"], {"share": "51.0/83.5"}),
    "fedrbn, λ = 1, uniform": (fedrbn(1, "uniform"), ["domain"], {}),
    "fedrbn, λ = 0.5, uniform": (fedrbn(0.5, "uniform"), ["domain"], {"domain": "51.5/87.2"}),
    "fatbn": ({"strategy": "fatbn"}, ["all", "share", "domain"],
              {"all": "60.0/87.3", "share": "41.2/86.4", "domain": "36.5/86.4"}),
    "fatavg": ({"strategy": "fatavg"}, ["all", "share", "domain"],
               {"all": "58.3/86.1", "share": "42.6/84.6", "domain": "38.4/84.1"}),
    "fatavg, dual batch norm": ({"strategy": "fatavg", "model.normalization": "dual-shared"}, ["share"],
                                {"share": "48.8/82.8"}),
    "fatprox": ({"strategy": "fatprox"}, ["share"], {"share": "42.8/84.5"}),
    "fedrbn, λ = 1, ternary up": ({**fedrbn(1), "uplink": "{codec: ternary}"}, ["share"], {}),
    "fedrbn, λ = 1, sbc-2 up": ({**fedrbn(1), "uplink": "{codec: sbc-2}"}, ["share"], {}),
}
# Measured under Auto-PGD, too, in the setting `share`.
HARDER = ["fedrbn, λ = 1", "fedrbn, λ = 0.5", "fedrbn, λ = 0", "fatbn"]


def run(name, setting, seed, arguments):
    """What `series` takes to make a run, or to find its folder."""
    settings = {**ROWS[name][0], "data.path": arguments.data, "seed": seed}
    if arguments.epsilon != EPSILON:
        settings["training.objective"] = (
            "[{term: cross-entropy}, {term: adversarial, weight: 0.5, attack: {epsilon: %s, steps: 7}}]" % arguments.epsilon)
        settings["evaluation.attack.epsilon"] = arguments.epsilon
    # With fatavg and fatprox there is one model.
    own = [] if name.startswith(("fatavg", "fatprox")) else ["--personal-models"]
    extra = ["--threads", "1", *own, "--adversarial", SETTINGS[setting]]
    return (HERE / "digits-5.yaml", WORKERS, arguments.output, settings), extra


def report(name, setting, seed, arguments):
    positional, extra = run(name, setting, seed, arguments)
    return series.simulate(*positional, extra=extra)


def accuracies(found):
    """Robust and standard accuracy in per cent of a report's `personal`: means over workers, each on examples of its domain."""
    return 100 * found["robustAccuracy"], 100 * found["accuracy"]


def harder(name, seed, arguments):
    """Robust accuracy in per cent under PGD-20 and under Auto-PGD with 100 steps, mean over workers; measured once.

    Models of fedrbn are used by the branch for attacked inputs, as in the runs.
    """
    branch = ["--robustness", "1"] if name.startswith("fedrbn") else []
    positional, extra = run(name, "share", seed, arguments)
    kept = series.folder(*positional, extra=extra) / "harder.json"
    if not kept.exists():
        found = []
        for attack in (["pgd", "--steps", "20"], ["apgd", "--steps", "100"]):
            robust = []
            for worker in range(1, WORKERS + 1):
                model = kept.parent / "personal" / f"worker-{worker}.safetensors"
                command = [series.PROGRAM, "model", "evaluate", str(model), "--data", f"digits-5={arguments.data}", "--format",
                           "json", "--robust-examples", "200", "--epsilon", arguments.epsilon, *branch, "--attack", *attack]
                text = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
                robust.append(100 * json.loads(text)["result"]["robustAccuracy"])
            found.append(statistics.mean(robust))
        kept.write_text(json.dumps(found))
    return json.loads(kept.read_text())


def cell(name, setting, seeds, arguments):
    if setting not in ROWS[name][1]:
        return "as λ = 0.5" if setting == "all" and name in ("fedrbn, λ = 1", "fedrbn, λ = 0") else ""
    found = [accuracies(report(name, setting, seed, arguments)["final"]["personal"]) for seed in seeds]
    robust, standard = zip(*found)
    spread = f" ({max(robust) - min(robust):.1f}, {max(standard) - min(standard):.1f})" if len(seeds) > 1 else ""
    paper = ROWS[name][2].get(setting)
    return (f"{statistics.mean(robust):.1f}/{statistics.mean(standard):.1f}{spread}"
            + (f" *{paper}*" if paper else ""))


def costs(name, arguments):
    """Multiplications in 10^9 of an epoch over a thousand examples of every worker, in each setting, and those of the kinds."""
    command = [series.PROGRAM, "check", str(HERE / "digits-5.yaml"), "--set", f"data.path={arguments.data}"]
    for key, value in ROWS[name][0].items():
        command += ["--set", f"{key}={value}"]
    text = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    forward = int(re.search(r"(\d+) multiplications", text).group(1))
    kinds = {kind: int(factor) for kind, factor in re.findall(r"(\w+) worker (\d+)", text)}
    other = kinds.get("calibrating", kinds["standard"])
    adversarial = {"all": WORKERS, "share": 5, "domain": 4}
    return kinds, {setting: 1e-6 * forward * (count * kinds["adversarial"] + (WORKERS - count) * other) / WORKERS
                   for setting, count in adversarial.items()}


def row(name, cells):
    print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=series.positive, default=3)
    parser.add_argument("--settings", type=series.several(SETTINGS), default=",".join(SETTINGS))
    parser.add_argument("--only", type=series.several(ROWS, ";"), default=";".join(ROWS),
                        help="rows, separated by semicolons")
    parser.add_argument("--epsilon", default=EPSILON)
    parser.add_argument("--output", default="/tmp/fedcoord-fedrbn")
    parser.add_argument("--check", action="store_true", help="say what rounds cost only")
    arguments = parser.parse_args()
    series.require_program()
    arguments.data = series.data_folder("")
    names = [name for name in ROWS if name in arguments.only.split(";")]
    print("multiplications in 10^9 of a worker's epoch over 1000 examples, mean over workers\n")
    row("", list(SETTINGS) + ["of a kind, in multiples of classifying"])
    row("---", ["---"] * (len(SETTINGS) + 1))
    for name in names:
        kinds, found = costs(name, arguments)
        row(name, [f"{found[setting]:.1f}" for setting in SETTINGS] + [", ".join(f"{k} {v}" for k, v in kinds.items())])
    if arguments.check:
        return
    seeds = range(1, arguments.seeds + 1)
    settings = [setting for setting in SETTINGS if setting in arguments.settings.split(",")]
    for seed in seeds:
        for setting in settings:
            for name in names:
                if setting in ROWS[name][1]:
                    begin = time.time()
                    robust, standard = accuracies(report(name, setting, seed, arguments)["final"]["personal"])
                    print(f"seed {seed}, {setting}, {name}: {robust:.1f}/{standard:.1f}, {time.time() - begin:.0f} s",
                          file=sys.stderr, flush=True)
    print(f"\nrobust/standard accuracy in per cent, mean of {len(seeds)} seeds (largest less smallest), *the paper's*\n")
    row("", settings)
    row("---", ["---"] * len(settings))
    for name in names:
        row(name, [cell(name, setting, seeds, arguments) for setting in settings])
    for setting in settings:
        by_domain(setting, [name for name in names if setting in ROWS[name][1]], seeds, arguments)
    if "share" in settings:
        print("\nrobust accuracy in per cent under PGD-20 and under Auto-PGD, 100 steps, `share`, seed 1\n")
        row("", ["PGD-20", "Auto-PGD"])
        row("---", ["---"] * 2)
        for name in names:
            if name in HARDER:
                row(name, [f"{value:.1f}" for value in harder(name, 1, arguments)])


def by_domain(setting, names, seeds, arguments):
    print(f"\nrobust/standard accuracy in per cent by domain, `{setting}`\n")
    domains = ["mnist", "svhn", "usps", "meter-digits", "mnist-m"]
    row("", domains)
    row("---", ["---"] * len(domains))
    for name in names:
        found = [report(name, setting, seed, arguments)["final"]["personal"]["domains"] for seed in seeds]
        cells = []
        for domain in domains:
            robust, standard = zip(*[accuracies(personal[domain]) for personal in found])
            cells.append(f"{statistics.mean(robust):.1f}/{statistics.mean(standard):.1f}")
        row(name, cells)


if __name__ == "__main__":
    main()
