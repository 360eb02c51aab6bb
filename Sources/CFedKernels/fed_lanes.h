// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#ifndef FED_LANES_H
#define FED_LANES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

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

// Vectors are passed between functions that are always inlined: no calling convention is involved.
#pragma GCC diagnostic ignored "-Wpsabi"

// Sixteen floats at any address: one register of 512 bits, two of 256 or four of 128.
#define FED_WIDTH 16
typedef float fed_vector __attribute__((vector_size(64)));
typedef int32_t fed_mask __attribute__((vector_size(64)));

FED_INLINE fed_vector fed_load(const float *from) {
    fed_vector value;
    memcpy(&value, from, sizeof value);
    return value;
}

FED_INLINE void fed_store(float *to, fed_vector value) { memcpy(to, &value, sizeof value); }

FED_INLINE fed_vector fed_splat(float v) { return (fed_vector){v, v, v, v, v, v, v, v, v, v, v, v, v, v, v, v}; }

// The lanes below `count` (at most FED_WIDTH) set, the others 0.
FED_INLINE fed_mask fed_mask_below(size_t count) {
    static const int32_t bits[2 * FED_WIDTH] = {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};
    fed_mask mask;
    memcpy(&mask, bits + FED_WIDTH - count, sizeof mask);
    return mask;
}

// `value` in the lanes of `mask`, 0 in the others.
FED_INLINE fed_vector fed_keep(fed_vector value, fed_mask mask) { return (fed_vector)((fed_mask)value & mask); }

// The sum of the lanes, in double precision.
FED_INLINE double fed_vector_sum(fed_vector value) {
    fed_lanes lanes;
    for (size_t i = 0; i < FED_WIDTH; i++) lanes.at[i] = (double)value[i];
    return fed_lanes_sum(&lanes);
}

#endif
