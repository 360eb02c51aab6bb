#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the fedcoord authors
#
# Compares sparse ternary compression with OpenFL's on the same million normal numbers, in turn, one core each. Options are
# those of compare.py. OpenFL comes from PyPI into Benchmarks/openfl/.venv, unless OPENFL_PYTHON names a Python that has it.
set -euo pipefail
cd "$(dirname "$0")/../.."

python=${OPENFL_PYTHON:-Benchmarks/openfl/.venv/bin/python}
if ! "$python" -c 'import openfl.pipelines' 2>/dev/null; then
    log=$(mktemp)
    if [ -n "${OPENFL_PYTHON:-}" ] || ! { python3 -m venv Benchmarks/openfl/.venv &&
        "$python" -m pip install --quiet 'openfl==1.9' 'numpy==2.1.3'; } >/dev/null 2>"$log"; then
        echo "openfl: skipped, because OpenFL cannot be installed: see $log, or set OPENFL_PYTHON to a Python that has it" >&2
        exit 0
    fi
fi

exec "$python" Benchmarks/openfl/compare.py .build/release/fedcoord "$@"
