// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#ifndef FED_TILES_H
#define FED_TILES_H

#include "fed_lanes.h"

// The two inner loops of every convolution, on vectors of sixteen examples. Sizes that say "constant" are so at each
// call, so that the accumulators stay in registers.

#define FED_TILE_ROWS 6

FED_INLINE fed_vector fed_fma(fed_vector a, fed_vector b, fed_vector c) { return __builtin_elementwise_fma(a, b, c); }

// sums[i] += weights[k * step + i * stride] * vectors[k] over k, in order; `rows` (constant) at most FED_TILE_ROWS.
FED_INLINE void fed_tile_outer(
    fed_vector *sums, size_t rows, const float *vectors, size_t vectorStep, const float *weights, size_t step,
    size_t stride, size_t count) {
    for (size_t k = 0; k < count; k++) {
        const fed_vector v = fed_load(vectors);
#pragma clang loop unroll(full)
        for (size_t i = 0; i < rows; i++) sums[i] = fed_fma(fed_splat(weights[i * stride]), v, sums[i]);
        vectors += vectorStep;
        weights += step;
    }
}

// How many rows the next tile takes of `left`: sixes, but no single leftover rows where fours and twos do.
FED_INLINE size_t fed_tile_rows(size_t left) {
    if (left >= 10 || left == 6) return 6;
    if (left >= 4) return 4;
    return left;
}

// Runs the rest with the constant ROWS equal to `rows`, which `fed_tile_rows` gave.
#define FED_WITH_ROWS(rows, ...) \
    switch (rows) {                          \
        case 6: { enum { ROWS = 6 }; __VA_ARGS__; } break; \
        case 4: { enum { ROWS = 4 }; __VA_ARGS__; } break; \
        case 3: { enum { ROWS = 3 }; __VA_ARGS__; } break; \
        case 2: { enum { ROWS = 2 }; __VA_ARGS__; } break; \
        default: { enum { ROWS = 1 }; __VA_ARGS__; } break; \
    }

// sums[i * columns + j] += left[i][n] * right[j][n] over n vectors; `rows` and `columns` constant, their product at most 6.
FED_INLINE void fed_tile_inner(
    fed_vector *sums, size_t rows, size_t columns, const float *left, size_t leftStride, const float *right,
    size_t rightStride, size_t step, size_t count) {
    for (size_t n = 0; n < count; n++) {
        fed_vector a[3], b[2];
#pragma clang loop unroll(full)
        for (size_t i = 0; i < rows; i++) a[i] = fed_load(left + i * leftStride);
#pragma clang loop unroll(full)
        for (size_t j = 0; j < columns; j++) b[j] = fed_load(right + j * rightStride);
#pragma clang loop unroll(full)
        for (size_t i = 0; i < rows; i++) {
#pragma clang loop unroll(full)
            for (size_t j = 0; j < columns; j++) sums[i * columns + j] = fed_fma(a[i], b[j], sums[i * columns + j]);
        }
        left += FED_WIDTH;
        right += step;
    }
}

// The sum of the lanes, pairwise, in single precision.
FED_INLINE float fed_lane_total(fed_vector v) {
    typedef float eight __attribute__((vector_size(32)));
    typedef float four __attribute__((vector_size(16)));
    const eight half = __builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7)
        + __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15);
    const four quarter = __builtin_shufflevector(half, half, 0, 1, 2, 3) + __builtin_shufflevector(half, half, 4, 5, 6, 7);
    return (quarter[0] + quarter[2]) + (quarter[1] + quarter[3]);
}

#endif
