// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#ifndef FED_OPTIMIZER_H
#define FED_OPTIMIZER_H

#include <stddef.h>

/// One step of gradient descent: g = gradient + decay * theta + mu * (theta - base); v = momentum * v + g;
/// theta = theta - rate * v.
///
/// Without `velocity` (NULL) v is g; without `base` (NULL) the term of mu is absent. The arrays do not overlap.
void fed_sgd_step(
    float *theta, const float *gradient, float *velocity, const float *base, size_t count, float rate, float momentum,
    float decay, float mu);

/// The sum of (left[i] - right[i])^2, in double precision with a fixed order.
double fed_squared_distance(const float *left, const float *right, size_t count);

#endif
