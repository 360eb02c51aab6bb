// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#include "fed_attack.h"
#include "fed_clones.h"
#include "fed_lanes.h"
#include "fed_mix.h"
#include "fed_optimizer.h"

#include <string.h>

#pragma STDC FP_CONTRACT OFF

FED_INLINE float unit(float value) {
    const float positive = value > 0 ? value : 0;
    return positive < 1 ? positive : 1;
}

// clean + change, rounded towards `clean` and cut to [0, 1], for `clean` in [0, 1]: never further away than |change|.
//
// Knuth's two-sum gives what rounding to nearest left over; where that went too far, the float next to it, whose bits
// are one less or more since it is positive, did not.
FED_INLINE float moved(float clean, float change) {
    const float sum = clean + change;
    const float part = sum - clean;
    const float error = (clean - (sum - part)) + (change - part);
    int32_t bits;
    memcpy(&bits, &sum, sizeof bits);
    const int32_t above = -(int32_t)(change > 0 && error < 0);
    const int32_t below = (int32_t)(change < 0 && error > 0);
    bits = sum > 0 ? bits + above + below : 0;
    float result;
    memcpy(&result, &bits, sizeof result);
    return unit(result);
}

FED_CLONES
bool fed_is_unit(const float *values, size_t count) {
    int32_t outside = 0;
    for (size_t i = 0; i < count; i++) outside |= !(values[i] >= 0 && values[i] <= 1);
    return outside == 0;
}

FED_CLONES
void fed_attack_bounds(
    float *restrict lower, float *restrict upper, const float *restrict clean, size_t count, float epsilon) {
    for (size_t i = 0; i < count; i++) {
        lower[i] = moved(clean[i], -epsilon);
        upper[i] = moved(clean[i], epsilon);
    }
}

FED_INLINE float cut(float value, float lower, float upper) {
    const float raised = value > lower ? value : lower;
    return raised < upper ? raised : upper;
}

FED_CLONES
void fed_attack_start(
    float *restrict attacked, const float *restrict clean, const float *restrict lower, const float *restrict upper,
    size_t count, float epsilon, uint64_t key) {
    for (size_t i = 0; i < count; i++) {
        attacked[i] = cut(clean[i] + epsilon * fed_mix_symmetric(key, i), lower[i], upper[i]);
    }
}

FED_CLONES
void fed_attack_sign_step(
    float *restrict attacked, const float *restrict gradient, const float *restrict lower,
    const float *restrict upper, size_t count, float step) {
    for (size_t i = 0; i < count; i++) {
        const float change = gradient[i] > 0 ? step : gradient[i] < 0 ? -step : 0;
        attacked[i] = cut(attacked[i] + change, lower[i], upper[i]);
    }
}

FED_CLONES
void fed_attack_norm_step(
    float *restrict attacked, float *restrict direction, const float *restrict clean, size_t count, float step,
    float epsilon) {
    const double length = __builtin_sqrt(fed_squared_norm(direction, count));
    const bool moves = length > 0 && length <= __DBL_MAX__;
    const double factor = moves ? (double)step / length : 0;
    for (size_t i = 0; i < count; i++) {
        const float change = moves ? (float)((double)direction[i] * factor) : 0;
        direction[i] = (attacked[i] - clean[i]) + change;
    }
    // A little less than epsilon, so that rounding the changes to floats does not lead out of the ball.
    const double limit = (double)epsilon * (1 - 0x1p-22);
    const double distance = __builtin_sqrt(fed_squared_norm(direction, count));
    const double share = distance > limit ? limit / distance : 1;
    for (size_t i = 0; i < count; i++) attacked[i] = moved(clean[i], (float)((double)direction[i] * share));
}
