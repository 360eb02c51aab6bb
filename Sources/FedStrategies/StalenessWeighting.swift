// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// How much an update counts in a round's sum, given how many rounds late it is: less the later it comes.
///
/// An update that is s rounds late has (1 + s)^−½ of its weight, the polynomial rule of Xie et al., FedAsync (OPT 2020),
/// section 3, with a = ½. Weights are whole numbers, so that sums stay exact: where late updates are folded, one
/// in time counts 64 times its weight, a late one round(64 · (1 + s)^−½) times.
public struct StalenessWeighting: Hashable, Sendable {
    /// What an update in time counts.
    public let weighting: Weighting
    /// Whether updates of earlier rounds are added, too.
    public let foldsLate: Bool

    /// What the weight of an update in time is multiplied by where late ones are folded.
    static let unit: Int64 = 64

    /// A weighting.
    public init(_ weighting: Weighting, foldsLate: Bool) {
        self.weighting = weighting
        self.foldsLate = foldsLate
    }

    /// The weight of an update that was trained on so many examples and comes so many rounds late, 0 to 1000.
    public func weight(examples: Int, roundsLate: Int = 0) -> Int64 {
        precondition((0...1000).contains(roundsLate), "an update is 0 to 1000 rounds late")
        let weight = weighting.weight(examples: examples)
        guard foldsLate else { return weight }
        return weight * Int64((Double(Self.unit) / Double(1 + roundsLate).squareRoot()).rounded())
    }

    /// The most that the weights of so many updates can add up to.
    public func bound(updates: Int, examplesPerWorker: Int) -> Int64 {
        weighting.bound(updates: updates, examplesPerWorker: examplesPerWorker) * (foldsLate ? Self.unit : 1)
    }
}
