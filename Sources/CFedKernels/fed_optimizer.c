// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#include "fed_optimizer.h"
#include "fed_clones.h"
#include "fed_lanes.h"

#pragma STDC FP_CONTRACT OFF

FED_CLONES
void fed_sgd_step(
    float *restrict theta, const float *restrict gradient, float *restrict velocity, const float *restrict base,
    size_t count, float rate, float momentum, float decay, float mu) {
    if (velocity && base) {
        for (size_t i = 0; i < count; i++) {
            float g = gradient[i] + decay * theta[i] + mu * (theta[i] - base[i]);
            velocity[i] = momentum * velocity[i] + g;
            theta[i] -= rate * velocity[i];
        }
    } else if (velocity) {
        for (size_t i = 0; i < count; i++) {
            velocity[i] = momentum * velocity[i] + (gradient[i] + decay * theta[i]);
            theta[i] -= rate * velocity[i];
        }
    } else if (base) {
        for (size_t i = 0; i < count; i++) {
            float g = gradient[i] + decay * theta[i] + mu * (theta[i] - base[i]);
            theta[i] -= rate * g;
        }
    } else {
        for (size_t i = 0; i < count; i++) theta[i] -= rate * (gradient[i] + decay * theta[i]);
    }
}

FED_CLONES
double fed_squared_distance(const float *restrict left, const float *restrict right, size_t count) {
    fed_lanes lanes = {0};
    size_t i = 0;
    for (; i + FED_LANES <= count; i += FED_LANES) {
        for (size_t l = 0; l < FED_LANES; l++) {
            double difference = (double)left[i + l] - (double)right[i + l];
            lanes.at[l] += difference * difference;
        }
    }
    for (; i < count; i++) {
        double difference = (double)left[i] - (double)right[i];
        lanes.at[i % FED_LANES] += difference * difference;
    }
    return fed_lanes_sum(&lanes);
}
