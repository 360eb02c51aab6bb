// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#include "fed_half.h"
#include "fed_clones.h"

#include <string.h>

#pragma STDC FP_CONTRACT OFF

// Integer steps instead of the conversion instructions, which baseline x86-64 and the avx2 clone lack.

FED_CLONES
void fed_half_encode(uint16_t *restrict halves, const float *restrict values, size_t count) {
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, &values[i], sizeof bits);
        uint32_t sign = (bits >> 16) & 0x8000u;
        uint32_t magnitude = bits & 0x7fffffffu;
        // From 2^-14 on: rebias the exponent by 112 and round the 13 bits that go away, carrying into the exponent.
        uint32_t normal = (magnitude - (112u << 23) + 0xfffu + ((magnitude >> 13) & 1u)) >> 13;
        // Below: adding 1/2 leaves the multiple of 2^-24 in the low bits, rounded by the addition itself.
        float shifted;
        memcpy(&shifted, &magnitude, sizeof shifted);
        shifted += 0.5f;
        uint32_t subnormal;
        memcpy(&subnormal, &shifted, sizeof subnormal);
        subnormal -= 0x3f000000u;
        halves[i] = (uint16_t)(sign | (magnitude < 0x38800000u ? subnormal : normal));
    }
}

FED_CLONES
void fed_half_decode(float *restrict values, const uint16_t *restrict halves, size_t count) {
    for (size_t i = 0; i < count; i++) {
        uint32_t half = halves[i];
        uint32_t magnitude = half & 0x7fffu;
        uint32_t normal = (magnitude << 13) + (112u << 23);
        float small = (float)(int32_t)magnitude * 0x1p-24f;
        uint32_t subnormal;
        memcpy(&subnormal, &small, sizeof subnormal);
        uint32_t bits = ((half & 0x8000u) << 16) | (magnitude < 0x0400u ? subnormal : normal);
        memcpy(&values[i], &bits, sizeof bits);
    }
}

FED_CLONES
uint16_t fed_half_largest(const uint16_t *halves, size_t count) {
    uint16_t largest = 0;
    for (size_t i = 0; i < count; i++) {
        uint16_t magnitude = halves[i] & 0x7fffu;
        largest = magnitude > largest ? magnitude : largest;
    }
    return largest;
}
