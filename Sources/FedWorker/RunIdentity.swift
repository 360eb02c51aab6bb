// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import Crypto
package import FedCore
internal import Foundation

/// What tells a run from another one of the same name, as names begin anew where a coordinator has lost its state.
///
/// It is the same for as long as the run is, through all restarts. Two runs of one configuration share it: they begin
/// with the same model.
package struct RunIdentity: Hashable, Codable, Sendable {
    /// The run's name.
    package let run: RunID
    /// Its seed.
    package let seed: UInt64
    /// SHA-256 of the layouts of what travels and of what does not, in hexadecimal digits.
    package let layouts: String

    /// The identity of the run that a coordinator describes.
    package init(of run: RunDescription) {
        self.run = run.run
        seed = run.seed
        var hash = SHA256()
        for layout in [run.layout, run.own] {
            hash.update(data: Data("layout\n".utf8))
            for parameter in layout?.parameters ?? [] {
                let shape = parameter.shape.map(String.init).joined(separator: "x")
                hash.update(data: Data("\(parameter.role.rawValue) \(shape) \(parameter.name)\n".utf8))
            }
        }
        layouts = hash.finalize().map { String(format: "%02x", $0) }.joined()
    }
}
