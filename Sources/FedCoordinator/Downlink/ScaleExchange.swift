// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCodecs
package import FedCore
internal import FedWire

/// What the workers of a round agree on before they quantise: the largest scale of each tensor (TernGrad, section 3.2), as
/// `SharedScales` bounds it.
///
/// Logic without I/O, as that of `RoundEngine`: scales stand as soon as everybody who still trains has reported, or when it is
/// too late to wait, and never change again.
package struct ScaleExchange: Sendable {
    /// The scales that stand, or nil.
    package private(set) var agreed: [Float]?
    private var reports: FedCodecs.SharedScales
    /// No larger scale can be of use: no value of a change may exceed it.
    private let valueBound: Float
    private var reported: Set<WorkerID> = []

    /// An exchange about `count` tensors in which nobody has reported; `agreed` are scales that stand already.
    package init(count: Int, agreed: [Float]? = nil, valueBound: Float = 1024) {
        reports = FedCodecs.SharedScales(count: count)
        self.agreed = agreed
        self.valueBound = valueBound
    }

    /// Takes a worker's report; one that comes again, or after the scales stand, changes nothing.
    ///
    /// Throws the refusal of a worker whose scales are of no use.
    package mutating func report(_ scales: [Float], by worker: WorkerID) throws(UpdateRefusal) {
        guard scales.allSatisfy({ !($0 > valueBound) }) else {
            throw UpdateRefusal(.badValues, "a tensor's scale exceeds \(valueBound), and so would values of the update")
        }
        do {
            try reports.check(scales)
            if agreed == nil, reported.insert(worker).inserted { try reports.take(scales) }
        } catch {
            throw UpdateRefusal(.badValues, error.message)
        }
    }

    /// Lets the scales stand once no one of `awaited` is missing, or at once where it `isLate`; true if they stand from now on.
    package mutating func settle(awaited: Set<WorkerID>, isLate: Bool) -> Bool {
        guard agreed == nil, !reported.isEmpty, isLate || awaited.isSubset(of: reported) else { return false }
        agreed = reports.values
        return true
    }
}
