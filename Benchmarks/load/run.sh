#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the fedcoord authors
#
# Connects 1,000, 5,000 and 10,000 workers, all held by one process, to a coordinator over mutual TLS on loopback, 1,000 of
# which send 100 KB in each of ten rounds; then four workers go through 10,000 small rounds. Options: see measure.py --help.
set -euo pipefail
cd "$(dirname "$0")/../.."

swift build -c release --package-path Benchmarks --product load
ulimit -n "$(ulimit -Hn)"
exec python3 Benchmarks/load/measure.py "$@"
