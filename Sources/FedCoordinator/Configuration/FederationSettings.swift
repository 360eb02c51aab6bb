// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedIdentity
internal import Foundation

/// Where a federation's coordinator listens and how workers reach it: `settings.json` in its directory.
public struct FederationSettings: Hashable, Codable, Sendable {
    /// The name or address that workers connect to.
    public var host: String
    /// The port for workers that have a certificate; 0 takes a free one at each start.
    public var port: Int
    /// The port for workers that have a join token; 0 takes a free one at each start.
    public var enrolmentPort: Int
    /// The address to listen at.
    public var listen: String
    /// The process that listens, where these are the settings of one that does.
    var process: Int32?

    /// Settings with every default visible.
    public init(host: String, port: Int = 7400, enrolmentPort: Int = 7401, listen: String = "0.0.0.0") {
        self.host = host
        self.port = port
        self.enrolmentPort = enrolmentPort
        self.listen = listen
    }

    /// Reads the settings of a federation; throws `ConfigurationError`.
    public static func load(from directory: FederationDirectory) throws(ConfigurationError) -> FederationSettings {
        try read(path(in: directory))
    }

    /// Writes the settings of a federation; throws `ConfigurationError`.
    public func save(to directory: FederationDirectory) throws(ConfigurationError) {
        try write(to: Self.path(in: directory))
    }

    /// The settings with the ports that a running coordinator really has, or nil if none is running.
    public static func listening(in directory: FederationDirectory) -> FederationSettings? {
        guard let settings = try? read(listeningPath(in: directory)), let process = settings.process else { return nil }
        // A coordinator that was killed leaves its file behind.
        return kill(process, 0) == 0 || errno == EPERM ? settings : nil
    }

    /// Tells other processes which ports the coordinator has.
    func announce(in directory: FederationDirectory) throws(ConfigurationError) {
        var settings = self
        settings.process = getpid()
        try settings.write(to: Self.listeningPath(in: directory))
    }

    /// Tells other processes that the coordinator is gone.
    static func withdraw(from directory: FederationDirectory) {
        try? FileManager.default.removeItem(atPath: listeningPath(in: directory))
    }

    private static func path(in directory: FederationDirectory) -> String { directory.path + "/settings.json" }
    private static func listeningPath(in directory: FederationDirectory) -> String {
        directory.path + "/listening.json"
    }

    private static func read(_ path: String) throws(ConfigurationError) -> FederationSettings {
        do {
            return try JSONDecoder().decode(Self.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
        } catch {
            throw ConfigurationError(
                .unreadable, "cannot read \(path): restore it, or make a new federation with 'fedcoord init'")
        }
    }

    private func write(to path: String) throws(ConfigurationError) {
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            try encoder.encode(self).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw ConfigurationError(.unreadable, "cannot write \(path): check its permissions and free space")
        }
    }
}
