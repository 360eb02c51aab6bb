# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the fedcoord authors
"""Runs simulations over seeds and settings and keeps their reports, so that an interrupted series goes on where it was."""
import argparse
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


def positive(text):
    """A whole number from 1 on, for argparse."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"takes a whole number from 1 on, not {text}")
    return number


def several(known, separator=","):
    """For argparse: a text of some of the known names with separators between them."""
    def checked(text):
        for name in text.split(separator):
            if name not in known:
                raise argparse.ArgumentTypeError(
                    f"there is no {name!r}; known, with {separator!r} between several, are {separator.join(known)}")
        return text
    return checked


def setting(text):
    """A key=value, for argparse."""
    if not text.partition("=")[1] or text.startswith("="):
        raise argparse.ArgumentTypeError(f"takes key=value, as in rounds=2, not {text}")
    return text


def require_program():
    """Ends with a sentence where there is no program to run."""
    if shutil.which(PROGRAM) is None:
        raise SystemExit(f"there is no program {PROGRAM}: build it with 'make', or set FEDCOORD to where it is")


def data_folder(name):
    """The folder of a data set below $FED_DATA."""
    folder = os.environ.get("FED_DATA")
    if not folder or not (pathlib.Path(folder) / name).is_dir():
        raise SystemExit(f"set FED_DATA to the folder that holds {name or 'the data sets'}{'/' if name else ''}")
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
        if not report.exists():
            raise SystemExit(f"{PROGRAM} wrote no report: set FEDCOORD to the program fedcoord")
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
