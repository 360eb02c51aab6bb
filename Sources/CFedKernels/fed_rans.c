// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#include "fed_rans.h"

#include <string.h>

enum { total = 1 << FED_RANS_BITS, states = FED_RANS_STATES };

/// States start here, and are below it only while they wait for 16 bits more.
static const uint32_t lowest = 1u << 16;

// What a symbol does to a state: a division by its frequency as a product with the reciprocal.
typedef struct {
    uint64_t reciprocal;
    uint32_t largest;
    uint32_t bias;
    uint32_t complement;
} coding;

// What reads symbols: each of the 2^15 slots belongs to one.
typedef struct {
    uint16_t frequencies[256];
    uint16_t starts[256];
    uint8_t slots[total];
} table;

static void fill_codings(coding *codings, const uint16_t *frequencies, size_t alphabet) {
    uint32_t start = 0;
    memset(codings, 0, 256 * sizeof *codings);
    for (size_t s = 0; s < alphabet; s++) {
        uint32_t frequency = frequencies[s];
        if (frequency == 0) continue;
        // floor(x / f) is the upper half of x * ceil(2^64 / f) for every x below 2^32 and f from 2 to 2^16. For f = 1
        // the reciprocal 2^64 - 1 gives x - 1, which the bias makes up for.
        codings[s].reciprocal = frequency > 1 ? UINT64_MAX / frequency + 1 : UINT64_MAX;
        codings[s].bias = frequency > 1 ? start : start + total - 1;
        codings[s].largest = (uint32_t)(((uint64_t)frequency << (32 - FED_RANS_BITS)) - 1);
        codings[s].complement = total - frequency;
        start += frequency;
    }
}

static void fill_table(table *decoder, const uint16_t *frequencies, size_t alphabet) {
    uint32_t start = 0;
    for (size_t s = 0; s < alphabet; s++) {
        decoder->frequencies[s] = frequencies[s];
        decoder->starts[s] = (uint16_t)start;
        memset(&decoder->slots[start], (int)s, frequencies[s]);
        start += frequencies[s];
    }
}

// x becomes floor(x / f) * 2^15 + start + x mod f, its low 16 bits leaving first where the result would not fit.
static inline __attribute__((always_inline)) uint32_t push(
    uint32_t state, const coding *symbol, uint8_t **bytes) {
    uint8_t *word = *bytes - 2;
    word[0] = (uint8_t)state;
    word[1] = (uint8_t)(state >> 8);
    uint32_t full = state > symbol->largest;
    *bytes -= 2 * full;
    state >>= 16 * full;
    uint32_t quotient = (uint32_t)(((unsigned __int128)state * symbol->reciprocal) >> 64);
    return state + symbol->bias + quotient * symbol->complement;
}

size_t fed_rans_encode(
    uint8_t *restrict bytes, const uint8_t *restrict symbols, size_t count, const uint16_t *restrict frequencies,
    size_t alphabet) {
    coding codings[256];
    fill_codings(codings, frequencies, alphabet);
    uint8_t *const end = bytes + FED_RANS_CAPACITY(count);
    uint8_t *at = end;
    uint32_t x[states];
    for (size_t k = 0; k < states; k++) x[k] = lowest;
    // A state is read in the opposite order of writing.
    size_t i = count;
    while (i % states != 0) {
        i--;
        x[i % states] = push(x[i % states], &codings[symbols[i]], &at);
    }
    uint32_t x0 = x[0], x1 = x[1], x2 = x[2], x3 = x[3];
    while (i > 0) {
        i -= states;
        x3 = push(x3, &codings[symbols[i + 3]], &at);
        x2 = push(x2, &codings[symbols[i + 2]], &at);
        x1 = push(x1, &codings[symbols[i + 1]], &at);
        x0 = push(x0, &codings[symbols[i]], &at);
    }
    uint32_t last[states] = {x0, x1, x2, x3};
    at -= 4 * states;
    for (size_t k = 0; k < states; k++) {
        for (size_t byte = 0; byte < 4; byte++) at[4 * k + byte] = (uint8_t)(last[k] >> (8 * byte));
    }
    return (size_t)(end - at);
}

static inline __attribute__((always_inline)) uint32_t pull(
    uint32_t state, uint8_t *symbol, const table *decoder) {
    uint32_t slot = state % total;
    uint8_t s = decoder->slots[slot];
    *symbol = s;
    return (state / total) * decoder->frequencies[s] + slot - decoder->starts[s];
}

// Takes in the next 16 bits where the state is low, without a branch. A state that was at least 2^16 when its symbol
// was pulled is at least 2 now, and so at least 2^17 then.
static inline __attribute__((always_inline)) uint32_t refill(uint32_t state, const uint8_t **bytes) {
    uint32_t word = (*bytes)[0] | (uint32_t)(*bytes)[1] << 8;
    uint32_t low = state < lowest;
    *bytes += 2 * low;
    return state << (16 * low) | (word & -low);
}

bool fed_rans_decode(
    uint8_t *restrict symbols, size_t count, const uint8_t *bytes, size_t length,
    const uint16_t *restrict frequencies, size_t alphabet) {
    if (length < 4 * states) return false;
    table decoder;
    fill_table(&decoder, frequencies, alphabet);
    const uint8_t *end = bytes + length;
    uint32_t x[states];
    for (size_t k = 0; k < states; k++, bytes += 4) {
        x[k] = bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
        if (x[k] < lowest) return false;
    }
    size_t i = 0;
    uint32_t x0 = x[0], x1 = x[1], x2 = x[2], x3 = x[3];
    // Four symbols take in no more than eight bytes.
    for (; count - i >= states && end - bytes >= 2 * states; i += states) {
        x0 = refill(pull(x0, &symbols[i], &decoder), &bytes);
        x1 = refill(pull(x1, &symbols[i + 1], &decoder), &bytes);
        x2 = refill(pull(x2, &symbols[i + 2], &decoder), &bytes);
        x3 = refill(pull(x3, &symbols[i + 3], &decoder), &bytes);
    }
    x[0] = x0, x[1] = x1, x[2] = x2, x[3] = x3;
    for (; i < count; i++) {
        uint32_t *state = &x[i % states];
        *state = pull(*state, &symbols[i], &decoder);
        if (*state >= lowest) continue;
        if (end - bytes < 2) return false;
        *state = refill(*state, &bytes);
    }
    return bytes == end && x[0] == lowest && x[1] == lowest && x[2] == lowest && x[3] == lowest;
}
