// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#ifndef FED_TERNARY_H
#define FED_TERNARY_H

#include <stddef.h>
#include <stdint.h>

// The loops of the `ternary` codec; `protocols/codecs/ternary.md` defines every bit. A digit is a trit plus 1: 0, 1, 2.

/// Trits in a full block of the packed stream.
#define FED_TERNARY_BLOCK 320
/// Lanes of the random generator, and of the sums of moments.
#define FED_TERNARY_LANES 16

/// What the scale of a tensor is made from.
typedef struct {
    double sum;
    double sum_of_squares;
    /// The largest magnitude, or infinity where any entry is NaN or infinite.
    float largest;
} fed_ternary_moments_t;

/// Sixteen generators xoshiro128++ side by side: words[w][l] is state word w of lane l.
typedef struct {
    uint32_t words[4][FED_TERNARY_LANES];
} fed_ternary_generator_t;

/// Sums over the entries in double precision: entry i goes to lane i mod 16, and lanes are added pairwise (8, 4, 2, 1).
fed_ternary_moments_t fed_ternary_moments(const float *values, size_t count);

/// Draws `steps` times from every lane: draws[16 * step + lane].
void fed_ternary_draw(fed_ternary_generator_t *generator, uint32_t *draws, size_t steps);

/// digits[i] = 1 + sign(values[i]) where |values[i]| > scale * u, else 1; u = ((draws[i] >> 8) | 1) / 2^24.
///
/// Needs scale of at least 2^-100, so that scale / 2^24 is a normal number.
void fed_ternary_round(uint8_t *digits, const float *values, const uint32_t *draws, size_t count, float scale);

/// values[i] = (digits[i] - 1) * scale.
void fed_ternary_expand(float *values, const uint8_t *digits, size_t count, float scale);

/// Packs `count` digits into ceil(count / 5) bytes, in blocks of 320 digits; only the last block may be shorter.
///
/// Byte j of a block of r digits and m = ceil(r / 5) bytes holds the digits j, m + j, ... 4m + j, the first of them
/// with weight 1, then 3, 9, 27 and 81; digits at or beyond r are 1.
void fed_ternary_pack(uint8_t *bytes, const uint8_t *digits, size_t count);

/// The inverse of `fed_ternary_pack` for bytes up to 242; writes `count` digits.
void fed_ternary_unpack(uint8_t *digits, const uint8_t *bytes, size_t count);

/// The largest byte; 0 for none.
uint8_t fed_ternary_largest(const uint8_t *bytes, size_t count);

#endif
