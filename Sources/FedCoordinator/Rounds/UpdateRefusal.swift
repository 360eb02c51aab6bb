// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

package import FedWire

/// Why an update is not used: a code for programs and a sentence for people.
package struct UpdateRefusal: Error, Hashable, CustomStringConvertible, Sendable {
    /// For programs.
    package var code: RefusalCode
    /// For people.
    package var message: String

    /// A reason.
    package init(_ code: RefusalCode, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The sentence.
    package var description: String { message }
}
