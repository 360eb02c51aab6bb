// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#ifndef FED_NORMALIZATION_H
#define FED_NORMALIZATION_H

#include <stddef.h>

// Batch normalisation of maps[image][channel][pixel]; a plain feature vector has one pixel.

/// The mean and the (biased) variance of each channel over images and pixels, two passes in double precision.
void fed_channel_statistics(
    float *mean, float *variance, const float *maps, size_t images, size_t channels, size_t pixels);

/// output = (input - mean[channel]) * factor[channel] * scale[channel] + shift[channel].
void fed_normalize(
    float *output, const float *input, const float *mean, const float *factor, const float *scale, const float *shift,
    size_t images, size_t channels, size_t pixels);

/// Gradients of scale and shift: sums over images and pixels of g * (input - mean) * factor, and of g.
void fed_normalize_parameter_gradients(
    float *scaleGradient, float *shiftGradient, const float *outputGradient, const float *input, const float *mean,
    const float *factor, size_t images, size_t channels, size_t pixels);

/// The gradient of the input where mean and factor were the batch's own.
void fed_normalize_batch_gradient(
    float *inputGradient, const float *outputGradient, const float *input, const float *mean, const float *factor,
    const float *scale, const float *scaleGradient, const float *shiftGradient, size_t images, size_t channels,
    size_t pixels);

/// The gradient of the input where mean and factor were constants: g * scale * factor.
void fed_normalize_constant_gradient(
    float *inputGradient, const float *outputGradient, const float *factor, const float *scale, size_t images,
    size_t channels, size_t pixels);

#endif
