// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore
public import Foundation

/// Where a run stands at an instant: who is awaited, since when, and what happens next.
///
/// A serving coordinator keeps it in `runs/RUN/status.json`, about once a second, for `fedcoord run why`.
public struct RunStatus: Codable, Equatable, Sendable {
    /// What is being waited for.
    public enum Phase: String, Codable, CaseIterable, Sendable {
        /// For workers to connect.
        case workers
        /// For workers of the open round.
        case everybody
        /// The quorum is in; lost workers may come back for a moment.
        case returning
        /// Too few updates are in and nobody is at work; lost workers may come back.
        case quorum
        /// The deadline is over; for what moves.
        case movement
        /// The round is closed and its model is being made, evaluated and kept.
        case model
    }

    /// A worker whose update is awaited.
    public struct Worker: Codable, Equatable, Sendable {
        /// What it is doing.
        public enum Activity: String, Codable, CaseIterable, Sendable {
            /// Its connection is gone, or has never been.
            case absent
            /// It has its assignment.
            case training
            /// Its update is on its way.
            case sending
        }

        public var name: WorkerID
        public var activity: Activity
        /// Seconds since it lost its connection or was given its assignment; nil where that is not known.
        public var seconds: Double?
        /// Seconds since anything of it moved.
        public var stillSeconds: Double
        /// The share of its training that is done, in [0, 1].
        public var share: Double
        /// Payload bytes of its update that have arrived.
        public var bytes: Int
    }

    /// The round that is open or was closed last.
    public struct Round: Codable, Equatable, Sendable {
        /// Counted from 1.
        public var number: Int
        /// Which attempt at it, counted from 1.
        public var attempt: Int
        /// Seconds since the first attempt began.
        public var seconds: Double
        /// How many workers were asked.
        public var participants: Int
        /// How many updates are in.
        public var accepted: Int
        /// How many updates of earlier rounds are in.
        public var folded: Int
        /// So many updates close the round at once.
        public var wanted: Int
        /// So many make a model.
        public var quorum: Int
        /// The refused workers with the reasons, ordered, at most `listed`.
        public var refused: [String: String]
        /// The workers that are awaited, those that stand still longest first, at most `listed`.
        public var awaited: [Worker]
        /// How many are awaited.
        public var awaitedCount: Int
    }

    /// No list names more.
    public static let listed = 50

    /// The run.
    public var run: RunID
    /// How many rounds it has.
    public var rounds: Int
    /// When this was written.
    public var written: Date
    /// What is being waited for.
    public var phase: Phase
    /// Seconds after which the wait ends at the latest; nil where it has no end.
    public var secondsLeft: Double?
    /// How many workers are connected.
    public var connected: Int
    /// How many of them are still at an earlier round.
    public var busy: Int
    /// How many workers must be connected for the next round to begin; nil where one is under way.
    public var needed: Int?
    /// The round, unless none has begun since the coordinator started.
    public var round: Round?

    /// Where a serving coordinator keeps the status of a run whose files are in `folder`.
    public static func file(in folder: URL) -> URL { folder.appendingPathComponent("status.json") }

    /// The status that a coordinator has left in `folder`; nil if there is none or it cannot be read.
    public static func load(from folder: URL) -> RunStatus? {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .secondsSince1970
        return (try? Data(contentsOf: file(in: folder))).flatMap { try? decoder.decode(RunStatus.self, from: $0) }
    }

    /// Replaces the status in `folder`, whole or not at all; it is of no use after a power failure and not forced to the disk.
    func save(in folder: URL) throws {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .secondsSince1970
        encoder.outputFormatting = [.sortedKeys]
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try encoder.encode(self).write(to: Self.file(in: folder), options: .atomic)
    }
}
