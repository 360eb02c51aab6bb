// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#include "fed_optimizer.h"
#include "fed_clones.h"
#include "fed_lanes.h"
#include "fed_mix.h"

#pragma STDC FP_CONTRACT OFF

// The loops below are written once, as inline functions of constants that say which arrays there are, and called with
// each combination, so that no loop tests for a missing array.

// g of `fed_step` for entry i.
FED_INLINE float slope(const float *theta, const float *gradient, const fed_step *step, bool proximal, size_t i) {
    const float g = gradient[i] + step->decay * theta[i];
    return proximal ? g + step->mu * (theta[i] - step->base[i]) : g;
}

// sqrtf may set errno, which keeps a loop from being vectorised.
FED_INLINE float root_of(float x) { return __builtin_elementwise_sqrt(x); }

FED_INLINE void sgd(
    float *restrict theta, const float *restrict gradient, float *restrict velocity, size_t count, fed_step step,
    float momentum, bool nesterov, bool moving, bool proximal) {
    for (size_t i = 0; i < count; i++) {
        const float g = slope(theta, gradient, &step, proximal, i);
        float d = g;
        if (moving) {
            const float v = momentum * velocity[i] + g;
            velocity[i] = v;
            d = nesterov ? g + momentum * v : v;
        }
        theta[i] = step.keep * theta[i] - step.rate * d;
    }
}

FED_CLONES
void fed_sgd_step(
    float *theta, const float *gradient, float *velocity, size_t count, fed_step step, float momentum, bool nesterov) {
    const bool proximal = step.base;
    if (!velocity) {
        if (proximal) sgd(theta, gradient, 0, count, step, 0, false, false, true);
        else sgd(theta, gradient, 0, count, step, 0, false, false, false);
    } else if (nesterov) {
        if (proximal) sgd(theta, gradient, velocity, count, step, momentum, true, true, true);
        else sgd(theta, gradient, velocity, count, step, momentum, true, true, false);
    } else {
        if (proximal) sgd(theta, gradient, velocity, count, step, momentum, false, true, true);
        else sgd(theta, gradient, velocity, count, step, momentum, false, true, false);
    }
}

FED_INLINE void adam(
    float *restrict theta, const float *restrict gradient, float *restrict mean, float *restrict square, size_t count,
    fed_step step, float beta1, float beta2, float root, float epsilon, bool proximal) {
    const float rest1 = 1 - beta1;
    const float rest2 = 1 - beta2;
    for (size_t i = 0; i < count; i++) {
        const float g = slope(theta, gradient, &step, proximal, i);
        const float m = beta1 * mean[i] + rest1 * g;
        const float v = beta2 * square[i] + rest2 * (g * g);
        mean[i] = m;
        square[i] = v;
        theta[i] = step.keep * theta[i] - step.rate * (m / (root_of(v) / root + epsilon));
    }
}

FED_CLONES
void fed_adam_step(
    float *theta, const float *gradient, float *mean, float *square, size_t count, fed_step step, float beta1,
    float beta2, float root, float epsilon) {
    if (step.base) adam(theta, gradient, mean, square, count, step, beta1, beta2, root, epsilon, true);
    else adam(theta, gradient, mean, square, count, step, beta1, beta2, root, epsilon, false);
}

FED_INLINE void qhm(
    float *restrict theta, const float *restrict gradient, float *restrict mean, size_t count, fed_step step,
    float beta, float nu, bool proximal) {
    const float rest = 1 - beta;
    const float plain = 1 - nu;
    for (size_t i = 0; i < count; i++) {
        const float g = slope(theta, gradient, &step, proximal, i);
        const float m = beta * mean[i] + rest * g;
        mean[i] = m;
        theta[i] = step.keep * theta[i] - step.rate * (plain * g + nu * m);
    }
}

FED_CLONES
void fed_qhm_step(
    float *theta, const float *gradient, float *mean, size_t count, fed_step step, float beta, float nu) {
    if (step.base) qhm(theta, gradient, mean, count, step, beta, nu, true);
    else qhm(theta, gradient, mean, count, step, beta, nu, false);
}

FED_INLINE void adagrad(
    float *restrict theta, const float *restrict gradient, float *restrict sum, size_t count, fed_step step,
    float epsilon, bool proximal) {
    for (size_t i = 0; i < count; i++) {
        const float g = slope(theta, gradient, &step, proximal, i);
        const float s = sum[i] + g * g;
        sum[i] = s;
        theta[i] = step.keep * theta[i] - step.rate * (g / (root_of(s) + epsilon));
    }
}

FED_CLONES
void fed_adagrad_step(
    float *theta, const float *gradient, float *sum, size_t count, fed_step step, float epsilon) {
    if (step.base) adagrad(theta, gradient, sum, count, step, epsilon, true);
    else adagrad(theta, gradient, sum, count, step, epsilon, false);
}

FED_INLINE void rmsprop(
    float *restrict theta, const float *restrict gradient, float *restrict square, float *restrict velocity,
    size_t count, fed_step step, float rho, float momentum, float epsilon, bool moving, bool proximal) {
    const float rest = 1 - rho;
    for (size_t i = 0; i < count; i++) {
        const float g = slope(theta, gradient, &step, proximal, i);
        const float s = rho * square[i] + rest * (g * g);
        square[i] = s;
        float d = g / (root_of(s) + epsilon);
        if (moving) {
            d = momentum * velocity[i] + d;
            velocity[i] = d;
        }
        theta[i] = step.keep * theta[i] - step.rate * d;
    }
}

FED_CLONES
void fed_rmsprop_step(
    float *theta, const float *gradient, float *square, float *velocity, size_t count, fed_step step, float rho,
    float momentum, float epsilon) {
    if (velocity) {
        if (step.base) rmsprop(theta, gradient, square, velocity, count, step, rho, momentum, epsilon, true, true);
        else rmsprop(theta, gradient, square, velocity, count, step, rho, momentum, epsilon, true, false);
    } else {
        if (step.base) rmsprop(theta, gradient, square, 0, count, step, rho, 0, epsilon, false, true);
        else rmsprop(theta, gradient, square, 0, count, step, rho, 0, epsilon, false, false);
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

FED_CLONES
double fed_squared_norm(const float *values, size_t count) {
    fed_lanes lanes = {0};
    size_t i = 0;
    for (; i + FED_LANES <= count; i += FED_LANES) {
        for (size_t l = 0; l < FED_LANES; l++) lanes.at[l] += (double)values[i + l] * (double)values[i + l];
    }
    for (; i < count; i++) lanes.at[i % FED_LANES] += (double)values[i] * (double)values[i];
    return fed_lanes_sum(&lanes);
}

FED_INLINE void perturb(
    float *restrict theta, float *restrict saved, size_t count, uint64_t key, uint64_t first, float range,
    bool relative) {
    for (size_t i = 0; i < count; i++) {
        const float unit = fed_mix_symmetric(key, first + i);
        const float old = theta[i];
        saved[i] = old;
        theta[i] = old + range * unit * (relative ? __builtin_fabsf(old) : 1);
    }
}

FED_CLONES
void fed_perturb(
    float *theta, float *saved, size_t count, uint64_t key, uint64_t first, float range, bool relative) {
    if (relative) perturb(theta, saved, count, key, first, range, true);
    else perturb(theta, saved, count, key, first, range, false);
}
