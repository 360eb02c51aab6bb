// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#include "fed_ternary.h"
#include "fed_clones.h"

#include <math.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF

enum { lanes = FED_TERNARY_LANES, block = FED_TERNARY_BLOCK, width = FED_TERNARY_BLOCK / 5 };

typedef float floats __attribute__((vector_size(4 * lanes)));
typedef double doubles __attribute__((vector_size(8 * lanes)));
typedef uint32_t words __attribute__((vector_size(4 * lanes)));

FED_CLONES
fed_ternary_moments_t fed_ternary_moments(const float *values, size_t count) {
    doubles sum = {0}, squares = {0};
    words largest = {0};
    size_t whole = count - count % lanes;
    for (size_t i = 0; i < whole; i += lanes) {
        floats value;
        memcpy(&value, &values[i], sizeof value);
        doubles wide = __builtin_convertvector(value, doubles);
        sum += wide;
        squares += wide * wide;
        words bits;
        memcpy(&bits, &value, sizeof bits);
        largest = __builtin_elementwise_max(largest, bits & 0x7fffffffu);
    }
    uint32_t maximum = 0;
    for (size_t i = whole; i < count; i++) {
        double wide = values[i];
        sum[i - whole] += wide;
        squares[i - whole] += wide * wide;
        uint32_t bits;
        memcpy(&bits, &values[i], sizeof bits);
        bits &= 0x7fffffffu;
        maximum = bits > maximum ? bits : maximum;
    }
    for (size_t lane = 0; lane < lanes; lane++) maximum = largest[lane] > maximum ? largest[lane] : maximum;
    for (size_t half = lanes / 2; half > 0; half /= 2) {
        for (size_t lane = 0; lane < half; lane++) {
            sum[lane] += sum[lane + half];
            squares[lane] += squares[lane + half];
        }
    }
    fed_ternary_moments_t moments = {sum[0], squares[0], INFINITY};
    if (maximum < 0x7f800000u) memcpy(&moments.largest, &maximum, sizeof maximum);
    return moments;
}

FED_CLONES
void fed_ternary_draw(fed_ternary_generator_t *restrict generator, uint32_t *restrict draws, size_t steps) {
    words s0, s1, s2, s3;
    memcpy(&s0, generator->words[0], sizeof s0);
    memcpy(&s1, generator->words[1], sizeof s1);
    memcpy(&s2, generator->words[2], sizeof s2);
    memcpy(&s3, generator->words[3], sizeof s3);
    for (size_t step = 0; step < steps; step++) {
        words mixed = s0 + s3;
        words result = ((mixed << 7) | (mixed >> 25)) + s0;
        memcpy(&draws[step * lanes], &result, sizeof result);
        words shifted = s1 << 9;
        s2 ^= s0;
        s3 ^= s1;
        s1 ^= s2;
        s0 ^= s3;
        s2 ^= shifted;
        s3 = (s3 << 11) | (s3 >> 21);
    }
    memcpy(generator->words[0], &s0, sizeof s0);
    memcpy(generator->words[1], &s1, sizeof s1);
    memcpy(generator->words[2], &s2, sizeof s2);
    memcpy(generator->words[3], &s3, sizeof s3);
}

FED_CLONES
void fed_ternary_round(
    uint8_t *restrict digits, const float *restrict values, const uint32_t *restrict draws, size_t count, float scale) {
    float step = scale * 0x1p-24f;
    for (size_t i = 0; i < count; i++) {
        float threshold = (float)(int32_t)((draws[i] >> 8) | 1u) * step;
        int32_t above = values[i] > threshold, below = values[i] < -threshold;
        digits[i] = (uint8_t)(1 + above - below);
    }
}

FED_CLONES
void fed_ternary_expand(float *restrict values, const uint8_t *restrict digits, size_t count, float scale) {
    for (size_t i = 0; i < count; i++) values[i] = (float)((int32_t)digits[i] - 1) * scale;
}

static inline __attribute__((always_inline)) uint8_t pack_byte(
    uint8_t first, uint8_t second, uint8_t third, uint8_t fourth, uint8_t fifth) {
    return (uint8_t)((((fifth * 3 + fourth) * 3 + third) * 3 + second) * 3 + first);
}

FED_CLONES
void fed_ternary_pack(uint8_t *restrict bytes, const uint8_t *restrict digits, size_t count) {
    for (; count >= block; count -= block, bytes += width, digits += block) {
        for (size_t j = 0; j < width; j++) {
            bytes[j] = pack_byte(
                digits[j], digits[width + j], digits[2 * width + j], digits[3 * width + j], digits[4 * width + j]);
        }
    }
    size_t short_width = (count + 4) / 5;
    for (size_t j = 0; j < short_width; j++) {
        uint8_t digit[5];
        for (size_t k = 0; k < 5; k++) digit[k] = k * short_width + j < count ? digits[k * short_width + j] : 1;
        bytes[j] = pack_byte(digit[0], digit[1], digit[2], digit[3], digit[4]);
    }
}

FED_CLONES
void fed_ternary_unpack(uint8_t *restrict digits, const uint8_t *restrict bytes, size_t count) {
    for (; count >= block; count -= block, bytes += width, digits += block) {
        for (size_t j = 0; j < width; j++) {
            // (x * 171) >> 9 is x / 3 for every x below 256.
            uint16_t rest = bytes[j], third;
            for (size_t k = 0; k < 5; k++) {
                third = (uint16_t)((uint16_t)(rest * 171u) >> 9);
                digits[k * width + j] = (uint8_t)(rest - 3 * third);
                rest = third;
            }
        }
    }
    size_t short_width = (count + 4) / 5;
    for (size_t j = 0; j < short_width; j++) {
        uint8_t rest = bytes[j];
        for (size_t k = 0; k < 5; k++, rest /= 3) {
            if (k * short_width + j < count) digits[k * short_width + j] = rest % 3;
        }
    }
}

FED_CLONES
uint8_t fed_ternary_largest(const uint8_t *bytes, size_t count) {
    uint8_t largest = 0;
    for (size_t i = 0; i < count; i++) largest = bytes[i] > largest ? bytes[i] : largest;
    return largest;
}
