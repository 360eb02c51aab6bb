// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#ifndef FED_ACCUMULATE_H
#define FED_ACCUMULATE_H

#include <stddef.h>
#include <stdint.h>

/// sums[i] += round(values[i] * scale) * weight, rounding to nearest, ties to even.
///
/// Needs |values[i] * scale| < 2^51. The additions wrap around: the caller bounds values and weights.
void fed_accumulate(int64_t *sums, const float *values, size_t count, double scale, int64_t weight);

/// The largest |values[i]|, or infinity where any entry is NaN or infinite; 0 for no entries.
float fed_max_magnitude(const float *values, size_t count);

/// means[i] = (float)((double)sums[i] * factor).
void fed_fixed_point_mean(float *means, const int64_t *sums, size_t count, double factor);

#endif
