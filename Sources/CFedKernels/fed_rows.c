// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#include "fed_rows.h"
#include "fed_clones.h"
#include "fed_lanes.h"

#pragma STDC FP_CONTRACT OFF

// Columns are dealt with sixteen at a time.

// Puts the smaller of two entries into `low` and the larger into `high`, in every lane.
FED_INLINE void exchange(float *restrict low, float *restrict high) {
    for (size_t l = 0; l < FED_WIDTH; l++) {
        float a = low[l], b = high[l];
        low[l] = a < b ? a : b;
        high[l] = b > a ? b : a;
    }
}

// Batcher's merge exchange (Knuth, The Art of Computer Programming 3, 5.2.2, algorithm M), for any number of entries.
FED_INLINE void sort_lanes(float *entries, size_t count) {
    if (count < 2) return;
    size_t top = 1;
    while (top < (count + 1) / 2) top *= 2;
    for (size_t p = top; p > 0; p /= 2) {
        size_t q = top, r = 0, d = p;
        while (1) {
            for (size_t i = 0; i + d < count; i++) {
                if ((i & p) == r) exchange(entries + i * FED_WIDTH, entries + (i + d) * FED_WIDTH);
            }
            if (q == p) break;
            d = q - p;
            q /= 2;
            r = p;
        }
    }
}

FED_INLINE size_t least(size_t a, size_t b) { return a < b ? a : b; }

FED_CLONES
void fed_sort_columns(float *values, size_t rows, size_t width, float *scratch) {
    for (size_t start = 0; start < width; start += FED_WIDTH) {
        size_t count = least(FED_WIDTH, width - start);
        if (count < FED_WIDTH) memset(scratch, 0, rows * FED_WIDTH * sizeof(float));
        for (size_t r = 0; r < rows; r++)
            memcpy(scratch + r * FED_WIDTH, values + r * width + start, count * sizeof(float));
        sort_lanes(scratch, rows);
        for (size_t r = 0; r < rows; r++)
            memcpy(values + r * width + start, scratch + r * FED_WIDTH, count * sizeof(float));
    }
}

FED_CLONES
void fed_mean_columns(float *out, const float *values, size_t rows, size_t width) {
    for (size_t start = 0; start < width; start += FED_WIDTH) {
        size_t count = least(FED_WIDTH, width - start);
        double sums[FED_WIDTH] = {0};
        for (size_t r = 0; r < rows; r++) {
            const float *row = values + r * width + start;
            for (size_t l = 0; l < count; l++) sums[l] += (double)row[l];
        }
        for (size_t l = 0; l < count; l++) out[start + l] = (float)(sums[l] / (double)rows);
    }
}

FED_CLONES
void fed_mean_near_median(float *out, const float *sorted, size_t rows, size_t width, size_t keep) {
    for (size_t start = 0; start < width; start += FED_WIDTH) {
        size_t count = least(FED_WIDTH, width - start);
        double medians[FED_WIDTH], sums[FED_WIDTH] = {0};
        size_t firsts[FED_WIDTH] = {0};
        const float *below = sorted + (rows - 1) / 2 * width + start, *above = sorted + rows / 2 * width + start;
        for (size_t l = 0; l < count; l++) medians[l] = ((double)below[l] + (double)above[l]) * 0.5;
        // The window moves up as long as the entry that it loses is farther from the median than the one that it gains.
        for (size_t r = 0; r + keep < rows; r++) {
            const float *lost = sorted + r * width + start, *gained = sorted + (r + keep) * width + start;
            for (size_t l = 0; l < count; l++)
                firsts[l] += medians[l] - (double)lost[l] > (double)gained[l] - medians[l] ? 1 : 0;
        }
        for (size_t r = 0; r < rows; r++) {
            const float *row = sorted + r * width + start;
            for (size_t l = 0; l < count; l++) sums[l] += r - firsts[l] < keep ? (double)row[l] : 0;
        }
        for (size_t l = 0; l < count; l++) out[start + l] = (float)(sums[l] / (double)keep);
    }
}

