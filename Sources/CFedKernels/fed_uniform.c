// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#include "fed_uniform.h"
#include "fed_clones.h"
#include "fed_lanes.h"

#include <string.h>

#pragma STDC FP_CONTRACT OFF

enum { block = FED_UNIFORM_BLOCK };

FED_CLONES
void fed_uniform_round(
    int8_t *restrict levels, const float *restrict values, const uint32_t *restrict draws, size_t count, float scale,
    float largest) {
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, &values[i], sizeof bits);
        uint32_t sign = bits >> 31;
        bits &= 0x7fffffffu;
        float magnitude;
        memcpy(&magnitude, &bits, sizeof magnitude);
        // A division, so that a magnitude equal to the scale is the largest level exactly.
        float place = magnitude / scale * largest;
        int32_t below = (int32_t)place;
        float rest = place - (float)below;
        float threshold = (float)(int32_t)((draws[i] >> 8) | 1u) * 0x1p-24f;
        int32_t level = below + (rest > threshold);
        levels[i] = (int8_t)(sign ? -level : level);
    }
}

// One loop for each number of levels a byte holds: with a constant, shifts are constant and loops unroll.
FED_INLINE void pack_block(uint8_t *restrict bytes, const int8_t *restrict levels, size_t width, size_t bits) {
    uint8_t mask = (uint8_t)((1u << bits) - 1);
    for (size_t j = 0; j < width; j++) {
        uint8_t byte = 0;
        for (size_t k = 0; k < 8 / bits; k++) byte |= (uint8_t)(((uint8_t)levels[k * width + j] & mask) << (k * bits));
        bytes[j] = byte;
    }
}

FED_INLINE void unpack_block(int8_t *restrict levels, const uint8_t *restrict bytes, size_t width, size_t bits) {
    uint8_t mask = (uint8_t)((1u << bits) - 1), sign = (uint8_t)(1u << (bits - 1));
    for (size_t j = 0; j < width; j++) {
        for (size_t k = 0; k < 8 / bits; k++) {
            uint8_t pattern = (uint8_t)(bytes[j] >> (k * bits)) & mask;
            levels[k * width + j] = (int8_t)(uint8_t)((pattern ^ sign) - sign);
        }
    }
}

FED_INLINE void pack(uint8_t *restrict bytes, const int8_t *restrict levels, size_t count, size_t bits) {
    const size_t width = block * bits / 8;
    for (; count >= block; count -= block, bytes += width, levels += block) pack_block(bytes, levels, width, bits);
    if (count == 0) return;
    const size_t short_width = (count * bits + 7) / 8;
    int8_t padded[block + 8] = {0};
    memcpy(padded, levels, count);
    pack_block(bytes, padded, short_width, bits);
}

FED_INLINE void unpack(int8_t *restrict levels, const uint8_t *restrict bytes, size_t count, size_t bits) {
    const size_t width = block * bits / 8;
    for (; count >= block; count -= block, bytes += width, levels += block) unpack_block(levels, bytes, width, bits);
    if (count == 0) return;
    const size_t short_width = (count * bits + 7) / 8;
    int8_t padded[block + 8];
    unpack_block(padded, bytes, short_width, bits);
    memcpy(levels, padded, count);
}

FED_CLONES
static void pack4(uint8_t *restrict bytes, const int8_t *restrict levels, size_t count) {
    pack(bytes, levels, count, 4);
}

FED_CLONES
static void pack2(uint8_t *restrict bytes, const int8_t *restrict levels, size_t count) {
    pack(bytes, levels, count, 2);
}

FED_CLONES
static void unpack4(int8_t *restrict levels, const uint8_t *restrict bytes, size_t count) {
    unpack(levels, bytes, count, 4);
}

FED_CLONES
static void unpack2(int8_t *restrict levels, const uint8_t *restrict bytes, size_t count) {
    unpack(levels, bytes, count, 2);
}

void fed_uniform_pack(uint8_t *restrict bytes, const int8_t *restrict levels, size_t count, unsigned bits) {
    if (bits == 4) pack4(bytes, levels, count);
    else if (bits == 2) pack2(bytes, levels, count);
    else if (count > 0) memcpy(bytes, levels, count);
}

void fed_uniform_unpack(int8_t *restrict levels, const uint8_t *restrict bytes, size_t count, unsigned bits) {
    if (bits == 4) unpack4(levels, bytes, count);
    else if (bits == 2) unpack2(levels, bytes, count);
    else if (count > 0) memcpy(levels, bytes, count);
}

FED_CLONES
int8_t fed_uniform_lowest(const int8_t *levels, size_t count) {
    int8_t lowest = 0;
    for (size_t i = 0; i < count; i++) lowest = levels[i] < lowest ? levels[i] : lowest;
    return lowest;
}
