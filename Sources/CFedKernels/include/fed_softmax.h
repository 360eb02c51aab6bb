// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#ifndef FED_SOFTMAX_H
#define FED_SOFTMAX_H

#include <stddef.h>
#include <stdint.h>

/// Softmax cross-entropy of `rows` examples over `classes` classes: returns the sum of the losses, in nats.
///
/// `gradient[r][c]` becomes `scale` * (p(c) - [c is the label]); it must not overlap `logits`. `*correct` becomes the
/// number of rows whose largest logit, the first of equals, is the label's. Labels are in [0, classes).
double fed_softmax_cross_entropy(
    float *gradient, size_t *correct, const float *logits, const int32_t *labels, size_t rows, size_t classes,
    float scale);

#endif
