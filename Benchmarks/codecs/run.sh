#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the fedcoord authors
#
# Measures the codecs on updates of normal numbers, 1 and 25 million of them, on one core: every figure is of CPU time, a
# median over several runs of the program, in each of which all codecs take their turn. Options: see table.py --help.
set -euo pipefail
cd "$(dirname "$0")/../.."

exec python3 Benchmarks/codecs/table.py .build/release/fedcoord "$@"
