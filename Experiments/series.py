# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the fedcoord authors
"""Runs simulations over seeds and settings and keeps their reports, so that an interrupted series goes on where it was."""
import hashlib
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = os.environ.get("FEDCOORD", str(ROOT / ".build/release/fedcoord"))


def data_folder(name):
    """The folder of a data set below $FED_DATA."""
    folder = os.environ.get("FED_DATA")
    if not folder:
        raise SystemExit(f"set FED_DATA to the folder that holds {name}/")
    return str(pathlib.Path(folder) / name)


def folder(run_file, workers, output, settings, extra=()):
    """Where the run of `simulate` with the same arguments, and the same run file, keeps its model."""
    whole = f"{pathlib.Path(run_file).stem}-{workers}-" + "-".join(
        [f"{key}={value}" for key, value in sorted(settings.items()) if key != "data.path"] + list(extra))
    # A file's name has its limit: the digest tells apart what comes behind it, and the run file's contents.
    digest = hashlib.sha256(whole.encode() + pathlib.Path(run_file).read_bytes()).hexdigest()
    name = re.sub(r"[^A-Za-z0-9.=-]+", "_", whole)
    return pathlib.Path(output) / f"{name[:180]}-{digest[:12]}.run"


def simulate(run_file, workers, output, settings, in_process=True, prefix=(), extra=()):
    """The report of one run; read from `output` where it was made before with the same settings."""
    run = folder(run_file, workers, output, settings, extra)
    run.parent.mkdir(parents=True, exist_ok=True)
    report = run.with_suffix(".json")
    if not report.exists():
        command = [*prefix, PROGRAM, "simulate", str(run_file), "--workers", str(workers), "--report", str(report),
                   "--output", str(run)]
        if in_process:
            command.append("--in-process")
        command += extra
        for key, value in settings.items():
            command += ["--set", f"{key}={value}"]
        shutil.rmtree(run, ignore_errors=True)
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0:
            raise SystemExit(f"{' '.join(command)}\n{done.stdout[-2000:]}")
    return json.loads(report.read_text())


def accuracies(reports):
    """Mean and spread (largest minus smallest) of the final accuracies, in per cent."""
    values = [100 * report["final"]["accuracy"] for report in reports]
    return statistics.mean(values), max(values) - min(values)


def bits_up(report):
    """Payload bits of a parameter of an update."""
    return report["final"]["uplinkBitsPerParameter"]


def bits_down(report):
    """Payload bits of a parameter of a model that was sent."""
    final = report["final"]
    return 32 * final["downlinkBytes"] / final["denseDownlinkBytes"]
