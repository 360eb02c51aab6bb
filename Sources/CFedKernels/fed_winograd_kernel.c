// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#include "fed_winograd.h"
#include "fed_clones.h"
#include "fed_winograd_lines.h"

#pragma STDC FP_CONTRACT OFF

enum { POINTS = FED_WINOGRAD_POINTS };

// The matrices of the kernel's transformation, 6 x 3 and 6 x 5.
static const float three[SIDE][5] = {
    {1.0f / 4, 0, 0},
    {-1.0f / 6, -1.0f / 6, -1.0f / 6},
    {-1.0f / 6, 1.0f / 6, -1.0f / 6},
    {1.0f / 24, 1.0f / 12, 1.0f / 6},
    {1.0f / 24, -1.0f / 12, 1.0f / 6},
    {0, 0, 1},
};
static const float five[SIDE][5] = {
    {1.0f / 4, 0, 0, 0, 0},
    {-1.0f / 6, -1.0f / 6, -1.0f / 6, -1.0f / 6, -1.0f / 6},
    {-1.0f / 6, 1.0f / 6, -1.0f / 6, 1.0f / 6, -1.0f / 6},
    {1.0f / 24, 1.0f / 12, 1.0f / 6, 1.0f / 3, 2.0f / 3},
    {1.0f / 24, -1.0f / 12, 1.0f / 6, -1.0f / 3, 2.0f / 3},
    {0, 0, 0, 0, 1},
};

// Sixteen kernels at a time: the vectors of tap (y, x) hold one weight of each.

FED_INLINE void transform_kernels(
    float *transformed, const float *kernel, size_t count, const float matrix[SIDE][5], size_t size) {
    const size_t taps = size * size;
    for (size_t at = 0; at < count; at += FED_WIDTH) {
        const size_t width = count - at < FED_WIDTH ? count - at : FED_WIDTH;
        float weights[5 * 5][FED_WIDTH] = {{0}};
        for (size_t l = 0; l < width; l++) {
            for (size_t tap = 0; tap < taps; tap++) weights[tap][l] = kernel[(at + l) * taps + tap];
        }
        fed_vector half[SIDE][5];
        for (size_t i = 0; i < SIDE; i++) {
            for (size_t x = 0; x < size; x++) {
                fed_vector sum = {0};
                for (size_t y = 0; y < size; y++) sum += matrix[i][y] * fed_load(weights[y * size + x]);
                half[i][x] = sum;
            }
        }
        for (size_t point = 0; point < POINTS; point++) {
            fed_vector sum = {0};
            for (size_t x = 0; x < size; x++) sum += half[point / SIDE][x] * matrix[point % SIDE][x];
            memcpy(transformed + point * count + at, &sum, width * sizeof *transformed);
        }
    }
}

FED_INLINE void transform_kernel_gradients(
    float *gradient, const float *transformed, size_t count, const float matrix[SIDE][5], size_t size) {
    const size_t taps = size * size;
    for (size_t at = 0; at < count; at += FED_WIDTH) {
        const size_t width = count - at < FED_WIDTH ? count - at : FED_WIDTH;
        fed_vector half[5][SIDE];
        for (size_t j = 0; j < SIDE; j++) {
            fed_vector column[SIDE];
            for (size_t i = 0; i < SIDE; i++) column[i] = fed_load(transformed + (i * SIDE + j) * count + at);
            for (size_t y = 0; y < size; y++) {
                fed_vector sum = {0};
                for (size_t i = 0; i < SIDE; i++) sum += matrix[i][y] * column[i];
                half[y][j] = sum;
            }
        }
        float weights[5 * 5][FED_WIDTH];
        for (size_t y = 0; y < size; y++) {
            for (size_t x = 0; x < size; x++) {
                fed_vector sum = {0};
                for (size_t j = 0; j < SIDE; j++) sum += half[y][j] * matrix[j][x];
                fed_store(weights[y * size + x], sum);
            }
        }
        for (size_t l = 0; l < width; l++) {
            for (size_t tap = 0; tap < taps; tap++) gradient[(at + l) * taps + tap] = weights[tap][l];
        }
    }
}

FED_INLINE void winograd_kernel(float *transformed, const float *kernel, const fed_winograd *shape) {
    const size_t count = shape->outputs * shape->inputs;
    if (shape->kernel == 3) {
        transform_kernels(transformed, kernel, count, three, 3);
    } else {
        transform_kernels(transformed, kernel, count, five, 5);
    }
}

FED_CLONES
void fed_winograd_kernel(float *restrict transformed, const float *restrict kernel, const fed_winograd *shape) {
    winograd_kernel(transformed, kernel, shape);
}

FED_INLINE void winograd_kernel_gradient(float *gradient, const float *transformed, const fed_winograd *shape) {
    const size_t count = shape->outputs * shape->inputs;
    if (shape->kernel == 3) {
        transform_kernel_gradients(gradient, transformed, count, three, 3);
    } else {
        transform_kernel_gradients(gradient, transformed, count, five, 5);
    }
}

FED_CLONES
void fed_winograd_kernel_gradient(
    float *restrict gradient, const float *restrict transformed, const fed_winograd *shape) {
    winograd_kernel_gradient(gradient, transformed, shape);
}
