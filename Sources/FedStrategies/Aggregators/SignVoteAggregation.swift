// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// Votes that are being counted.
public struct SignVoteAggregation: Aggregation {
    /// No value of a change may be larger in magnitude.
    private static let valueBound: Float = 1024

    public private(set) var contributions = 0
    private var votes: FixedPointAccumulator
    private let step: Float

    /// Continues from `votes`, to which nothing has been added.
    init(votes: FixedPointAccumulator, step: Float) {
        self.votes = votes
        self.step = step
    }

    public var parameterCount: Int { votes.count }

    public var totalWeight: Int64 { votes.totalWeight }

    public func check(weight: Int64) throws(CoreError) { try votes.check(weight: weight) }

    public mutating func add(_ piece: UpdatePiece, weight: Int64) throws(CoreError) {
        try piece.check(bound: Self.valueBound)
        let vote = weight.signum()
        switch piece {
        case .levels(_, 0, _): break
        case .levels(let levels, _, let start):
            if levels.allSatisfy({ (-1...1).contains($0) }) {
                try votes.add(.levels(levels, step: 1, at: start), weight: vote)
            } else {
                try add(levels.map { $0.signum() }, at: start, vote)
            }
        case .dense(let values, let start):
            try add(values.map { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 }, at: start, vote)
        case .sparse(let positions, let values, let start):
            let signs: [Float] = values.map { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 }
            var failure: CoreError?
            signs.withUnsafeBufferPointer { signs in
                do throws(CoreError) {
                    try votes.add(.sparse(positions: positions, values: signs, at: start), weight: vote)
                } catch { failure = error }
            }
            if let failure { throw failure }
        }
    }

    private mutating func add(_ signs: [Int8], at start: Int, _ vote: Int64) throws(CoreError) {
        var failure: CoreError?
        signs.withUnsafeBufferPointer { signs in
            do throws(CoreError) {
                try votes.add(.levels(signs, step: 1, at: start), weight: vote)
            } catch { failure = error }
        }
        if let failure { throw failure }
    }

    public mutating func count(weight: Int64, in scope: UpdateScope) throws(CoreError) {
        try votes.count(weight: weight)
        contributions += 1
    }

    public mutating func discount(weight: Int64, in scope: UpdateScope) {
        votes.discount(weight: weight)
        contributions -= 1
    }

    public var exactSum: FixedPointAccumulator? { nil }

    public func finish() -> [Float] { votes.sums.map { $0 > 0 ? step : $0 < 0 ? -step : 0 } }

    public mutating func takeResult() -> [Float] { finish() }
}
