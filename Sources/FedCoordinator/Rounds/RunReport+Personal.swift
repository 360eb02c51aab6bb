// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

package import FedCore

extension RunReport {
    /// How good the models are that workers have for themselves: the shared one with each worker's own parameters.
    public struct Personal: Codable, Equatable, Sendable {
        /// How many workers have one.
        public var workers: Int
        /// The mean over workers of the share of test examples classified correctly, in [0, 1].
        public var accuracy: Double
        /// That share of the worker with the lowest.
        public var lowestAccuracy: Double
        /// The mean over workers of the share of attacked test examples classified correctly; nil without an attack.
        public var robustAccuracy: Double?
        /// The same of the workers of each domain, by its value; nil where workers belong to none.
        public var domains: [String: Personal]?

        /// The means of workers' results, with the domain that each worker belongs to, if any; nil where there are none.
        package init?(of results: [(evaluation: Evaluation, domain: String?)]) {
            self.init(meansOf: results.map(\.evaluation))
            let groups = Dictionary(grouping: results.filter { $0.domain != nil }) { $0.domain ?? "" }
            if !groups.isEmpty { domains = groups.compactMapValues { Self(meansOf: $0.map(\.evaluation)) } }
        }

        private init?(meansOf results: [Evaluation]) {
            guard let lowest = results.map(\.accuracy).min() else { return nil }
            func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
            workers = results.count
            accuracy = mean(results.map(\.accuracy))
            lowestAccuracy = lowest
            let robust = results.compactMap(\.robustAccuracy)
            robustAccuracy = robust.isEmpty ? nil : mean(robust)
        }
    }
}
