// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#include "fed_softmax.h"
#include "fed_clones.h"
#include "fed_lanes.h"
#include "fed_math.h"

#include <string.h>

#pragma STDC FP_CONTRACT OFF

// exp(x) for x <= 0, relative error below 2e-7, and 0 below -87; NaN stays NaN. The C library's own chooses its
// method by CPU, so its last bit would depend on the machine.
FED_INLINE float exponential(float x) {
    const float magic = 12582912.0f;  // 1.5 * 2^23: the sum's low bits hold the rounded integer
    float clamped = x < -87.0f ? -87.0f : x;
    float shifted = clamped * 1.44269504f + magic;
    float n = shifted - magic;
    float r = clamped - n * 0.693359375f + n * 2.12194440e-4f;
    float p = 1.0f / 5040.0f;
    p = p * r + 1.0f / 720.0f;
    p = p * r + 1.0f / 120.0f;
    p = p * r + 1.0f / 24.0f;
    p = p * r + 1.0f / 6.0f;
    p = p * r + 0.5f;
    p = p * r + 1.0f;
    p = p * r + 1.0f;
    uint32_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    bits = (bits << 23) + 0x3f800000u;
    float power;
    memcpy(&power, &bits, sizeof power);
    float result = p * power;
    return x < -87.0f ? 0.0f : result;
}

FED_INLINE double cross_entropy(
    float *restrict gradient, size_t *restrict correct, const float *restrict logits, const int32_t *restrict labels,
    size_t rows, size_t classes, float scale, float smoothing, const bool *restrict present, bool masked) {
    const float spread = smoothing / (float)classes;
    double loss = 0;
    size_t hits = 0;
    for (size_t r = 0; r < rows; r++) {
        const float *restrict z = logits + r * classes;
        float *restrict g = gradient + r * classes;
        const size_t label = (size_t)labels[r];
        float largest = z[0];
        size_t best = 0;
        for (size_t c = 1; c < classes; c++) {
            if (z[c] > largest) {
                largest = z[c];
                best = c;
            }
        }
        hits += best == label;
        if (masked) {
            largest = z[label];
            for (size_t c = 0; c < classes; c++) {
                const float value = present[c] ? z[c] : 0;
                largest = value > largest ? value : largest;
            }
        }
        for (size_t c = 0; c < classes; c++) g[c] = exponential((masked && !present[c] ? 0 : z[c]) - largest);
        fed_lanes lanes = {0};
        for (size_t c = 0; c < classes; c++) lanes.at[c % FED_LANES] += (double)g[c];
        const double sum = fed_lanes_sum(&lanes);
        double target = (double)z[label] - (double)largest;
        if (smoothing != 0) {
            fed_lanes logit_lanes = {0};
            for (size_t c = 0; c < classes; c++) {
                logit_lanes.at[c % FED_LANES] += (double)(masked && !present[c] ? 0 : z[c]) - (double)largest;
            }
            target = (1 - (double)smoothing) * target + (double)spread * fed_lanes_sum(&logit_lanes);
        }
        loss += sum >= 1 ? fed_log(sum) - target : sum * (double)z[label];
        const float factor = (float)((double)scale / sum);
        for (size_t c = 0; c < classes; c++) g[c] *= factor;
        if (smoothing != 0) {
            for (size_t c = 0; c < classes; c++) g[c] -= scale * spread;
        }
        g[label] -= scale * (1 - smoothing);
        if (masked) {
            for (size_t c = 0; c < classes; c++) g[c] = present[c] ? g[c] : 0;
        }
    }
    *correct = hits;
    return loss;
}

FED_CLONES
double fed_softmax_cross_entropy(
    float *gradient, size_t *correct, const float *logits, const int32_t *labels, size_t rows, size_t classes,
    float scale, float smoothing, const bool *present) {
    if (present) {
        return cross_entropy(gradient, correct, logits, labels, rows, classes, scale, smoothing, present, true);
    }
    return cross_entropy(gradient, correct, logits, labels, rows, classes, scale, smoothing, 0, false);
}
