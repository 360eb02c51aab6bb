// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#include "fed_convolution.h"
#include "fed_clones.h"
#include "fed_tiles.h"

#pragma STDC FP_CONTRACT OFF

void fed_kernel_reorder(
    float *restrict outward, float *restrict inward, const float *restrict kernel, size_t outputs,
    const fed_window *window) {
    const size_t channels = window->channels, taps = window->kernel_height * window->kernel_width;
    for (size_t o = 0; o < outputs; o++) {
        for (size_t c = 0; c < channels; c++) {
            for (size_t tap = 0; tap < taps; tap++) {
                const float weight = kernel[(o * channels + c) * taps + tap];
                outward[(c * taps + tap) * outputs + o] = weight;
                if (inward) inward[(tap * outputs + o) * channels + c] = weight;
            }
        }
    }
}

FED_INLINE void convolve(
    float *restrict output, const float *restrict padded, const float *restrict outward, const float *restrict bias,
    size_t outputs, const fed_window *window) {
    const size_t paddedWidth = window->width + 2 * window->padding;
    const size_t plane = (window->height + 2 * window->padding) * paddedWidth;
    const size_t pixels = window->output_height * window->output_width;
    const size_t taps = window->kernel_width;
    for (size_t y = 0; y < window->output_height; y++) {
        for (size_t x = 0; x < window->output_width; x++) {
            const float *corner = padded + (y * window->stride * paddedWidth + x * window->stride) * FED_BLOCK;
            float *to = output + (y * window->output_width + x) * FED_BLOCK;
            size_t taken = 0;
            for (size_t o = 0; o < outputs; o += taken) {
                taken = fed_tile_rows(outputs - o);
                FED_WITH_ROWS(taken, {
                    fed_vector sums[ROWS];
                    for (size_t i = 0; i < ROWS; i++) sums[i] = fed_splat(bias ? bias[o + i] : 0);
                    const float *weights = outward + o;
                    for (size_t c = 0; c < window->channels; c++) {
                        const float *from = corner + c * plane * FED_BLOCK;
                        for (size_t ky = 0; ky < window->kernel_height; ky++) {
                            fed_tile_outer(sums, ROWS, from, FED_BLOCK, weights, outputs, 1, taps);
                            from += paddedWidth * FED_BLOCK;
                            weights += taps * outputs;
                        }
                    }
                    for (size_t i = 0; i < ROWS; i++) fed_store(to + (o + i) * pixels * FED_BLOCK, sums[i]);
                })
            }
        }
    }
}

FED_CLONES_FMA
void fed_convolve(
    float *restrict output, const float *restrict padded, const float *restrict outward, const float *restrict bias,
    size_t outputs, const fed_window *window) {
    convolve(output, padded, outward, bias, outputs, window);
}

// Which taps of a kernel's side put a gradient from the output into input line `at`: from `first` on in steps of `stride`
// while below `end`, belonging to output line (at + padding - tap) / stride.
typedef struct {
    size_t first;
    size_t end;
} reach;

FED_INLINE reach taps_at(size_t at, size_t padding, size_t stride, size_t kernel, size_t outputs) {
    const size_t line = at + padding;
    reach r = {line % stride, kernel < line + 1 ? kernel : line + 1};
    // Output lines from `outputs` on do not exist: line - tap < outputs * stride.
    while (r.first < r.end && line - r.first >= outputs * stride) r.first += stride;
    return r;
}

