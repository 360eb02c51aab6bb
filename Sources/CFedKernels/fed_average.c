// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#include "fed_convolution.h"

#include <string.h>

#pragma STDC FP_CONTRACT OFF

void fed_average_pool_forward(
    float *restrict output, const float *restrict input, size_t planes, const fed_window *window) {
    const float share = 1.0f / (float)(window->kernel_height * window->kernel_width);
    for (size_t plane = 0; plane < planes; plane++) {
        for (size_t y = 0; y < window->output_height; y++) {
            for (size_t x = 0; x < window->output_width; x++) {
                const float *corner = input + y * window->stride * window->width + x * window->stride;
                float sum = 0;
                for (size_t ky = 0; ky < window->kernel_height; ky++) {
                    for (size_t kx = 0; kx < window->kernel_width; kx++) sum += corner[ky * window->width + kx];
                }
                *output++ = sum * share;
            }
        }
        input += window->height * window->width;
    }
}

void fed_average_pool_backward(
    float *restrict inputGradient, const float *restrict outputGradient, size_t planes, const fed_window *window) {
    const float share = 1.0f / (float)(window->kernel_height * window->kernel_width);
    memset(inputGradient, 0, planes * window->height * window->width * sizeof *inputGradient);
    for (size_t plane = 0; plane < planes; plane++) {
        for (size_t y = 0; y < window->output_height; y++) {
            for (size_t x = 0; x < window->output_width; x++) {
                float *corner = inputGradient + y * window->stride * window->width + x * window->stride;
                const float part = *outputGradient++ * share;
                for (size_t ky = 0; ky < window->kernel_height; ky++) {
                    for (size_t kx = 0; kx < window->kernel_width; kx++) corner[ky * window->width + kx] += part;
                }
            }
        }
        inputGradient += window->height * window->width;
    }
}

void fed_subsample_forward(
    float *restrict output, const float *restrict input, size_t outputs, const fed_window *window) {
    const size_t pixels = window->output_height * window->output_width;
    for (size_t c = 0; c < window->channels; c++) {
        for (size_t y = 0; y < window->output_height; y++) {
            const float *row = input + (c * window->height + y * window->stride) * window->width;
            for (size_t x = 0; x < window->output_width; x++) *output++ = row[x * window->stride];
        }
    }
    memset(output, 0, (outputs - window->channels) * pixels * sizeof *output);
}

void fed_subsample_backward(
    float *restrict inputGradient, const float *restrict outputGradient, const fed_window *window) {
    memset(inputGradient, 0, window->channels * window->height * window->width * sizeof *inputGradient);
    for (size_t c = 0; c < window->channels; c++) {
        for (size_t y = 0; y < window->output_height; y++) {
            float *row = inputGradient + (c * window->height + y * window->stride) * window->width;
            for (size_t x = 0; x < window->output_width; x++) row[x * window->stride] = *outputGradient++;
        }
    }
}
