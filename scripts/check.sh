#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the fedcoord authors
#
# Format, licence headers and layers: what must hold before the tests run.
set -euo pipefail
cd "$(dirname "$0")/.."

folders=(Package.swift Sources Tests)
for package in Benchmarks Fuzzing; do
    [ -d "$package" ] && folders+=("$package/Package.swift" "$package/Sources")
done
git ls-files -z -- "${folders[@]}" | grep -z '\.swift$' | grep -zv '/Generated/' |
    xargs -0 swift format lint --strict --parallel

without_header=$(git ls-files -- 'Sources/*.swift' 'Sources/*.c' 'Sources/*.h' 'Tests/*.swift' 'scripts/*' \
    'Benchmarks/Sources/*' 'Benchmarks/*.py' 'Benchmarks/*.sh' \
    'Fuzzing/Sources/*.swift' 'Fuzzing/Sources/*.h' 'Fuzzing/*.sh' |
    grep -v '/Generated/' | xargs grep -L 'SPDX-License-Identifier: Apache-2.0' || true)
if [ -n "$without_header" ]; then
    echo "check: these files lack the licence header:" >&2
    echo "$without_header" >&2
    exit 1
fi

swift build -c release --product fedcoordPackageTests --explicit-target-dependency-import-check error