FED_INLINE void convolve_input_gradient(
    float *restrict inputGradient, const float *restrict outputGradient, const float *restrict inward, size_t outputs,
    const fed_window *window) {
    const size_t pixels = window->output_height * window->output_width;
    const size_t stride = window->stride, channels = window->channels;
    for (size_t y = 0; y < window->height; y++) {
        const reach down = taps_at(y, window->padding, stride, window->kernel_height, window->output_height);
        for (size_t x = 0; x < window->width; x++) {
            const reach across = taps_at(x, window->padding, stride, window->kernel_width, window->output_width);
            float *to = inputGradient + (y * window->width + x) * FED_BLOCK;
            size_t taken = 0;
            for (size_t c = 0; c < channels; c += taken) {
                taken = fed_tile_rows(channels - c);
                FED_WITH_ROWS(taken, {
                    fed_vector sums[ROWS] = {{0}};
                    for (size_t ky = down.first; ky < down.end; ky += stride) {
                        const size_t row = (y + window->padding - ky) / stride * window->output_width;
                        for (size_t kx = across.first; kx < across.end; kx += stride) {
                            const size_t pixel = row + (x + window->padding - kx) / stride;
                            const float *weights = inward + (ky * window->kernel_width + kx) * outputs * channels + c;
                            fed_tile_outer(
                                sums, ROWS, outputGradient + pixel * FED_BLOCK, pixels * FED_BLOCK, weights, channels,
                                1, outputs);
                        }
                    }
                    for (size_t i = 0; i < ROWS; i++) {
                        fed_store(to + (c + i) * window->height * window->width * FED_BLOCK, sums[i]);
                    }
                })
            }
        }
    }
}

FED_CLONES_FMA
void fed_convolve_input_gradient(
    float *restrict inputGradient, const float *restrict outputGradient, const float *restrict inward, size_t outputs,
    const fed_window *window) {
    convolve_input_gradient(inputGradient, outputGradient, inward, outputs, window);
}

FED_INLINE void convolve_kernel_gradient(
    float *restrict kernelGradient, const float *restrict outputGradient, const float *restrict padded, size_t outputs,
    const fed_window *window) {
    const size_t paddedWidth = window->width + 2 * window->padding;
    const size_t plane = (window->height + 2 * window->padding) * paddedWidth;
    const size_t pixels = window->output_height * window->output_width;
    const size_t taps = window->kernel_height * window->kernel_width, size = window->channels * taps;
    const size_t step = window->stride * FED_BLOCK;
    for (size_t c = 0; c < window->channels; c++) {
        for (size_t ky = 0; ky < window->kernel_height; ky++) {
            for (size_t kx = 0; kx < window->kernel_width; kx += 2) {
                const float *from = padded + (c * plane + ky * paddedWidth + kx) * FED_BLOCK;
                const size_t pair = kx + 1 < window->kernel_width;
                float *to = kernelGradient + c * taps + ky * window->kernel_width + kx;
                size_t taken = 0;
                for (size_t o = 0; o < outputs; o += taken) {
                    taken = outputs - o < 3 ? outputs - o : 3;
                    const float *left = outputGradient + o * pixels * FED_BLOCK;
                    FED_WITH_ROWS(taken, {
                        fed_vector sums[ROWS * 2] = {{0}};
                        for (size_t y = 0; y < window->output_height; y++) {
                            const float *line = left + y * window->output_width * FED_BLOCK;
                            const float *right = from + y * window->stride * paddedWidth * FED_BLOCK;
                            if (pair) {
                                fed_tile_inner(
                                    sums, ROWS, 2, line, pixels * FED_BLOCK, right, FED_BLOCK, step,
                                    window->output_width);
                            } else {
                                fed_tile_inner(
                                    sums, ROWS, 1, line, pixels * FED_BLOCK, right, FED_BLOCK, step,
                                    window->output_width);
                            }
                        }
                        for (size_t i = 0; i < ROWS; i++) {
                            float *weight = to + (o + i) * size;
                            if (pair) {
                                weight[0] += fed_lane_total(sums[2 * i]);
                                weight[1] += fed_lane_total(sums[2 * i + 1]);
                            } else {
                                weight[0] += fed_lane_total(sums[i]);
                            }
                        }
                    })
                }
            }
        }
    }
}

FED_CLONES_FMA
void fed_convolve_kernel_gradient(
    float *restrict kernelGradient, const float *restrict outputGradient, const float *restrict padded, size_t outputs,
    const fed_window *window) {
    convolve_kernel_gradient(kernelGradient, outputGradient, padded, outputs, window);
}
