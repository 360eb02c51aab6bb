// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#ifndef FED_LAYERS_H
#define FED_LAYERS_H

#include <stddef.h>
#include <stdint.h>

// Matrices are row-major.

/// values[i] = max(values[i], 0); NaN stays NaN.
void fed_relu_forward(float *values, size_t count);

/// gradient[i] = 0 where output[i] is not above 0.
void fed_relu_backward(float *gradient, const float *output, size_t count);

/// matrix[r][c] += row[c].
void fed_add_row(float *matrix, const float *row, size_t rows, size_t columns);

/// matrix[r][c] = transposed[c][r] + row[c].
void fed_transpose_add_row(
    float *matrix, const float *transposed, const float *row, size_t rows, size_t columns);

/// sums[c] = sum over r of matrix[r][c], rows added in order.
void fed_sum_rows(float *sums, const float *matrix, size_t rows, size_t columns);

/// values[i] += other[i].
void fed_add(float *values, const float *other, size_t count);

/// result[i] = left[i] + right[i].
void fed_sum(float *result, const float *left, const float *right, size_t count);

/// values[i] *= factor.
void fed_scale(float *values, float factor, size_t count);

/// Inverted dropout: values[i] = 0 with probability `share`, else values[i] / (1 - share).
///
/// Whether entry i is kept depends on `key` and i only, so that the same key undoes nothing and repeats everything: the
/// gradient is put through the same function. `share` is in [0, 1).
void fed_dropout(float *values, size_t count, uint64_t key, float share);

#endif
