// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels
internal import Foundation

/// What the engine runs on in this process.
public enum TrainingEngine {
    /// Loads OpenBLAS, for which an environment variable may have to be set: to be called while there is one thread.
    ///
    /// Without this call it is loaded with the first network. Where it is missing, the first network says so.
    public static func prepare() {
        _ = MatrixProduct.missing
    }

    /// What decides how fast training is, one fact a line: vector instructions, OpenBLAS and its kernels, threads.
    public static var facts: [String] {
        let products: String =
            switch MatrixProduct.description {
            case .some(let library): "\(library.configuration), kernels for \(library.core)"
            case .none: "OpenBLAS is missing: \(MatrixProduct.missing ?? "")"
            }
        return [
            "vector kernels   \(String(cString: fed_instruction_set()))",
            "matrix products  \(products) (OPENBLAS_CORETYPE in the environment overrides)",
            "threads          \(ProcessInfo.processInfo.activeProcessorCount) cores; results do not depend on how many threads train",
        ]
    }
}
