// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import COpenBLAS

/// Single-precision products of row-major matrices, by OpenBLAS on the calling thread.
///
/// The only user of OpenBLAS. One thread each: a worker's training then never depends on how many cores there are, and
/// several workers on one machine do not fight for them.
enum MatrixProduct {
    /// Restricts OpenBLAS to the calling thread, once for the process.
    static let useOneThread: Void = openblas_set_num_threads(1)

    /// result (rows x columns) = left * right + `beta` * result, with `inner` summands an entry.
    ///
    /// `left` is rows x inner, or inner x rows if `transposeLeft`; `right` is inner x columns, or columns x inner if
    /// `transposeRight`. All without gaps between rows; where `beta` is 0, the old result is not read.
    @inline(__always)
    static func multiply(
        _ left: UnsafePointer<Float>, transposeLeft: Bool = false, _ right: UnsafePointer<Float>,
        transposeRight: Bool = false, into result: UnsafeMutablePointer<Float>, rows: Int, columns: Int, inner: Int,
        beta: Float
    ) {
        cblas_sgemm(
            CblasRowMajor, transposeLeft ? CblasTrans : CblasNoTrans, transposeRight ? CblasTrans : CblasNoTrans,
            blasint(rows), blasint(columns), blasint(inner), 1, left, blasint(transposeLeft ? rows : inner), right,
            blasint(transposeRight ? inner : columns), beta, result, blasint(columns))
    }
}
