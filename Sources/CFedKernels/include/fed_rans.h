// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#ifndef FED_RANS_H
#define FED_RANS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Range asymmetric numeral systems (Duda, arXiv:1311.2540, section 3) with one fixed table of frequencies for a block of
// symbols of at most 256 kinds; `protocols/codecs/entropy.md` defines every bit. Symbol i belongs to state i mod 4.

/// Frequencies add up to 2^15.
#define FED_RANS_BITS 15
/// States that take turns; each lies in [2^16, 2^32) and takes in 16 bits at a time.
#define FED_RANS_STATES 4
/// No block of `count` symbols takes more bytes.
#define FED_RANS_CAPACITY(count) (4 * FED_RANS_STATES + 2 * (count))

/// What a symbol does to a state: a division by its frequency as a product with the reciprocal.
typedef struct {
    uint64_t reciprocal;
    uint32_t largest;
    uint32_t bias;
    uint32_t complement;
} fed_rans_symbol_t;

typedef struct {
    fed_rans_symbol_t symbols[256];
} fed_rans_encoder_t;

typedef struct {
    uint16_t frequencies[256];
    uint16_t starts[256];
    uint8_t slots[1 << FED_RANS_BITS];
} fed_rans_decoder_t;

/// Prepares for `alphabet` symbols, 1 to 256, whose frequencies add up to 2^15.
void fed_rans_prepare_encoder(fed_rans_encoder_t *encoder, const uint16_t *frequencies, size_t alphabet);

/// The same for reading.
void fed_rans_prepare_decoder(fed_rans_decoder_t *decoder, const uint16_t *frequencies, size_t alphabet);

/// Codes `count` symbols of frequencies above 0 and returns the number of bytes, which are the last ones of
/// `bytes[FED_RANS_CAPACITY(count)]`.
size_t fed_rans_encode(uint8_t *bytes, const uint8_t *symbols, size_t count, const fed_rans_encoder_t *encoder);

/// Reads `count` symbols; false unless an encoder writes just these `length` bytes for them.
bool fed_rans_decode(
    uint8_t *symbols, size_t count, const uint8_t *bytes, size_t length, const fed_rans_decoder_t *decoder);

#endif
