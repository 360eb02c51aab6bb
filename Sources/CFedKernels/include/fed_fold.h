// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#ifndef FED_FOLD_H
#define FED_FOLD_H

#include <stddef.h>
#include <stdint.h>

// Adding decoded stretches of an update to fixed-point sums. All additions wrap around: the caller bounds values and
// weights.

/// The largest magnitude of the levels, 0 to 128; 0 for none.
int fed_largest_level(const int8_t *levels, size_t count);

/// sums[i] = 0, for new memory, which is asked to come in large pages where it is large: sums far apart are found
/// faster there.
void fed_fold_clear(int64_t *sums, size_t count);

/// sums[i] += table[(uint8_t)levels[i]]; the table has 256 entries, level -1 being entry 255.
void fed_fold_levels(int64_t *sums, const int8_t *levels, size_t count, const int64_t *table);

/// sums[i] += trits[i] * step, for trits of -1, 0 and 1.
void fed_fold_trits(int64_t *sums, const int8_t *trits, size_t count, int64_t step);

/// sums[positions[i]] += round(values[i] * scale) * weight in the order of i, rounding to nearest, ties to even.
///
/// Needs |values[i] * scale| < 2^51. The caller checks the positions.
void fed_fold_sparse(
    int64_t *sums, const uint32_t *positions, const float *values, size_t count, double scale, int64_t weight);

#endif