FED_CLONES
void fed_weighted_trimmed_mean(
    float *out, const float *values, const double *weights, const float *low, const float *high, size_t trim,
    size_t rows, size_t width) {
    for (size_t start = 0; start < width; start += FED_WIDTH) {
        size_t count = least(FED_WIDTH, width - start);
        // What lies outside, on the two ends, and between them.
        double below[FED_WIDTH] = {0}, above[FED_WIDTH] = {0}, lows[FED_WIDTH] = {0}, highs[FED_WIDTH] = {0};
        double lowWeights[FED_WIDTH] = {0}, highWeights[FED_WIDTH] = {0}, sums[FED_WIDTH] = {0}, total[FED_WIDTH] = {0};
        for (size_t r = 0; r < rows; r++) {
            const float *row = values + r * width + start;
            double weight = weights[r];
            for (size_t l = 0; l < count; l++) {
                float value = row[l], first = low[start + l], last = high[start + l];
                below[l] += value < first ? 1 : 0;
                above[l] += value > last ? 1 : 0;
                lows[l] += value == first ? 1 : 0;
                highs[l] += value == last ? 1 : 0;
                lowWeights[l] += value == first ? weight : 0;
                highWeights[l] += value == last ? weight : 0;
                double inner = value > first && value < last ? weight : 0;
                total[l] += inner;
                sums[l] += inner * (double)value;
            }
        }
        for (size_t l = 0; l < count; l++) {
            float first = low[start + l], last = high[start + l];
            double lowWeight = lowWeights[l] * ((below[l] + lows[l] - (double)trim) / lows[l]);
            double highWeight = highWeights[l] * ((above[l] + highs[l] - (double)trim) / highs[l]);
            double mean = (sums[l] + lowWeight * (double)first + highWeight * (double)last) /
                          (total[l] + lowWeight + highWeight);
            out[start + l] = first == last ? first : (float)mean;
        }
    }
}

FED_CLONES
void fed_combine_rows(float *out, const float *values, const double *factors, size_t rows, size_t width) {
    for (size_t start = 0; start < width; start += FED_WIDTH) {
        size_t count = least(FED_WIDTH, width - start);
        double sums[FED_WIDTH] = {0};
        for (size_t r = 0; r < rows; r++) {
            const float *row = values + r * width + start;
            for (size_t l = 0; l < count; l++) sums[l] += factors[r] * (double)row[l];
        }
        for (size_t l = 0; l < count; l++) out[start + l] = (float)sums[l];
    }
}

// |a - b|^2 of at most a stretch of entries; of |a|^2 where there is no b.
FED_INLINE double square(const float *a, const float *b, size_t count) {
    fed_lanes lanes = {{0}};
    size_t i = 0;
    for (; i + FED_LANES <= count; i += FED_LANES) {
        for (size_t l = 0; l < FED_LANES; l++) {
            double d = (double)(b ? a[i + l] - b[i + l] : a[i + l]);
            lanes.at[l] += d * d;
        }
    }
    for (size_t l = 0; i + l < count; l++) {
        double d = (double)(b ? a[i + l] - b[i + l] : a[i + l]);
        lanes.at[l] += d * d;
    }
    return fed_lanes_sum(&lanes);
}

FED_CLONES
void fed_add_square_distances(double *squares, const float *values, size_t rows, size_t width) {
    for (size_t start = 0; start < width; start += FED_ROWS_STRETCH) {
        size_t count = least(FED_ROWS_STRETCH, width - start);
        for (size_t r = 1; r < rows; r++) {
            const float *row = values + r * width + start;
            for (size_t s = 0; s < r; s++) squares[r * rows + s] += square(row, values + s * width + start, count);
        }
    }
}

FED_CLONES
void fed_add_square_norms(double *squares, const float *values, size_t rows, size_t width) {
    for (size_t start = 0; start < width; start += FED_ROWS_STRETCH) {
        size_t count = least(FED_ROWS_STRETCH, width - start);
        for (size_t r = 0; r < rows; r++) squares[r] += square(values + r * width + start, 0, count);
    }
}
