// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#ifndef FED_WINOGRAD_LINES_H
#define FED_WINOGRAD_LINES_H

#include "fed_lanes.h"

#pragma STDC FP_CONTRACT OFF

// Lines of a tile.
enum { SIDE = 6 };

// The rows of the matrices of the transformations, for one line of a tile.

FED_INLINE void input_line(fed_vector *t, const fed_vector *d) {
    const fed_vector even = d[4] - 4 * d[2], odd = d[3] - 4 * d[1];
    const fed_vector near = d[4] - d[2], far = 2 * (d[3] - d[1]);
    t[0] = 4 * d[0] - 5 * d[2] + d[4];
    t[1] = even + odd;
    t[2] = even - odd;
    t[3] = near + far;
    t[4] = near - far;
    t[5] = 4 * d[1] - 5 * d[3] + d[5];
}

FED_INLINE void input_line_transposed(fed_vector *d, const fed_vector *t) {
    const fed_vector sum = t[1] + t[2], difference = t[1] - t[2];
    const fed_vector wide = t[3] + t[4], slope = 2 * (t[3] - t[4]);
    d[0] = 4 * t[0];
    d[1] = 4 * (t[5] - difference) - slope;
    d[2] = -5 * t[0] - 4 * sum - wide;
    d[3] = difference + slope - 5 * t[5];
    d[4] = t[0] + sum + wide;
    d[5] = t[5];
}

FED_INLINE void output_line(fed_vector *y, const fed_vector *m, size_t step) {
    const fed_vector sum = m[1] + m[2], difference = m[1] - m[2];
    const fed_vector wide = m[3] + m[4], slope = m[3] - m[4];
    y[0] = m[0] + sum + wide;
    if (step == 2) {
        y[1] = difference + 2 * slope + m[5];
    } else {
        y[1] = difference + 2 * slope;
        y[2] = sum + 4 * wide;
        y[3] = difference + 8 * slope + m[5];
    }
}

FED_INLINE void output_line_transposed(fed_vector *m, const fed_vector *y, size_t step) {
    if (step == 2) {
        m[0] = y[0];
        m[1] = y[0] + y[1];
        m[2] = y[0] - y[1];
        m[3] = y[0] + 2 * y[1];
        m[4] = y[0] - 2 * y[1];
        m[5] = y[1];
    } else {
        const fed_vector even = y[0] + y[2], odd = y[1] + y[3];
        const fed_vector wide = y[0] + 4 * y[2], slope = 2 * y[1] + 8 * y[3];
        m[0] = y[0];
        m[1] = even + odd;
        m[2] = even - odd;
        m[3] = wide + slope;
        m[4] = wide - slope;
        m[5] = y[3];
    }
}

#endif
