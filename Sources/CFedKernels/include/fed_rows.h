// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#ifndef FED_ROWS_H
#define FED_ROWS_H

#include <stddef.h>

// A block of `rows` updates, `width` entries of each: row r begins at values + r * width. All values are finite.

/// Entries whose squares are summed before the sum goes on to the next ones: blocks that begin at multiples of it give the
/// same bits however wide they are.
#define FED_ROWS_STRETCH 256

/// Sorts every column in ascending order. `scratch` has room for 16 * rows floats.
void fed_sort_columns(float *values, size_t rows, size_t width, float *scratch);

/// out[i] = the mean of column i, its entries added in order, in double precision; `rows` is above 0.
void fed_mean_columns(float *out, const float *values, size_t rows, size_t width);

/// out[i] = the mean of the `keep` entries of column i, which is sorted, that are nearest to its median; keep in 1...rows.
/// Of two that are equally near, the smaller is kept.
void fed_mean_near_median(float *out, const float *sorted, size_t rows, size_t width, size_t keep);

/// out[i] = the weighted mean of what is left of column i once its `trim` smallest and largest entries are gone.
///
/// `low` and `high` are the entries that stand trim-th from both ends in order. Of several entries equal to one of them, some
/// of which are kept, each counts with their mean weight. `trim` is below rows / 2.
void fed_weighted_trimmed_mean(
    float *out, const float *values, const double *weights, const float *low, const float *high, size_t trim,
    size_t rows, size_t width);

/// out[i] = the sum over r of factors[r] times entry i of row r, added in order, in double precision.
void fed_combine_rows(float *out, const float *values, const double *factors, size_t rows, size_t width);

/// squares[r * rows + s] += |row r - row s|^2 for s < r.
void fed_add_square_distances(double *squares, const float *values, size_t rows, size_t width);

/// squares[r] += |row r|^2.
void fed_add_square_norms(double *squares, const float *values, size_t rows, size_t width);

#endif
