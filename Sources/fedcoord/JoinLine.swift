// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCoordinator
import FedCore
import FedIdentity
import Foundation

/// The line that a new worker pastes.
struct JoinLine {
    /// The token.
    let token: JoinToken
    /// The whole command.
    var line: String { "fedworker join --token \(token.text)" }

    /// Makes a token for `name` that is valid for `hours`; throws `IdentityError` or `CoreError`.
    init(directory: FederationDirectory, settings: FederationSettings, name: String, hours: Double) throws {
        token = try EnrolmentAuthority(directory: directory).makeToken(
            for: WorkerID(name),
            enrolment: ServiceAddress(host: settings.host, port: settings.enrolmentPort),
            coordinator: ServiceAddress(host: settings.host, port: settings.port), lifetime: hours * 3600, now: Date())
    }
}
