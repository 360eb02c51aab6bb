// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import Foundation

/// The coordinator that is being measured.
struct CoordinatorProcess: Sendable {
    /// Where workers connect to.
    let port: Int
    private let process: Int32

    /// What a coordinator says of itself once it listens.
    private struct Listening: Decodable {
        var port: Int
        var process: Int32
    }

    /// The coordinator that serves a federation's directory now.
    init(directory: String) throws {
        let file = URL(fileURLWithPath: directory).appendingPathComponent("listening.json")
        let listening = try JSONDecoder().decode(Listening.self, from: Data(contentsOf: file))
        port = listening.port
        process = listening.process
    }

    /// Its resident memory, in bytes; 0 once it is gone.
    var residentBytes: Int {
        guard let status = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8),
            let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmRSS:") }),
            let kilobytes = line.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
        else { return 0 }
        return kilobytes * 1024
    }
}
