// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#include "fed_convolution.h"
#include "fed_clones.h"
#include "fed_lanes.h"

#include <string.h>

#pragma STDC FP_CONTRACT OFF

// The common window of 2x2 with stride 2 goes eight outputs at a time. A row that is not a multiple of that ends
// with a block that overlaps the one before: it computes the same values again.

typedef float eight __attribute__((vector_size(32)));
typedef float sixteen __attribute__((vector_size(64)));
typedef int32_t eight_places __attribute__((vector_size(32)));
typedef uint8_t eight_bytes __attribute__((vector_size(8)));

// Eight outputs from two rows of sixteen inputs.
FED_INLINE void pool_block(float *output, uint8_t *origin, const float *top, const float *bottom) {
    sixteen rows[2];
    memcpy(&rows[0], top, sizeof rows[0]);
    memcpy(&rows[1], bottom, sizeof rows[1]);
    eight best = __builtin_shufflevector(rows[0], rows[0], 0, 2, 4, 6, 8, 10, 12, 14);
    eight_places place = {0};
    const eight rivals[3] = {
        __builtin_shufflevector(rows[0], rows[0], 1, 3, 5, 7, 9, 11, 13, 15),
        __builtin_shufflevector(rows[1], rows[1], 0, 2, 4, 6, 8, 10, 12, 14),
        __builtin_shufflevector(rows[1], rows[1], 1, 3, 5, 7, 9, 11, 13, 15),
    };
    for (int32_t k = 0; k < 3; k++) {
        const eight_places wins = (eight_places)(rivals[k] > best) | (eight_places)(rivals[k] != rivals[k]);
        best = (eight)((wins & (eight_places)rivals[k]) | (~wins & (eight_places)best));
        place = (wins & (k + 1)) | (~wins & place);
    }
    memcpy(output, &best, sizeof best);
    const eight_bytes bytes = __builtin_convertvector(place, eight_bytes);
    memcpy(origin, &bytes, sizeof bytes);
}

FED_INLINE void pool_one(
    float *output, uint8_t *origin, const float *corner, size_t width, size_t kernelHeight, size_t kernelWidth) {
    float largest = corner[0];
    size_t place = 0;
    for (size_t ky = 0; ky < kernelHeight; ky++) {
        for (size_t kx = 0; kx < kernelWidth; kx++) {
            const float value = corner[ky * width + kx];
            if (value > largest || value != value) {
                largest = value;
                place = ky * kernelWidth + kx;
            }
        }
    }
    *output = largest;
    *origin = (uint8_t)place;
}

FED_CLONES
void fed_max_pool_forward(
    float *restrict output, uint8_t *restrict origin, const float *restrict input, size_t planes,
    const fed_window *window) {
    const size_t width = window->width;
    const size_t outputWidth = window->output_width;
    const int halves = window->kernel_height == 2 && window->kernel_width == 2 && window->stride == 2;
    for (size_t plane = 0; plane < planes; plane++) {
        for (size_t y = 0; y < window->output_height; y++) {
            const float *top = input + y * window->stride * width;
            if (halves && outputWidth >= 8) {
                for (size_t x = 0;; x = x + 16 <= outputWidth ? x + 8 : outputWidth - 8) {
                    pool_block(output + x, origin + x, top + 2 * x, top + width + 2 * x);
                    if (x + 8 == outputWidth) break;
                }
            } else if (halves) {
                for (size_t x = 0; x < outputWidth; x++) pool_one(output + x, origin + x, top + 2 * x, width, 2, 2);
            } else {
                for (size_t x = 0; x < outputWidth; x++) {
                    pool_one(
                        output + x, origin + x, top + x * window->stride, width, window->kernel_height,
                        window->kernel_width);
                }
            }
            output += outputWidth;
            origin += outputWidth;
        }
        input += window->height * width;
    }
}

// Two rows of sixteen input gradients from eight outputs'.
FED_INLINE void spread_block(float *top, float *bottom, const float *gradient, const uint8_t *origin) {
    eight values;
    eight_bytes bytes;
    memcpy(&values, gradient, sizeof values);
    memcpy(&bytes, origin, sizeof bytes);
    const eight_places place = __builtin_convertvector(bytes, eight_places);
    eight parts[4];
    for (int32_t k = 0; k < 4; k++) {
        parts[k] = (eight)((eight_places)(place == k) & (eight_places)values);
    }
    const sixteen upper =
        __builtin_shufflevector(parts[0], parts[1], 0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15);
    const sixteen lower =
        __builtin_shufflevector(parts[2], parts[3], 0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15);
    memcpy(top, &upper, sizeof upper);
    memcpy(bottom, &lower, sizeof lower);
}

FED_CLONES
void fed_max_pool_backward(
    float *restrict inputGradient, const float *restrict outputGradient, const uint8_t *restrict origin, size_t planes,
    const fed_window *window) {
    const size_t width = window->width;
    const size_t outputWidth = window->output_width;
    const int halves = window->kernel_height == 2 && window->kernel_width == 2 && window->stride == 2;
    const int covers = halves && window->height == 2 * window->output_height && width == 2 * outputWidth;
    if (!covers) memset(inputGradient, 0, planes * window->height * width * sizeof *inputGradient);
    for (size_t plane = 0; plane < planes; plane++) {
        for (size_t y = 0; y < window->output_height; y++) {
            float *top = inputGradient + y * window->stride * width;
            if (halves && outputWidth >= 8) {
                for (size_t x = 0;; x = x + 16 <= outputWidth ? x + 8 : outputWidth - 8) {
                    spread_block(top + 2 * x, top + width + 2 * x, outputGradient + x, origin + x);
                    if (x + 8 == outputWidth) break;
                }
            } else if (halves) {
                for (size_t x = 0; x < outputWidth; x++) {
                    const float value = outputGradient[x];
                    const uint8_t place = origin[x];
                    top[2 * x] = place == 0 ? value : 0;
                    top[2 * x + 1] = place == 1 ? value : 0;
                    top[width + 2 * x] = place == 2 ? value : 0;
                    top[width + 2 * x + 1] = place == 3 ? value : 0;
                }
            } else {
                for (size_t x = 0; x < outputWidth; x++) {
                    const size_t row = origin[x] / window->kernel_width;
                    const size_t column = x * window->stride + origin[x] % window->kernel_width;
                    top[row * width + column] += outputGradient[x];
                }
            }
            outputGradient += outputWidth;
            origin += outputWidth;
        }
        inputGradient += window->height * width;
    }
}
