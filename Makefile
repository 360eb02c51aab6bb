# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the fedcoord authors

.PHONY: setup build run test check fuzz bench clean

build: setup  ## the two programs, in .build/release
	swift build -c release --product fedcoord
	swift build -c release --product fedworker

setup:  ## system packages, if missing
	@scripts/setup.sh

run: build  ## a coordinator and four workers on this machine, on embedded data
	.build/release/fedcoord simulate --example digits

# Building the tests by name builds the two programs as well, but none of the tools that dependencies bring along.
test: setup  ## all tests
	swift build -c release --product fedcoordPackageTests
	swift test -c release --skip-build

check: setup  ## format, licence headers, layers
	scripts/check.sh

fuzz: setup  ## a minute of fuzzing the decoders
	Fuzzing/run.sh 60

bench: build  ## the benchmarks
	Benchmarks/empty-round/run.sh
	Benchmarks/training/run.sh
	Benchmarks/small-clients/run.sh
	Benchmarks/codecs/run.sh
	Benchmarks/openfl/run.sh
	Benchmarks/round-memory/run.sh
	Benchmarks/robust/run.sh
	Benchmarks/load/run.sh

clean:
	rm -rf .build
