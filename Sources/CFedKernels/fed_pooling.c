// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#include "fed_clones.h"
#include "fed_convolution.h"
#include "fed_lanes.h"

#pragma STDC FP_CONTRACT OFF

FED_INLINE fed_vector choose(fed_mask mask, fed_vector yes, fed_vector no) {
    return (fed_vector)((mask & (fed_mask)yes) | (~mask & (fed_mask)no));
}

// Whether every input lies under exactly one window.
FED_INLINE int is_tiling(const fed_window *window) {
    return window->stride == window->kernel_height && window->stride == window->kernel_width
        && window->height == window->output_height * window->stride
        && window->width == window->output_width * window->stride;
}

FED_INLINE void max_pool_forward(
    float *restrict output, const float *restrict input, size_t planes, const fed_window *window) {
    const size_t line = window->width * FED_BLOCK;
    for (size_t plane = 0; plane < planes; plane++) {
        for (size_t y = 0; y < window->output_height; y++) {
            for (size_t x = 0; x < window->output_width; x++) {
                const float *corner = input + y * window->stride * line + x * window->stride * FED_BLOCK;
                fed_vector best = fed_load(corner);
                for (size_t ky = 0; ky < window->kernel_height; ky++) {
                    for (size_t kx = 0; kx < window->kernel_width; kx++) {
                        const fed_vector rival = fed_load(corner + ky * line + kx * FED_BLOCK);
                        best = choose((rival > best) | (rival != rival), rival, best);
                    }
                }
                fed_store(output, best);
                output += FED_BLOCK;
            }
        }
        input += window->height * line;
    }
}

FED_CLONES
void fed_max_pool_forward(
    float *restrict output, const float *restrict input, size_t planes, const fed_window *window) {
    max_pool_forward(output, input, planes, window);
}

FED_INLINE void max_pool_backward(
    float *restrict inputGradient, const float *restrict outputGradient, const float *restrict output,
    const float *restrict input, size_t planes, const fed_window *window) {
    const size_t line = window->width * FED_BLOCK;
    const int adds = !is_tiling(window);
    if (adds) memset(inputGradient, 0, planes * window->height * line * sizeof *inputGradient);
    for (size_t plane = 0; plane < planes; plane++) {
        for (size_t y = 0; y < window->output_height; y++) {
            for (size_t x = 0; x < window->output_width; x++) {
                const size_t at = y * window->stride * line + x * window->stride * FED_BLOCK;
                const fed_vector largest = fed_load(output), gradient = fed_load(outputGradient);
                fed_mask open = ~(fed_mask){0};
                for (size_t ky = 0; ky < window->kernel_height; ky++) {
                    for (size_t kx = 0; kx < window->kernel_width; kx++) {
                        const size_t place = at + ky * line + kx * FED_BLOCK;
                        const fed_mask hit = (fed_load(input + place) == largest) & open;
                        const fed_vector part = fed_keep(gradient, hit);
                        open &= ~hit;
                        fed_store(inputGradient + place, adds ? fed_load(inputGradient + place) + part : part);
                    }
                }
                output += FED_BLOCK;
                outputGradient += FED_BLOCK;
            }
        }
        input += window->height * line;
        inputGradient += window->height * line;
    }
}

FED_CLONES
void fed_max_pool_backward(
    float *restrict inputGradient, const float *restrict outputGradient, const float *restrict output,
    const float *restrict input, size_t planes, const fed_window *window) {
    max_pool_backward(inputGradient, outputGradient, output, input, planes, window);
}

FED_INLINE void average_pool_forward(
    float *restrict output, const float *restrict input, size_t planes, const fed_window *window) {
    const size_t line = window->width * FED_BLOCK;
    const float share = 1.0f / (float)(window->kernel_height * window->kernel_width);
    for (size_t plane = 0; plane < planes; plane++) {
        for (size_t y = 0; y < window->output_height; y++) {
            for (size_t x = 0; x < window->output_width; x++) {
                const float *corner = input + y * window->stride * line + x * window->stride * FED_BLOCK;
                fed_vector sum = {0};
                for (size_t ky = 0; ky < window->kernel_height; ky++) {
                    for (size_t kx = 0; kx < window->kernel_width; kx++) {
                        sum += fed_load(corner + ky * line + kx * FED_BLOCK);
                    }
                }
                fed_store(output, sum * share);
                output += FED_BLOCK;
            }
        }
        input += window->height * line;
    }
}

FED_CLONES
void fed_average_pool_forward(
    float *restrict output, const float *restrict input, size_t planes, const fed_window *window) {
    average_pool_forward(output, input, planes, window);
}

FED_INLINE void average_pool_backward(
    float *restrict inputGradient, const float *restrict outputGradient, size_t planes, const fed_window *window) {
    const size_t line = window->width * FED_BLOCK;
    const float share = 1.0f / (float)(window->kernel_height * window->kernel_width);
    memset(inputGradient, 0, planes * window->height * line * sizeof *inputGradient);
    for (size_t plane = 0; plane < planes; plane++) {
        for (size_t y = 0; y < window->output_height; y++) {
            for (size_t x = 0; x < window->output_width; x++) {
                float *corner = inputGradient + y * window->stride * line + x * window->stride * FED_BLOCK;
                const fed_vector part = fed_load(outputGradient) * share;
                for (size_t ky = 0; ky < window->kernel_height; ky++) {
                    for (size_t kx = 0; kx < window->kernel_width; kx++) {
                        float *to = corner + ky * line + kx * FED_BLOCK;
                        fed_store(to, fed_load(to) + part);
                    }
                }
                outputGradient += FED_BLOCK;
            }
        }
        inputGradient += window->height * line;
    }
}

FED_CLONES
void fed_average_pool_backward(
    float *restrict inputGradient, const float *restrict outputGradient, size_t planes, const fed_window *window) {
    average_pool_backward(inputGradient, outputGradient, planes, window);
}

void fed_subsample_forward(
    float *restrict output, const float *restrict input, size_t outputs, const fed_window *window) {
    const size_t pixels = window->output_height * window->output_width;
    for (size_t c = 0; c < window->channels; c++) {
        for (size_t y = 0; y < window->output_height; y++) {
            const float *row = input + (c * window->height + y * window->stride) * window->width * FED_BLOCK;
            for (size_t x = 0; x < window->output_width; x++) {
                memcpy(output, row + x * window->stride * FED_BLOCK, FED_BLOCK * sizeof *output);
                output += FED_BLOCK;
            }
        }
    }
    memset(output, 0, (outputs - window->channels) * pixels * FED_BLOCK * sizeof *output);
}

void fed_subsample_backward(
    float *restrict inputGradient, const float *restrict outputGradient, const fed_window *window) {
    const size_t line = window->width * FED_BLOCK;
    memset(inputGradient, 0, window->channels * window->height * line * sizeof *inputGradient);
    for (size_t c = 0; c < window->channels; c++) {
        for (size_t y = 0; y < window->output_height; y++) {
            float *row = inputGradient + (c * window->height + y * window->stride) * line;
            for (size_t x = 0; x < window->output_width; x++) {
                memcpy(row + x * window->stride * FED_BLOCK, outputGradient, FED_BLOCK * sizeof *row);
                outputGradient += FED_BLOCK;
            }
        }
    }
}
