// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#ifndef FED_OPTIMIZER_H
#define FED_OPTIMIZER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// What all rules share. A rule makes a direction d of g = gradient + decay * theta + mu * (theta - base); then
/// theta = keep * theta - rate * d.
typedef struct {
    /// The learning rate.
    float rate;
    /// 1, or 1 - rate * weight decay where that is decoupled.
    float keep;
    /// The weight decay that is part of the gradient, or 0.
    float decay;
    /// The weight of the proximal term; its `base` is NULL where there is none.
    float mu;
    const float *base;
} fed_step;

// One step on `count` parameters each. No two arrays overlap; `step.base` counts from the same parameter as `theta`.

/// v = momentum * v + g; d = v, or g + momentum * v where `nesterov`. Without `velocity` (NULL) d = g.
void fed_sgd_step(
    float *theta, const float *gradient, float *velocity, size_t count, fed_step step, float momentum, bool nesterov);

/// m = beta1 * m + (1 - beta1) * g; v = beta2 * v + (1 - beta2) * g^2; d = m / (sqrt(v) / root + epsilon).
///
/// `root` is sqrt(1 - beta2^t); that 1 - beta1^t divides m belongs into `step.rate`.
void fed_adam_step(
    float *theta, const float *gradient, float *mean, float *square, size_t count, fed_step step, float beta1,
    float beta2, float root, float epsilon);

/// m = beta * m + (1 - beta) * g; d = (1 - nu) * g + nu * m.
void fed_qhm_step(
    float *theta, const float *gradient, float *mean, size_t count, fed_step step, float beta, float nu);

/// s = s + g^2; d = g / (sqrt(s) + epsilon).
void fed_adagrad_step(
    float *theta, const float *gradient, float *sum, size_t count, fed_step step, float epsilon);

/// s = rho * s + (1 - rho) * g^2; q = g / (sqrt(s) + epsilon); v = momentum * v + q; d = v, or q without `velocity`
/// (NULL).
void fed_rmsprop_step(
    float *theta, const float *gradient, float *square, float *velocity, size_t count, fed_step step, float rho,
    float momentum, float epsilon);

/// The sum of (left[i] - right[i])^2, in double precision with a fixed order.
double fed_squared_distance(const float *left, const float *right, size_t count);

/// The sum of values[i]^2, in double precision with a fixed order.
double fed_squared_norm(const float *values, size_t count);

/// Keeps theta[i] in saved[i] and adds uniform noise in (-range, range), times |theta[i]| where `relative`.
///
/// The noise of entry i is a function of `key` and `first` + i only: number `first` + i of SplitMix64's stream that
/// begins at `key`, whose upper 24 bits k give range * (2k + 1 - 2^24) / 2^24.
void fed_perturb(
    float *theta, float *saved, size_t count, uint64_t key, uint64_t first, float range, bool relative);

#endif
