// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#include "fed_normalization.h"
#include "fed_clones.h"
#include "fed_lanes.h"

#pragma STDC FP_CONTRACT OFF

FED_CLONES
void fed_channel_statistics(
    float *restrict mean, float *restrict variance, const float *restrict maps, size_t images, size_t channels,
    size_t pixels) {
    const double count = (double)(images * pixels);
    for (size_t c = 0; c < channels; c++) {
        fed_lanes sums = {0};
        for (size_t n = 0; n < images; n++) {
            const float *plane = maps + (n * channels + c) * pixels;
            for (size_t p = 0; p < pixels; p++) sums.at[p % FED_LANES] += (double)plane[p];
        }
        const double center = fed_lanes_sum(&sums) / count;
        fed_lanes squares = {0};
        for (size_t n = 0; n < images; n++) {
            const float *plane = maps + (n * channels + c) * pixels;
            for (size_t p = 0; p < pixels; p++) {
                const double difference = (double)plane[p] - center;
                squares.at[p % FED_LANES] += difference * difference;
            }
        }
        mean[c] = (float)center;
        variance[c] = (float)(fed_lanes_sum(&squares) / count);
    }
}

FED_CLONES
void fed_normalize(
    float *restrict output, const float *restrict input, const float *restrict mean, const float *restrict factor,
    const float *restrict scale, const float *restrict shift, size_t images, size_t channels, size_t pixels) {
    for (size_t n = 0; n < images; n++) {
        for (size_t c = 0; c < channels; c++) {
            const float center = mean[c], multiplier = factor[c] * scale[c], offset = shift[c];
            for (size_t p = 0; p < pixels; p++) output[p] = (input[p] - center) * multiplier + offset;
            output += pixels;
            input += pixels;
        }
    }
}

FED_CLONES
void fed_normalize_parameter_gradients(
    float *restrict scaleGradient, float *restrict shiftGradient, const float *restrict outputGradient,
    const float *restrict input, const float *restrict mean, const float *restrict factor, size_t images,
    size_t channels, size_t pixels) {
    for (size_t c = 0; c < channels; c++) {
        fed_lanes products = {0}, sums = {0};
        for (size_t n = 0; n < images; n++) {
            const float *gradient = outputGradient + (n * channels + c) * pixels;
            const float *plane = input + (n * channels + c) * pixels;
            for (size_t p = 0; p < pixels; p++) {
                const double g = (double)gradient[p];
                products.at[p % FED_LANES] += g * ((double)plane[p] - (double)mean[c]);
                sums.at[p % FED_LANES] += g;
            }
        }
        scaleGradient[c] = (float)(fed_lanes_sum(&products) * (double)factor[c]);
        shiftGradient[c] = (float)fed_lanes_sum(&sums);
    }
}

FED_CLONES
void fed_normalize_batch_gradient(
    float *restrict inputGradient, const float *restrict outputGradient, const float *restrict input,
    const float *restrict mean, const float *restrict factor, const float *restrict scale,
    const float *restrict scaleGradient, const float *restrict shiftGradient, size_t images, size_t channels,
    size_t pixels) {
    const float share = (float)(1.0 / (double)(images * pixels));
    for (size_t n = 0; n < images; n++) {
        for (size_t c = 0; c < channels; c++) {
            const float center = mean[c], slope = factor[c] * scaleGradient[c] * share;
            const float constant = shiftGradient[c] * share, multiplier = factor[c] * scale[c];
            for (size_t p = 0; p < pixels; p++) {
                inputGradient[p] = (outputGradient[p] - constant - (input[p] - center) * slope) * multiplier;
            }
            inputGradient += pixels;
            outputGradient += pixels;
            input += pixels;
        }
    }
}

FED_CLONES
void fed_normalize_constant_gradient(
    float *restrict inputGradient, const float *restrict outputGradient, const float *restrict factor,
    const float *restrict scale, size_t images, size_t channels, size_t pixels) {
    for (size_t n = 0; n < images; n++) {
        for (size_t c = 0; c < channels; c++) {
            const float multiplier = factor[c] * scale[c];
            for (size_t p = 0; p < pixels; p++) inputGradient[p] = outputGradient[p] * multiplier;
            inputGradient += pixels;
            outputGradient += pixels;
        }
    }
}
