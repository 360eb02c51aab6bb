// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#ifndef FED_OPENBLAS_H
#define FED_OPENBLAS_H

// OpenBLAS, loaded at run time rather than linked: it chooses its kernels by the processor while it loads, and on AMD
// processors with AVX-512 chooses those for AVX2 unless the environment says otherwise by then.

/// Loads the library and restricts it to the calling thread; the second time does nothing. Not for several threads at once.
///
/// On AMD processors with AVX-512, sets OPENBLAS_CORETYPE to SKYLAKEX first, unless it is set. Returns NULL, or why not.
const char *fed_openblas_load(void);

/// The processor whose kernels are used, such as `SkylakeX`; once loaded.
const char *fed_openblas_core(void);

/// The library's version and how it was built; once loaded.
const char *fed_openblas_configuration(void);

/// result (rows x columns) = left * right + beta * result in row-major order, as cblas_sgemm; once loaded.
///
/// `leftLine`, `rightLine` and `resultLine` are the floats from one stored row to the next.
void fed_openblas_sgemm(
    int transposeLeft, int transposeRight, int rows, int columns, int inner, const float *left, int leftLine,
    const float *right, int rightLine, float beta, float *result, int resultLine);

#endif
