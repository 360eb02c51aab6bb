// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#ifndef FED_GAPS_H
#define FED_GAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Ascending positions as gaps: the number of entries between a position and the one before it, 0 for neighbours; the
// first gap counts from the start. `protocols/codecs/positions.md` defines every bit. Bits fill bytes from the lowest
// on.

/// No parameter b is larger.
#define FED_GAPS_LARGEST_B 24
/// Bytes behind the last one that writers may touch.
#define FED_GAPS_SLACK 16

/// The bits of the Rice code with parameter b: the sum of floor(gap / 2^b) + 1 + b.
uint64_t fed_gaps_rice_bits(const uint32_t *gaps, size_t count, unsigned b);

/// Writes ceil(bits / 8) bytes, and up to FED_GAPS_SLACK zeros behind them.
void fed_gaps_rice_encode(uint8_t *bytes, const uint32_t *gaps, size_t count, unsigned b);

/// Reads the positions that `count` gaps lead to, 0 being the first possible one.
///
/// False unless an encoder writes just these `length` bytes for them, and all are below `limit`, at most 2^32.
bool fed_gaps_rice_decode(
    uint32_t *positions, size_t count, const uint8_t *bytes, size_t length, unsigned b, uint64_t limit);

/// symbols[i] = min(gaps[i] >> b, 255).
void fed_gaps_split(uint8_t *symbols, const uint32_t *gaps, size_t count, unsigned b);

/// Writes what the symbols leave open, the low b bits of each gap or, for symbol 255, all its 32 bits; returns the
/// number of bytes, of at most 4 * count. Up to FED_GAPS_SLACK zeros go behind them.
size_t fed_gaps_rest_encode(
    uint8_t *bytes, const uint8_t *symbols, const uint32_t *gaps, size_t count, unsigned b);

/// Reads positions as `fed_gaps_rice_decode` does, from symbols and the rest.
bool fed_gaps_rest_decode(
    uint32_t *positions, const uint8_t *symbols, size_t count, const uint8_t *bytes, size_t length, unsigned b,
    uint64_t limit);

#endif
