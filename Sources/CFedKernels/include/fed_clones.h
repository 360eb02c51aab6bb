// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#ifndef FED_CLONES_H
#define FED_CLONES_H

// Compiled once per instruction set and chosen when the program loads.
#if defined(__x86_64__)
#define FED_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define FED_CLONES
#endif

#endif
