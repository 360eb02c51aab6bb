# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the fedcoord authors

.PHONY: setup build run test check bench clean

build: setup  ## the two programs, in .build/release
	swift build -c release --product fedcoord
	swift build -c release --product fedworker

setup:  ## system packages, if missing
	@scripts/setup.sh

run: build  ## a coordinator and four workers on this machine, on embedded data
	.build/release/fedcoord simulate --example digits

test: setup  ## all tests
	swift build -c release --product fedcoord
	swift build -c release --product fedworker
	swift test -c release

check: setup  ## format, licence headers, layers
	scripts/check.sh

bench: setup  ## the benchmarks
	cd Benchmarks && swift run -c release

clean:
	rm -rf .build
