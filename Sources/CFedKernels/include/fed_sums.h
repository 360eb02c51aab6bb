// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#ifndef FED_SUMS_H
#define FED_SUMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The loops of the `ternary-sum` codec: integers in [-N, N], packed by radix 2N+1 or split for the entropy coder;
// `protocols/codecs/ternary-sum.md` defines every bit.

/// The smallest and the largest of some integers.
typedef struct {
    int32_t least;
    int32_t largest;
} fed_sums_range_t;

/// The range of `count` integers, at least one.
fed_sums_range_t fed_sums_range(const int32_t *sums, size_t count);

/// How digits of a radix are packed: `digits` of them as a number of `bytes` bytes.
typedef struct {
    uint32_t digits;
    uint32_t bytes;
} fed_sums_group_t;

/// The group of at most 8 bytes that takes the fewest bits a digit, the shorter of equals; `radix` in [2, 65535].
fed_sums_group_t fed_sums_group(uint32_t radix);

/// The bytes of `count` digits.
size_t fed_sums_packed(size_t count, uint32_t radix);

/// Packs sums[i] - least, each in [0, radix), into fed_sums_packed bytes.
void fed_sums_pack(uint8_t *bytes, const int32_t *sums, size_t count, int32_t least, uint32_t radix);

/// The inverse of `fed_sums_pack`; false where a group is no number that packing makes.
bool fed_sums_unpack(int32_t *sums, const uint8_t *bytes, size_t count, int32_t least, uint32_t radix);

/// symbols[i] = (sums[i] - least) >> shift, each below 256, and the `shift` low bits, up to 8, as planes of
/// ceil(count / 8) bytes: bit i mod 8 of byte i / 8 of plane b is bit b of sums[i] - least.
void fed_sums_split(
    uint8_t *symbols, uint8_t *planes, const int32_t *sums, size_t count, int32_t least, uint32_t shift);

/// The inverse of `fed_sums_split`.
void fed_sums_join(
    int32_t *sums, const uint8_t *symbols, const uint8_t *planes, size_t count, int32_t least, uint32_t shift);

/// frequencies[s], of `alphabet` that add up to 2^15, in proportion to how often s is among `count` symbols, at least
/// one, all below `alphabet`, at most 256; 0 only for symbols that do not occur.
void fed_sums_frequencies(uint16_t *frequencies, size_t alphabet, const uint8_t *symbols, size_t count);

/// levels[i] = sums[i], each in [-128, 127].
void fed_sums_levels(int8_t *levels, const int32_t *sums, size_t count);

/// values[i] = sums[i] * step.
void fed_sums_values(float *values, const int32_t *sums, size_t count, float step);

#endif
