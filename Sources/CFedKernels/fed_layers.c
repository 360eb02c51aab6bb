// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#include "fed_layers.h"
#include "fed_clones.h"

#include <string.h>

#pragma STDC FP_CONTRACT OFF

FED_CLONES
void fed_relu_forward(float *values, size_t count) {
    for (size_t i = 0; i < count; i++) values[i] = values[i] < 0 ? 0 : values[i];
}

FED_CLONES
void fed_relu_backward(float *restrict gradient, const float *restrict output, size_t count) {
    for (size_t i = 0; i < count; i++) gradient[i] = output[i] > 0 ? gradient[i] : 0;
}

FED_CLONES
void fed_add_row(float *restrict matrix, const float *restrict row, size_t rows, size_t columns) {
    for (size_t r = 0; r < rows; r++) {
        float *restrict line = matrix + r * columns;
        for (size_t c = 0; c < columns; c++) line[c] += row[c];
    }
}

FED_CLONES
void fed_transpose_add_row(
    float *restrict matrix, const float *restrict transposed, const float *restrict row, size_t rows, size_t columns) {
    // Square tiles, so that every cache line that is touched is used up before it leaves.
    const size_t tile = 16;
    for (size_t top = 0; top < rows; top += tile) {
        const size_t bottom = top + tile < rows ? top + tile : rows;
        for (size_t left = 0; left < columns; left += tile) {
            const size_t right = left + tile < columns ? left + tile : columns;
            for (size_t r = top; r < bottom; r++) {
                for (size_t c = left; c < right; c++) {
                    matrix[r * columns + c] = transposed[c * rows + r] + row[c];
                }
            }
        }
    }
}

FED_CLONES
void fed_sum_rows(float *restrict sums, const float *restrict matrix, size_t rows, size_t columns) {
    memset(sums, 0, columns * sizeof *sums);
    for (size_t r = 0; r < rows; r++) {
        const float *restrict line = matrix + r * columns;
        for (size_t c = 0; c < columns; c++) sums[c] += line[c];
    }
}

FED_CLONES
void fed_add(float *restrict values, const float *restrict other, size_t count) {
    for (size_t i = 0; i < count; i++) values[i] += other[i];
}

FED_CLONES
void fed_sum(float *restrict result, const float *restrict left, const float *restrict right, size_t count) {
    for (size_t i = 0; i < count; i++) result[i] = left[i] + right[i];
}

FED_CLONES
void fed_scale(float *values, float factor, size_t count) {
    for (size_t i = 0; i < count; i++) values[i] *= factor;
}

FED_CLONES
void fed_dropout(float *values, size_t count, uint64_t key, float share) {
    const uint32_t threshold = (uint32_t)(share * 4294967296.0f);
    const float scale = 1.0f / (1.0f - share);
    const uint32_t low = (uint32_t)key, high = (uint32_t)(key >> 32);
    for (size_t i = 0; i < count; i++) {
        // The finaliser of MurmurHash3 (Appleby, public domain) on a counter, once with each half of the key.
        uint32_t bits = (uint32_t)i ^ low;
        bits = (bits ^ (bits >> 16)) * 0x85ebca6bu;
        bits = (bits ^ (bits >> 13)) * 0xc2b2ae35u;
        bits = (bits ^ (bits >> 16)) + high;
        bits = (bits ^ (bits >> 16)) * 0x85ebca6bu;
        bits = (bits ^ (bits >> 13)) * 0xc2b2ae35u;
        bits = bits ^ (bits >> 16);
        values[i] = bits < threshold ? 0 : values[i] * scale;
    }
}
