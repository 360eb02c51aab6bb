// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// A fixed division of examples whose neighbours are alike, such as pictures of one series.
enum LastFifth {
    /// The indices that train and those that test, each ascending: of each class of n examples the last ⌊n / 5⌋ test.
    ///
    /// A class is cut in one place only, so that nearly equal neighbours are on one side of it.
    static func ofEachClass(labels: [Int32]) -> (train: [Int], test: [Int]) {
        var left: [Int32: Int] = [:]
        for label in labels { left[label, default: 0] += 1 }
        let tests = left.mapValues { $0 / 5 }
        var train: [Int] = []
        var test: [Int] = []
        for (index, label) in labels.enumerated() {
            let remaining = left[label] ?? 0
            if remaining <= tests[label] ?? 0 { test.append(index) } else { train.append(index) }
            left[label] = remaining - 1
        }
        return (train, test)
    }
}
