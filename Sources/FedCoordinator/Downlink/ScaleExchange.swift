// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCodecs
package import FedCore
internal import FedWire

/// What the workers of a round agree on before they quantise: the largest scale of each tensor (TernGrad, section 3.2), as
/// `SharedScales` bounds it.
///
/// Logic without I/O, as that of `RoundEngine`: scales stand as soon as everybody who still trains has reported, or enough have,
/// and never change again.
package struct ScaleExchange: Sendable {
    /// No larger scale can be of use: no value of a change may exceed it.
    package static let valueBound: Float = 1024

    /// The scales that stand, or nil.
    package private(set) var agreed: [Float]?
    private var reports: FedCodecs.SharedScales
    private var reported: Set<WorkerID> = []

    /// An exchange about `count` tensors in which nobody has reported; `agreed` are scales that stand already.
    package init(count: Int, agreed: [Float]? = nil) {
        reports = FedCodecs.SharedScales(count: count)
        self.agreed = agreed
    }

    /// How many workers have reported.
    package var reportCount: Int { reported.count }

    /// Takes a worker's report; one that comes again, or after the scales stand, changes nothing. Returns whether it is new.
    ///
    /// Throws the refusal of a worker whose scales are of no use.
    @discardableResult
    package mutating func report(_ scales: [Float], by worker: WorkerID) throws(UpdateRefusal) -> Bool {
        guard scales.allSatisfy({ !($0 > Self.valueBound) }) else {
            throw UpdateRefusal(
                .badValues, "a tensor's scale exceeds \(Self.valueBound), and so would values of the update")
        }
        do {
            try reports.check(scales)
            guard agreed == nil, reported.insert(worker).inserted else { return false }
            try reports.take(scales)
            return true
        } catch {
            throw UpdateRefusal(.badValues, error.message)
        }
    }

    /// Lets the scales stand once no one of `awaited` is missing, or at once where `enough` workers have reported; true if they
    /// stand from now on.
    package mutating func settle(awaited: Set<WorkerID>, enough: Int) -> Bool {
        guard agreed == nil, !reported.isEmpty, reported.count >= enough || awaited.isSubset(of: reported) else {
            return false
        }
        agreed = reports.values
        return true
    }

    /// How many reports settle the scales of a round whoever is missing: as many as updates close the round, and once it
    /// `isLate`, when those who are missing may not report at all, as many as the round needs.
    package static func enough(of plan: RoundPlan, isLate: Bool) -> Int { isLate ? plan.quorum : plan.wantedCount }
}
