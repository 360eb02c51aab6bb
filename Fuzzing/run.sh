#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the fedcoord authors
#
# Fuzzes the codecs' decoders with libFuzzer and AddressSanitizer: run.sh [SECONDS [LIBFUZZER-OPTION...]], 60 seconds by default.
# The corpus grows in Fuzzing/.build/corpus; an input that fails is left in Fuzzing/.build/failures and named.
set -euo pipefail
cd "$(dirname "$0")"
seconds=${1:-60}
shift || true

# Swift's toolchain for Linux brings libFuzzer and lld; others may not.
runtime=$(swift -print-target-info | sed -n 's/.*"runtimeResourcePath": "\(.*\)".*/\1/p')
tools=$(realpath "$runtime/../../bin")
resources=$("$tools/clang" --print-resource-dir 2>/dev/null || true)
if ! ls "$resources"/lib/*/libclang_rt.fuzzer*.a >/dev/null 2>&1 || [ ! -x "$tools/ld.lld" ]; then
    echo "fuzzing: the Swift toolchain in $tools has no libFuzzer or no lld: install the one that swift.org offers for Linux" \
        "(https://www.swift.org/install/linux/) and put its usr/bin first in PATH" >&2
    # Continuous integration is not green without it.
    [ -z "${CI:-}" ] || exit 1
    echo "fuzzing: skipped" >&2
    exit 0
fi

# SwiftPM does not see new files in a package beside this one unless it plans the build anew.
rm -f .build/release.yaml
swift build -c release --product codec-fuzzer \
    -Xswiftc -sanitize=fuzzer,address -Xcc -fsanitize=fuzzer-no-link,address -Xcc -fno-omit-frame-pointer

mkdir -p .build/corpus .build/seeds .build/failures
rm -f .build/seeds/*
.build/release/codec-fuzzer seeds .build/seeds ../protocols/vectors
# Swift prints a backtrace of its own otherwise, before libFuzzer can keep the input.
export SWIFT_BACKTRACE=enable=no
exec .build/release/codec-fuzzer -max_total_time="$seconds" -max_len=49152 -timeout=10 -rss_limit_mb=2048 \
    -print_final_stats=1 -artifact_prefix=.build/failures/ "$@" .build/corpus .build/seeds
