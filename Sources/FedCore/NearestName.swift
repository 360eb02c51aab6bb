// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// Finds the known name that a person most likely meant.
package enum NearestName {
    /// No sentence lists more names: a table may have thousands of columns.
    private static let maximumShown = 50

    /// The known name with the fewest edits from `name`, or nil where none is close enough to be a slip.
    ///
    /// Close enough means at most one edit for each three letters of the longer name, and at least two for names of
    /// four letters or more; upper and lower case count as the same. Of equally near names, the first one wins.
    package static func suggestion(for name: String, among known: [String]) -> String? {
        let typed = Array(name.prefix(256).lowercased().utf8.prefix(256))
        var best: (name: String, distance: Int)?
        for candidate in known {
            let letters = Array(candidate.prefix(256).lowercased().utf8.prefix(256))
            let longest = max(typed.count, letters.count)
            let allowed = max(longest / 3, longest >= 4 ? 2 : 1)
            let distance = editDistance(typed, letters)
            guard distance <= allowed, distance < longest else { continue }
            if let current = best, current.distance <= distance { continue }
            best = (candidate, distance)
        }
        return best?.name
    }

    /// One sentence for a person: there is no such `what`, what was probably meant, and what there is.
    package static func unknown(_ what: String, _ name: String, among known: [String]) -> String {
        let guess = suggestion(for: name, among: known).map { "did you mean \($0.prefix(64))? Known" } ?? "known"
        let shown = known.prefix(maximumShown).map { String($0.prefix(64)) }.joined(separator: ", ")
        let more = known.count > maximumShown ? " and \(known.count - maximumShown) more" : ""
        return "there is no \(what) \"\(name.prefix(64))\": \(guess) are \(shown)\(more)"
    }

    /// The fewest insertions, deletions, replacements and swaps of neighbours that turn `first` into `second`
    /// (optimal string alignment).
    package static func editDistance(_ first: [UInt8], _ second: [UInt8]) -> Int {
        guard !first.isEmpty, !second.isEmpty else { return max(first.count, second.count) }
        var beforeLast = [Int](repeating: 0, count: second.count + 1)
        var last = Array(0...second.count)
        var row = last
        for i in 1...first.count {
            row[0] = i
            for j in 1...second.count {
                let same = first[i - 1] == second[j - 1]
                row[j] = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1))
                if i > 1, j > 1, first[i - 1] == second[j - 2], first[i - 2] == second[j - 1] {
                    row[j] = min(row[j], beforeLast[j - 2] + 1)
                }
            }
            (beforeLast, last, row) = (last, row, beforeLast)
        }
        return last[second.count]
    }
}
