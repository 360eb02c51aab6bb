// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#ifndef FED_LANES_H
#define FED_LANES_H

#include <stddef.h>

// A function must be inlined into its caller's clones: on its own it would be compiled for the baseline only.
#define FED_INLINE static inline __attribute__((always_inline))

// A sum split into a fixed number of partial sums, entry i going to lane i mod FED_LANES, which are then added
// pairwise: the same bits on every instruction set, and wide enough for all of them.
#define FED_LANES 16

typedef struct {
    double at[FED_LANES];
} fed_lanes;

FED_INLINE double fed_lanes_sum(const fed_lanes *lanes) {
    double fold[FED_LANES];
    for (size_t i = 0; i < FED_LANES; i++) fold[i] = lanes->at[i];
    for (size_t width = FED_LANES / 2; width > 0; width /= 2) {
        for (size_t i = 0; i < width; i++) fold[i] += fold[i + width];
    }
    return fold[0];
}

#endif
