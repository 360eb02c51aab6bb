// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#ifndef FED_NORMALIZATION_H
#define FED_NORMALIZATION_H

#include <stddef.h>

// Batch normalisation of maps[image][channel][pixel]; a plain feature vector has one pixel. Sums go through single
// precision for at most a plane at a time, through double precision beyond. All functions may read, but do not use,
// up to FED_SLACK floats past the end of maps.

/// The mean and the (biased) variance of each channel over images and pixels.
void fed_channel_statistics(
    float *mean, float *variance, const float *maps, size_t images, size_t channels, size_t pixels);

/// output = (input - center[channel]) * multiplier[channel] + offset[channel]; where `rectify`, then max(output, 0).
void fed_normalize(
    float *output, const float *input, const float *center, const float *multiplier, const float *offset,
    size_t images, size_t channels, size_t pixels, int rectify);

/// Sums over images and pixels of g * (input - mean) * factor, and of g.
///
/// g is the gradient of the output; where `output` is not NULL, only where that is above 0.
void fed_normalize_sums(
    float *products, float *sums, const float *gradient, const float *output, const float *input, const float *mean,
    const float *factor, size_t images, size_t channels, size_t pixels);

/// inputGradient = (g - constant[channel] - (input - mean[channel]) * slope[channel]) * multiplier[channel].
///
/// g as in `fed_normalize_sums`; without `slope` (NULL), g * multiplier[channel].
void fed_normalize_gradient(
    float *inputGradient, const float *gradient, const float *output, const float *input, const float *mean,
    const float *constant, const float *slope, const float *multiplier, size_t images, size_t channels, size_t pixels);

#endif
