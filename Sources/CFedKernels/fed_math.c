// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#include "fed_math.h"

#include <stdint.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF

// The series of 2 atanh((m - 1) / (m + 1)) on m in [sqrt(1/2), sqrt(2)).
double fed_log(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    int exponent = (int)((bits >> 52) & 0x7ff) - 1023;
    bits = (bits & 0x000fffffffffffffu) | 0x3ff0000000000000u;
    double m;
    memcpy(&m, &bits, sizeof m);
    if (m > 1.4142135623730951) {
        m *= 0.5;
        exponent += 1;
    }
    const double s = (m - 1) / (m + 1);
    const double square = s * s;
    double series = 0;
    for (int k = 21; k >= 1; k -= 2) series = series * square + 1.0 / k;
    return exponent * 0.6931471805599453 + 2 * s * series;
}

// Taylor's series on [-ln(2)/2, ln(2)/2], scaled by a power of two.
double fed_exp(double x) {
    if (x < -708) return 0;
    if (x > 708) x = 708;
    const double scaled = x * 1.4426950408889634;
    const int n = (int)(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
    const double r = (x - n * 0.693147180369123816490) - n * 1.90821492927058770002e-10;
    double series = 1;
    for (int k = 14; k >= 1; k--) series = 1 + series * r / k;
    const uint64_t bits = (uint64_t)(n + 1023) << 52;
    double power;
    memcpy(&power, &bits, sizeof power);
    return series * power;
}

// Taylor's series of cos and sin on [0, pi/4].
double fed_cos_pi(double x) {
    const int beyond = x > 0.5;
    const double half = beyond ? 1 - x : x;
    const int complement = half > 0.25;
    const double angle = 3.141592653589793 * (complement ? 0.5 - half : half);
    const double square = angle * angle;
    double series = 1;
    for (int k = complement ? 19 : 18; k >= 2; k -= 2) series = 1 - series * square / (k * (k - 1));
    const double value = complement ? angle * series : series;
    return beyond ? -value : value;
}

const char *fed_instruction_set(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("x86-64-v4")) return "AVX-512";
    if (__builtin_cpu_supports("x86-64-v3")) return "AVX2 with FMA";
    return "baseline x86-64";
#elif defined(__aarch64__)
    return "NEON";
#else
    return "baseline";
#endif
}
