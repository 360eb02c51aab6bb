// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#include "fed_gaps.h"
#include "fed_clones.h"
#include "fed_lanes.h"

#include <string.h>

FED_INLINE uint64_t little_endian(uint64_t word) {
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

// Bits on their way out: fewer than eight between two calls.
typedef struct {
    uint8_t *at;
    uint64_t bits;
    unsigned filled;
} sink;

// `length` is at most 56, and there are no bits above it.
FED_INLINE void put(sink *to, uint64_t bits, unsigned length) {
    to->bits |= bits << to->filled;
    to->filled += length;
    uint64_t word = little_endian(to->bits);
    memcpy(to->at, &word, sizeof word);
    to->at += to->filled / 8;
    to->bits >>= to->filled & ~7u;
    to->filled &= 7;
}

// The 57 bits or more from bit `at` on, zeros behind the last byte.
FED_INLINE uint64_t peek(const uint8_t *bytes, size_t length, size_t at) {
    size_t byte = at / 8;
    uint64_t word = 0;
    if (byte < length) {
        if (length - byte >= sizeof word) {
            memcpy(&word, &bytes[byte], sizeof word);
        } else {
            memcpy(&word, &bytes[byte], length - byte);
        }
    }
    return little_endian(word) >> (at % 8);
}

// Whether `used` bits end in the last of the bytes, and zeros follow them there.
FED_INLINE bool ends(const uint8_t *bytes, size_t length, size_t used) {
    return (used + 7) / 8 == length && (used % 8 == 0 || bytes[length - 1] >> (used % 8) == 0);
}

FED_CLONES
uint64_t fed_gaps_rice_bits(const uint32_t *gaps, size_t count, unsigned b) {
    uint64_t bits = (uint64_t)count * (b + 1);
    for (size_t i = 0; i < count; i++) bits += gaps[i] >> b;
    return bits;
}

void fed_gaps_rice_encode(uint8_t *restrict bytes, const uint32_t *restrict gaps, size_t count, unsigned b) {
    sink to = {bytes, 0, 0};
    uint64_t low = ((uint64_t)1 << b) - 1;
    put(&to, 0, 0);
    for (size_t i = 0; i < count; i++) {
        uint32_t ones = gaps[i] >> b;
        for (; ones > 31; ones -= 32) put(&to, 0xffffffffu, 32);
        uint64_t rest = gaps[i] & low;
        put(&to, (((uint64_t)1 << ones) - 1) | rest << (ones + 1), ones + 1 + b);
    }
}

bool fed_gaps_rice_decode(
    uint32_t *restrict positions, size_t count, const uint8_t *restrict bytes, size_t length, unsigned b,
    uint64_t limit) {
    uint64_t low = ((uint64_t)1 << b) - 1, next = 0;
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t word = peek(bytes, length, at), ones = 0;
        // A word holds 57 bits at least: 32 ones, the zero and 24 bits more.
        while ((uint32_t)word == 0xffffffffu) {
            ones += 32;
            at += 32;
            word = peek(bytes, length, at);
        }
        unsigned few = (unsigned)__builtin_ctzll(~word);
        ones += few;
        next += ones << b | (word >> (few + 1) & low);
        at += few + 1 + b;
        positions[i] = (uint32_t)next;
        next++;
    }
    // All ones together are no more than the bits: `next` cannot have wrapped around, and it only grew.
    return next <= limit && ends(bytes, length, at);
}

FED_CLONES
void fed_gaps_split(uint8_t *restrict symbols, const uint32_t *restrict gaps, size_t count, unsigned b) {
    for (size_t i = 0; i < count; i++) {
        uint32_t quotient = gaps[i] >> b;
        symbols[i] = (uint8_t)(quotient < 255 ? quotient : 255);
    }
}

size_t fed_gaps_rest_encode(
    uint8_t *restrict bytes, const uint8_t *restrict symbols, const uint32_t *restrict gaps, size_t count,
    unsigned b) {
    sink to = {bytes, 0, 0};
    uint64_t low = ((uint64_t)1 << b) - 1;
    put(&to, 0, 0);
    for (size_t i = 0; i < count; i++) {
        bool whole = symbols[i] == 255;
        put(&to, gaps[i] & (whole ? 0xffffffffu : low), whole ? 32 : b);
    }
    return (size_t)(to.at - bytes) + (to.filled > 0);
}

bool fed_gaps_rest_decode(
    uint32_t *restrict positions, const uint8_t *restrict symbols, size_t count, const uint8_t *restrict bytes,
    size_t length, unsigned b, uint64_t limit) {
    uint64_t low = ((uint64_t)1 << b) - 1, next = 0;
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        bool whole = symbols[i] == 255;
        uint64_t word = peek(bytes, length, at);
        uint64_t gap = whole ? (uint32_t)word : (uint64_t)symbols[i] << b | (word & low);
        if (whole && gap >> b < 255) return false;
        at += whole ? 32 : b;
        next += gap;
        positions[i] = (uint32_t)next;
        next++;
    }
    return next <= limit && ends(bytes, length, at);
}
