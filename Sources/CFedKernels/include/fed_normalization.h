// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#ifndef FED_NORMALIZATION_H
#define FED_NORMALIZATION_H

#include <stddef.h>

// Batch normalisation, of plain vectors rows[example][channel] (`pixels` 0) or of maps in blocks of sixteen examples,
// [block][channel][pixel][example], where the lanes behind the last of `examples` do not count and get 0 as output and as
// gradient.
// Sums go through single precision for at most a plane of a block, through double precision beyond. All functions may
// read, but do not use, up to FED_SLACK floats past the end of rows.

/// How many examples of how many channels, and how they lie.
typedef struct {
    size_t examples;
    size_t channels;
    size_t pixels;
} fed_batch;

/// The mean and the (biased) variance of each channel over examples and pixels.
void fed_channel_statistics(float *mean, float *variance, const float *input, const fed_batch *batch);

/// output = (input - center[channel]) * multiplier[channel] + offset[channel]; where `rectify`, then max(output, 0).
void fed_normalize(
    float *output, const float *input, const float *center, const float *multiplier, const float *offset,
    const fed_batch *batch, int rectify);

/// Sums over examples and pixels of g * (input - mean) * factor, and of g.
///
/// g is the gradient of the output; where `output` is not NULL, only where that is above 0.
void fed_normalize_sums(
    float *products, float *sums, const float *gradient, const float *output, const float *input, const float *mean,
    const float *factor, const fed_batch *batch);

/// inputGradient = (g - constant[channel] - (input - mean[channel]) * slope[channel]) * multiplier[channel].
///
/// g as in `fed_normalize_sums`; without `slope` (NULL), g * multiplier[channel].
void fed_normalize_gradient(
    float *inputGradient, const float *gradient, const float *output, const float *input, const float *mean,
    const float *constant, const float *slope, const float *multiplier, const fed_batch *batch);

#endif
