// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#ifndef FED_PRODUCT_H
#define FED_PRODUCT_H

#include <stddef.h>

// Products of small row-major matrices without the copies that a library for large ones begins with.

/// result[m][n] = sum over k of left(m, k) * right[k][n], the entries of the left matrix lying at m * stride + k * step.
///
/// `rows` x `columns`, with `inner` terms an entry, added in order. Up to FED_SLACK floats behind `right` may be read.
void fed_product(
    float *result, const float *left, size_t stride, size_t step, const float *right, size_t rows, size_t columns,
    size_t inner);

/// result[m][n] = sum over k of left[m][k] * right[n][k] + bias[n].
///
/// Up to FED_SLACK floats behind `left` and `right` may be read.
void fed_product_transposed(
    float *result, const float *left, const float *right, const float *bias, size_t rows, size_t columns,
    size_t inner);

#endif
