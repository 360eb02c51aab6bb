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
/// A byte that holds five trits is below this.
#define FED_TERNARY_BYTES 243
/// The probabilities of a block's trits are multiples of 1 / this.
#define FED_TERNARY_UNIT 4096

/// What the scale of a tensor is made from.
typedef struct {
    double sum;
    double sum_of_squares;
    /// The largest magnitude, or infinity where any entry is NaN or infinite.
    float largest;
} fed_ternary_moments_t;

/// How many trits of a stretch are -1 and 1.
typedef struct {
    size_t minus;
    size_t plus;
} fed_ternary_counts_t;

/// Sixteen generators xoshiro128++ side by side: words[w][l] is state word w of lane l.
typedef struct {
    uint32_t words[4][FED_TERNARY_LANES];
} fed_ternary_generator_t;

/// Sums over the entries in double precision: entry i goes to lane i mod 16, and lanes are added pairwise (8, 4, 2, 1).
fed_ternary_moments_t fed_ternary_moments(const float *values, size_t count);

/// Draws `steps` times from every lane: draws[16 * step + lane].
void fed_ternary_draw(fed_ternary_generator_t *generator, uint32_t *draws, size_t steps);

/// digits[i] = 1 + sign(values[i]) where min(|values[i]|, limit) > scale * u, else 1; u = ((draws[i] >> 8) | 1) / 2^24.
///
/// Needs finite values, a limit of at least 0, and a scale of at least 2^-100, so that scale / 2^24 is a normal number.
void fed_ternary_round(
    uint8_t *digits, const float *values, const uint32_t *draws, size_t count, float scale, float limit);

/// The digits 0 and the digits 2 among `count`.
fed_ternary_counts_t fed_ternary_count(const uint8_t *digits, size_t count);

/// Packs `count` digits into ceil(count / 5) bytes, in blocks of 320 digits; only the last block may be shorter.
///
/// Byte j of a block of r digits and m = ceil(r / 5) bytes holds the digits j, m + j, ... 4m + j, the first of them
/// with weight 1, then 3, 9, 27 and 81; digits at or beyond r are 1.
void fed_ternary_pack(uint8_t *bytes, const uint8_t *digits, size_t count);

/// The inverse of `fed_ternary_pack` for bytes up to 242; writes `count` trits: -1, 0, 1.
void fed_ternary_unpack(int8_t *trits, const uint8_t *bytes, size_t count);

/// The largest byte; 0 for none.
uint8_t fed_ternary_largest(const uint8_t *bytes, size_t count);

/// frequencies[b], of FED_TERNARY_BYTES that add up to 2^15: how often the byte b comes where trits of -1 and 1 have
/// the probabilities minus / 4096 and plus / 4096, which add up to at most 1. 0 only for bytes with a trit of
/// probability 0.
void fed_ternary_frequencies(uint16_t *frequencies, uint32_t minus, uint32_t plus);

#endif
