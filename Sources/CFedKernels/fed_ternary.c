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
typedef int32_t ints __attribute__((vector_size(4 * lanes)));
typedef int8_t bytes __attribute__((vector_size(lanes)));

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

// Non-negative floats compare like their bit patterns.
static inline __attribute__((always_inline)) void round_lanes(
    uint8_t *digits, const float *values, const uint32_t *draws, float step, int32_t limit) {
    words draw;
    ints value, bound;
    memcpy(&draw, draws, sizeof draw);
    memcpy(&value, values, sizeof value);
    floats threshold = __builtin_convertvector((ints)((draw >> 8) | 1u), floats) * step;
    memcpy(&bound, &threshold, sizeof bound);
    ints magnitude = __builtin_elementwise_min(value & 0x7fffffff, (ints){0} + limit);
    ints trit = (magnitude > bound) & ((value >> 31) | 1);
    bytes digit = __builtin_convertvector(trit, bytes) + 1;
    memcpy(digits, &digit, sizeof digit);
}

FED_CLONES
void fed_ternary_round(
    uint8_t *restrict digits, const float *restrict values, const uint32_t *restrict draws, size_t count, float scale,
    float limit) {
    float step = scale * 0x1p-24f;
    int32_t largest;
    memcpy(&largest, &limit, sizeof largest);
    size_t whole = count - count % lanes, rest = count % lanes;
    for (size_t i = 0; i < whole; i += lanes) round_lanes(&digits[i], &values[i], &draws[i], step, largest);
    if (rest == 0) return;
    float last_values[lanes] = {0};
    uint32_t last_draws[lanes] = {0};
    uint8_t last_digits[lanes];
    memcpy(last_values, &values[whole], rest * sizeof *values);
    memcpy(last_draws, &draws[whole], rest * sizeof *draws);
    round_lanes(last_digits, last_values, last_draws, step, largest);
    memcpy(&digits[whole], last_digits, rest);
}

FED_CLONES
fed_ternary_counts_t fed_ternary_count(const uint8_t *digits, size_t count) {
    fed_ternary_counts_t counts = {0, 0};
    size_t i = 0;
    while (count - i >= lanes) {
        // Comparisons are -1 where true; sums in bytes have room for 255 of them.
        bytes minus = {0}, plus = {0};
        size_t steps = (count - i) / lanes;
        for (size_t step = 0; step < (steps < 255 ? steps : 255); step++, i += lanes) {
            bytes digit;
            memcpy(&digit, &digits[i], sizeof digit);
            minus -= digit == 0;
            plus -= digit == 2;
        }
        for (size_t lane = 0; lane < lanes; lane++) {
            counts.minus += (uint8_t)minus[lane];
            counts.plus += (uint8_t)plus[lane];
        }
    }
    for (; i < count; i++) {
        counts.minus += digits[i] == 0;
        counts.plus += digits[i] == 2;
    }
    return counts;
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
void fed_ternary_unpack(int8_t *restrict trits, const uint8_t *restrict bytes, size_t count) {
    for (; count >= block; count -= block, bytes += width, trits += block) {
        for (size_t j = 0; j < width; j++) {
            // (x * 171) >> 9 is x / 3 for every x below 256.
            uint16_t rest = bytes[j], third;
            for (size_t k = 0; k < 5; k++) {
                third = (uint16_t)((uint16_t)(rest * 171u) >> 9);
                trits[k * width + j] = (int8_t)(rest - 3 * third - 1);
                rest = third;
            }
        }
    }
    size_t short_width = (count + 4) / 5;
    for (size_t j = 0; j < short_width; j++) {
        uint8_t rest = bytes[j];
        for (size_t k = 0; k < 5; k++, rest /= 3) {
            if (k * short_width + j < count) trits[k * short_width + j] = (int8_t)(rest % 3 - 1);
        }
    }
}

FED_CLONES
uint8_t fed_ternary_largest(const uint8_t *bytes, size_t count) {
    uint8_t largest = 0;
    for (size_t i = 0; i < count; i++) largest = bytes[i] > largest ? bytes[i] : largest;
    return largest;
}

void fed_ternary_frequencies(uint16_t *frequencies, uint32_t minus, uint32_t plus) {
    const uint64_t weights[3] = {minus, FED_TERNARY_UNIT - minus - plus, plus};
    size_t likeliest = weights[1] > weights[0] ? 1 : 0;
    if (weights[2] > weights[likeliest]) likeliest = 2;
    uint32_t sum = 0;
    for (uint32_t byte = 0; byte < FED_TERNARY_BYTES; byte++) {
        uint64_t product = 1;
        for (uint32_t rest = byte, k = 0; k < 5; k++, rest /= 3) product *= weights[rest % 3];
        // Products add up to 2^60, frequencies to 2^15; no byte that can occur may have none.
        frequencies[byte] = product >> 45 > 0 ? (uint16_t)(product >> 45) : product > 0;
        sum += frequencies[byte];
    }
    // 121 is 11111 in base 3. What rounding left over or took too much is less than this byte's own share.
    frequencies[121 * likeliest] = (uint16_t)(frequencies[121 * likeliest] + (1u << 15) - sum);
}
