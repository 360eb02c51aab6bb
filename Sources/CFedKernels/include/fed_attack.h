// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#ifndef FED_ATTACK_H
#define FED_ATTACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Inputs are in [0, 1]. What is said of distances holds for the exact difference of the floats, not up to rounding.

/// Whether all values are in [0, 1]; NaN is not.
bool fed_is_unit(const float *values, size_t count);

/// The smallest and largest float of [0, 1] within `epsilon` of each of the `clean` values.
void fed_attack_bounds(float *lower, float *upper, const float *clean, size_t count, float epsilon);

/// attacked[i] = clean[i] + epsilon * u, cut to the bounds, with u uniform in (-1, 1) and a function of `key` and i only.
void fed_attack_start(
    float *attacked, const float *clean, const float *lower, const float *upper, size_t count, float epsilon,
    uint64_t key);

/// attacked[i] += step * sign(gradient[i]), cut to the bounds; sign is 0 for 0 and NaN.
void fed_attack_sign_step(
    float *attacked, const float *gradient, const float *lower, const float *upper, size_t count, float step);

/// Moves one example by `step` along `direction`, which need not be normalised, then back to within `epsilon` of `clean`
/// in the Euclidean norm if it is beyond, and into [0, 1].
///
/// Norms are taken in double precision with a fixed order. A direction of length 0, or not finite, moves nothing.
/// `direction` is overwritten.
void fed_attack_norm_step(
    float *attacked, float *direction, const float *clean, size_t count, float step, float epsilon);

#endif
