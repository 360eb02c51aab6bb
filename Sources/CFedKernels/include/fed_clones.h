// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#ifndef FED_CLONES_H
#define FED_CLONES_H

// Compiled once per instruction set and chosen when the program loads. A function that is cloned cannot itself pass vectors
// by value to one that is not: its loops stand in a function of their own, which is inlined into every clone. The second
// kind multiplies and adds with one rounding, on the baseline by a call of fmaf: slow there, but the same bits everywhere.
#if defined(__x86_64__)
#define FED_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#define FED_CLONES_FMA __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define FED_CLONES
#define FED_CLONES_FMA
#endif

#endif
