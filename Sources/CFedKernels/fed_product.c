// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#include "fed_product.h"
#include "fed_clones.h"
#include "fed_tiles.h"

#pragma STDC FP_CONTRACT OFF

// Columns that are gone through for one tile of rows after the other: their part of the right matrix stays in the cache,
// and what is written lies together.
enum { PANEL = 512 };

FED_INLINE void product(
    float *result, const float *left, size_t stride, size_t step, const float *right, size_t rows, size_t columns,
    size_t inner) {
    for (size_t panel = 0; panel < columns; panel += PANEL) {
        const size_t end = panel + PANEL < columns ? panel + PANEL : columns;
        size_t taken = 0;
        for (size_t m = 0; m < rows; m += taken) {
            taken = fed_tile_rows(rows - m);
            FED_WITH_ROWS(taken, {
                for (size_t n = panel; n < end; n += FED_WIDTH) {
                    // The last tile begins earlier rather than end later: what both compute is the same.
                    const size_t at = n + FED_WIDTH <= columns || columns < FED_WIDTH ? n : columns - FED_WIDTH;
                    float *to = result + m * columns + at;
                    fed_vector sums[ROWS] = {{0}};
                    fed_tile_outer(sums, ROWS, right + at, columns, left + m * stride, step, stride, inner);
                    if (columns >= FED_WIDTH) {
                        for (size_t i = 0; i < ROWS; i++) fed_store(to + i * columns, sums[i]);
                    } else {
                        for (size_t i = 0; i < ROWS; i++) memcpy(to + i * columns, &sums[i], columns * sizeof *to);
                    }
                }
            })
        }
    }
}

FED_CLONES_FMA
void fed_product(
    float *restrict result, const float *restrict left, size_t stride, size_t step, const float *restrict right,
    size_t rows, size_t columns, size_t inner) {
    // The compiler makes a constant of the one.
    if (step == 1) {
        product(result, left, stride, 1, right, rows, columns, inner);
    } else {
        product(result, left, 1, step, right, rows, columns, inner);
    }
}

// The part of `inner` behind its last whole vector.
FED_INLINE void add_rest(
    fed_vector *sums, size_t rows, size_t columns, const float *left, const float *right, size_t inner) {
    const size_t whole = inner / FED_WIDTH * FED_WIDTH;
    if (whole == inner) return;
    const fed_mask mask = fed_mask_below(inner - whole);
    for (size_t i = 0; i < rows; i++) {
        const fed_vector a = fed_keep(fed_load(left + i * inner + whole), mask);
        for (size_t j = 0; j < columns; j++) {
            const fed_vector b = fed_keep(fed_load(right + j * inner + whole), mask);
            sums[i * columns + j] = fed_fma(a, b, sums[i * columns + j]);
        }
    }
}

FED_INLINE void dot_tile(
    float *result, const float *left, const float *right, const float *bias, size_t rows, size_t columns,
    size_t inner, size_t resultStride) {
    fed_vector sums[6] = {{0}, {0}, {0}, {0}, {0}, {0}};
    fed_tile_inner(sums, rows, columns, left, inner, right, inner, FED_WIDTH, inner / FED_WIDTH);
    add_rest(sums, rows, columns, left, right, inner);
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < columns; j++) {
            result[i * resultStride + j] = fed_lane_total(sums[i * columns + j]) + bias[j];
        }
    }
}

FED_INLINE void product_transposed(
    float *result, const float *left, const float *right, const float *bias, size_t rows, size_t columns,
    size_t inner) {
    for (size_t n = 0; n < columns; n += 2) {
        const float *weights = right + n * inner;
        const size_t pair = n + 1 < columns;
        size_t taken = 0;
        for (size_t m = 0; m < rows; m += taken) {
            taken = rows - m < 3 ? rows - m : 3;
            float *to = result + m * columns + n;
            FED_WITH_ROWS(taken, {
                if (pair) {
                    dot_tile(to, left + m * inner, weights, bias + n, ROWS < 3 ? ROWS : 3, 2, inner, columns);
                } else {
                    dot_tile(to, left + m * inner, weights, bias + n, ROWS < 3 ? ROWS : 3, 1, inner, columns);
                }
            })
        }
    }
}

FED_CLONES_FMA
void fed_product_transposed(
    float *restrict result, const float *restrict left, const float *restrict right, const float *restrict bias,
    size_t rows, size_t columns, size_t inner) {
    product_transposed(result, left, right, bias, rows, columns, inner);
}
