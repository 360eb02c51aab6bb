// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import COpenBLAS

/// Single-precision products of row-major matrices, by OpenBLAS on the calling thread.
///
/// The only user of OpenBLAS. One thread each: a worker's training then never depends on how many cores there are, and
/// several workers on one machine do not fight for them.
enum MatrixProduct {
    /// Why OpenBLAS could not be loaded; nil where it was. Evaluated once for the process.
    static let missing: String? = fed_openblas_load().map { String(cString: $0) }

    /// Throws `TrainingError.missingLibrary` unless OpenBLAS is there.
    static func requireLibrary() throws(TrainingError) {
        guard let missing else { return }
        throw TrainingError(
            .missingLibrary,
            "OpenBLAS, which multiplies matrices, cannot be loaded (\(missing)): install it, on Debian and Ubuntu with "
                + "'apt install libopenblas0-pthread'")
    }

    /// The processor whose kernels OpenBLAS uses, and how it was built; nil without it.
    static var description: (core: String, configuration: String)? {
        guard missing == nil else { return nil }
        return (String(cString: fed_openblas_core()), String(cString: fed_openblas_configuration()))
    }

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
        fed_openblas_sgemm(
            transposeLeft ? 1 : 0, transposeRight ? 1 : 0, Int32(rows), Int32(columns), Int32(inner), left,
            Int32(transposeLeft ? rows : inner), right, Int32(transposeRight ? inner : columns), beta, result,
            Int32(columns))
    }
}
