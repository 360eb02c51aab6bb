// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#pragma once

#include <stddef.h>
#include <stdint.h>

/// libFuzzer's own main, for programs that have one already; does not return unless inputs were given as files.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*callback)(const uint8_t *data, size_t size));
