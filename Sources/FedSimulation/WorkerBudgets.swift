// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// What the workers of a simulation can afford to train with strategies that let them train less than the whole model.
///
/// Worker i of n, counted from 0, has level ⌊L·i/n⌋ of L (Hong et al., ICLR 2022, section 4): where workers are ordered by domain, the
/// poor ones are of one domain.
public struct WorkerBudgets: Hashable, Sendable {
    /// The levels, in the order of the workers, at least one.
    public let levels: [WidthRatio]

    /// Budgets of these levels.
    public init(levels: [WidthRatio]) {
        precondition(!levels.isEmpty, "everybody has a budget")
        self.levels = levels
    }

    /// Reads `1/8,1/4,1/2,1`; throws `CoreError.invalidSpecification` with a sentence for anything else.
    public init(text: String) throws(CoreError) {
        levels = try text.split(separator: ",", omittingEmptySubsequences: false).map { level throws(CoreError) in
            try WidthRatio(text: String(level))
        }
    }

    /// The budget of the worker of that number, counted from 1, of `workers`.
    func budget(of number: Int, among workers: Int) -> WidthRatio { levels[levels.count * (number - 1) / workers] }
}
