// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#include "fed_accumulate.h"
#include "fed_clones.h"

#include <math.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF

// Adding 1.5 * 2^52 leaves the rounded integer in the low bits of the mantissa: one addition and one
// subtraction of integers, which every vector unit has, instead of a conversion that SSE2 and AVX2 lack.
static const double magic = 6755399441055744.0;

FED_CLONES
void fed_accumulate(int64_t *restrict sums, const float *restrict values, size_t count, double scale, int64_t weight) {
    int64_t magicBits;
    memcpy(&magicBits, &magic, sizeof magicBits);
    for (size_t i = 0; i < count; i++) {
        double shifted = (double)values[i] * scale + magic;
        int64_t bits;
        memcpy(&bits, &shifted, sizeof bits);
        sums[i] = (int64_t)((uint64_t)sums[i] + (uint64_t)(bits - magicBits) * (uint64_t)weight);
    }
}

FED_CLONES
float fed_max_magnitude(const float *values, size_t count) {
    // Magnitudes compare like their bit patterns, and NaN and infinity are the largest patterns.
    uint32_t largest = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, &values[i], sizeof bits);
        bits &= 0x7fffffffu;
        largest = bits > largest ? bits : largest;
    }
    if (largest >= 0x7f800000u) return INFINITY;
    float result;
    memcpy(&result, &largest, sizeof result);
    return result;
}

FED_CLONES
void fed_fixed_point_mean(float *restrict means, const int64_t *restrict sums, size_t count, double factor) {
    for (size_t i = 0; i < count; i++) means[i] = (float)((double)sums[i] * factor);
}
