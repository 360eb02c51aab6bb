// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#ifndef FED_RANS_H
#define FED_RANS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Range asymmetric numeral systems (Duda, arXiv:1311.2540, section 3) with one fixed table of frequencies for a block
// of symbols of at most 256 kinds; `protocols/codecs/entropy.md` defines every bit. Symbol i belongs to state i mod 4.

/// Frequencies add up to 2^15.
#define FED_RANS_BITS 15
/// States that take turns; each lies in [2^16, 2^32) and takes in 16 bits at a time.
#define FED_RANS_STATES 4
/// No block of `count` symbols takes more bytes.
#define FED_RANS_CAPACITY(count) (4 * FED_RANS_STATES + 2 * (count))

/// Codes `count` symbols and returns the number of bytes, which are the last ones of `bytes[FED_RANS_CAPACITY(count)]`.
///
/// There are `alphabet` frequencies, 1 to 256, which add up to 2^15, and those of the symbols are above 0.
size_t fed_rans_encode(
    uint8_t *bytes, const uint8_t *symbols, size_t count, const uint16_t *frequencies, size_t alphabet);

/// Reads `count` symbols; false unless just these `length` bytes are what an encoder writes for them.
bool fed_rans_decode(
    uint8_t *symbols, size_t count, const uint8_t *bytes, size_t length, const uint16_t *frequencies,
    size_t alphabet);

#endif
