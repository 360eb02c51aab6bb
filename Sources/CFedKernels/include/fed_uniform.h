// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#ifndef FED_UNIFORM_H
#define FED_UNIFORM_H

#include <stddef.h>
#include <stdint.h>

// The loops of the `uniform` codec; `protocols/codecs/uniform.md` defines every bit. A level of b bits is an integer
// from -L to L, L = 2^(b-1) - 1.

/// Levels in a full block of the packed stream.
#define FED_UNIFORM_BLOCK 256

/// levels[i] = sign(values[i]) * (n + (x - n > u)), x = |values[i]| / scale * largest, n = floor(x),
/// u = ((draws[i] >> 8) | 1) / 2^24.
///
/// Needs |values[i]| <= scale, scale a normal number, and `largest` an integer from 1 to 127.
void fed_uniform_round(
    int8_t *levels, const float *values, const uint32_t *draws, size_t count, float scale, float largest);

/// Packs `count` levels of `bits` (8, 4 or 2) bits into ceil(count * bits / 8) bytes, in blocks of 256 levels; only the
/// last block may be shorter.
///
/// Byte j of a block of m bytes holds the levels j, m + j, ... in two's complement, the first in the lowest bits; levels
/// that the block does not have are 0.
void fed_uniform_pack(uint8_t *bytes, const int8_t *levels, size_t count, unsigned bits);

/// The inverse of `fed_uniform_pack`; writes `count` levels, from -L - 1 to L.
void fed_uniform_unpack(int8_t *levels, const uint8_t *bytes, size_t count, unsigned bits);

/// The lowest level; 0 for none.
int8_t fed_uniform_lowest(const int8_t *levels, size_t count);

#endif
