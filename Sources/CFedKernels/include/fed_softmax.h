// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#ifndef FED_SOFTMAX_H
#define FED_SOFTMAX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Softmax cross-entropy of `rows` examples over `classes` classes: returns the sum of the losses, in nats.
///
/// The target t gives 1 - `smoothing` to the label and `smoothing` / `classes` to every class; `smoothing` is in [0, 1).
/// `gradient[r][c]` becomes `scale` * (p(c) - t(c)); it must not overlap `logits`. `*correct` becomes the number of rows
/// whose largest logit, the first of equals, is the label's. Labels are in [0, classes).
///
/// With `present` (else NULL), `classes` flags, the logits of classes whose flag is false count as 0 in the loss and get
/// no gradient; `*correct` still goes by the logits as they are.
double fed_softmax_cross_entropy(
    float *gradient, size_t *correct, const float *logits, const int32_t *labels, size_t rows, size_t classes,
    float scale, float smoothing, const bool *present);

#endif
