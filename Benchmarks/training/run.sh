#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the fedcoord authors
#
# Compares training steps with PyTorch on one thread each, in turn. Options and cases are those of compare.py.
# PyTorch comes from PyPI into Benchmarks/.venv (5 GB), unless TORCH_PYTHON names a Python that already has it.
set -euo pipefail
cd "$(dirname "$0")/../.."

swift build -c release --package-path Benchmarks --product training-benchmark

python=${TORCH_PYTHON:-Benchmarks/.venv/bin/python}
if ! "$python" -c 'import torch' 2>/dev/null; then
    if [ -n "${TORCH_PYTHON:-}" ] || ! { python3 -m venv Benchmarks/.venv &&
        "$python" -m pip install --quiet numpy 'torch>=2.6'; } >/dev/null 2>Benchmarks/.build/pytorch.log; then
        echo "training: skipped, because PyTorch cannot be installed: see Benchmarks/.build/pytorch.log, or set" \
            "TORCH_PYTHON to a Python that has it" >&2
        exit 0
    fi
fi

exec "$python" Benchmarks/training/compare.py Benchmarks/.build/release/training-benchmark \
    --report Benchmarks/.build/training.json "$@"
