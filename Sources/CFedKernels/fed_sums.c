// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#include "fed_sums.h"
#include "fed_clones.h"

#include <string.h>

#pragma STDC FP_CONTRACT OFF

FED_CLONES
fed_sums_range_t fed_sums_range(const int32_t *sums, size_t count) {
    int32_t least = sums[0], largest = sums[0];
    for (size_t i = 0; i < count; i++) {
        least = sums[i] < least ? sums[i] : least;
        largest = sums[i] > largest ? sums[i] : largest;
    }
    fed_sums_range_t range = {least, largest};
    return range;
}

fed_sums_group_t fed_sums_group(uint32_t radix) {
    fed_sums_group_t best = {0, 1};
    for (uint32_t bytes = 1; bytes <= 8; bytes++) {
        uint64_t most = bytes < 8 ? ((uint64_t)1 << (8 * bytes)) - 1 : UINT64_MAX, largest = 0;
        fed_sums_group_t group = {0, bytes};
        // The largest number of one digit more is largest * radix + radix - 1.
        while (largest <= (most - (radix - 1)) / radix && most >= radix - 1) {
            largest = largest * radix + (radix - 1);
            group.digits++;
        }
        if (group.digits * best.bytes > best.digits * group.bytes) best = group;
    }
    return best;
}

// The bytes of the largest number of `digits` digits.
static size_t group_bytes(uint32_t digits, uint32_t radix) {
    uint64_t largest = 0;
    for (uint32_t k = 0; k < digits; k++) largest = largest * radix + (radix - 1);
    size_t bytes = 0;
    for (; largest > 0; largest >>= 8) bytes++;
    return bytes;
}

size_t fed_sums_packed(size_t count, uint32_t radix) {
    fed_sums_group_t group = fed_sums_group(radix);
    return count / group.digits * group.bytes + group_bytes((uint32_t)(count % group.digits), radix);
}

static inline __attribute__((always_inline)) void pack_group(
    uint8_t *bytes, size_t width, const int32_t *sums, size_t digits, int32_t least, uint32_t radix) {
    uint64_t number = 0;
    for (size_t k = digits; k > 0; k--) number = number * radix + (uint32_t)(sums[k - 1] - least);
    for (size_t k = 0; k < width; k++) bytes[k] = (uint8_t)(number >> (8 * k));
}

void fed_sums_pack(
    uint8_t *restrict bytes, const int32_t *restrict sums, size_t count, int32_t least, uint32_t radix) {
    fed_sums_group_t group = fed_sums_group(radix);
    for (; count >= group.digits; count -= group.digits, sums += group.digits, bytes += group.bytes) {
        pack_group(bytes, group.bytes, sums, group.digits, least, radix);
    }
    pack_group(bytes, group_bytes((uint32_t)count, radix), sums, count, least, radix);
}

// Reciprocal of the radix: floor(x / radix) is the upper half of x * reciprocal, or one less.
static inline __attribute__((always_inline)) bool unpack_group(
    int32_t *sums, const uint8_t *bytes, size_t width, size_t digits, int32_t least, uint32_t radix,
    uint64_t reciprocal) {
    uint64_t number = 0;
    for (size_t k = 0; k < width; k++) number |= (uint64_t)bytes[k] << (8 * k);
    for (size_t k = 0; k < digits; k++) {
        uint64_t quotient = (uint64_t)(((unsigned __int128)number * reciprocal) >> 64);
        uint32_t digit = (uint32_t)(number - quotient * radix);
        uint32_t over = digit >= radix;
        sums[k] = (int32_t)(digit - (radix & -over)) + least;
        number = quotient + over;
    }
    return number == 0;
}

bool fed_sums_unpack(
    int32_t *restrict sums, const uint8_t *restrict bytes, size_t count, int32_t least, uint32_t radix) {
    fed_sums_group_t group = fed_sums_group(radix);
    uint64_t reciprocal = UINT64_MAX / radix;
    bool valid = true;
    for (; count >= group.digits; count -= group.digits, sums += group.digits, bytes += group.bytes) {
        valid &= unpack_group(sums, bytes, group.bytes, group.digits, least, radix, reciprocal);
    }
    valid &= unpack_group(sums, bytes, group_bytes((uint32_t)count, radix), count, least, radix, reciprocal);
    return valid;
}

FED_CLONES
static void symbols_of(
    uint8_t *restrict symbols, const int32_t *restrict sums, size_t count, int32_t least, uint32_t shift) {
    for (size_t i = 0; i < count; i++) symbols[i] = (uint8_t)((uint32_t)(sums[i] - least) >> shift);
}

void fed_sums_split(
    uint8_t *restrict symbols, uint8_t *restrict planes, const int32_t *restrict sums, size_t count, int32_t least,
    uint32_t shift) {
    symbols_of(symbols, sums, count, least, shift);
    size_t width = (count + 7) / 8;
    memset(planes, 0, width * shift);
    for (size_t i = 0; i < count; i++) {
        uint32_t low = (uint32_t)(sums[i] - least);
        for (size_t b = 0; b < shift; b++) planes[b * width + i / 8] |= (uint8_t)((low >> b & 1) << (i % 8));
    }
}

FED_CLONES
void fed_sums_join(
    int32_t *restrict sums, const uint8_t *restrict symbols, const uint8_t *restrict planes, size_t count,
    int32_t least, uint32_t shift) {
    for (size_t i = 0; i < count; i++) sums[i] = (int32_t)((uint32_t)symbols[i] << shift) + least;
    size_t width = (count + 7) / 8;
    for (size_t b = 0; b < shift; b++) {
        for (size_t i = 0; i < count; i++) sums[i] += (planes[b * width + i / 8] >> (i % 8) & 1) << b;
    }
}

void fed_sums_frequencies(
    uint16_t *restrict frequencies, size_t alphabet, const uint8_t *restrict symbols, size_t count) {
    // Four histograms side by side: equal symbols in a row do not wait for each other.
    uint32_t counts[4][256] = {{0}};
    size_t whole = count - count % 4;
    for (size_t i = 0; i < whole; i += 4) {
        for (size_t k = 0; k < 4; k++) counts[k][symbols[i + k]]++;
    }
    for (size_t i = whole; i < count; i++) counts[0][symbols[i]]++;
    uint64_t most = 0;
    uint32_t sum = 0;
    size_t likeliest = 0;
    for (size_t s = 0; s < alphabet; s++) {
        uint64_t number = (uint64_t)counts[0][s] + counts[1][s] + counts[2][s] + counts[3][s];
        uint64_t share = (number << 15) / count;
        frequencies[s] = share > 0 ? (uint16_t)share : number > 0;
        sum += frequencies[s];
        if (number > most) most = number, likeliest = s;
    }
    // What rounding left over or took too much is less than the likeliest symbol's own share.
    frequencies[likeliest] = (uint16_t)(frequencies[likeliest] + (1u << 15) - sum);
}

FED_CLONES
void fed_sums_levels(int8_t *restrict levels, const int32_t *restrict sums, size_t count) {
    for (size_t i = 0; i < count; i++) levels[i] = (int8_t)sums[i];
}

FED_CLONES
void fed_sums_values(float *restrict values, const int32_t *restrict sums, size_t count, float step) {
    for (size_t i = 0; i < count; i++) values[i] = (float)sums[i] * step;
}
