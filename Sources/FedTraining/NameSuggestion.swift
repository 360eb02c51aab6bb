// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// Sentences about names that nobody knows.
enum NameSuggestion {
    /// Says that a name is unknown, which ones are known and which of them is nearest.
    static func unknown(_ what: String, _ name: String, known: [String]) -> String {
        let shown = String(name.prefix(64))
        let nearest = known.min { distance($0, shown) < distance($1, shown) }
        let list = known.joined(separator: ", ")
        guard let nearest, distance(nearest, shown) <= max(2, nearest.count / 2) else {
            return "there is no \(what) \"\(shown)\": use one of \(list)"
        }
        return "there is no \(what) \"\(shown)\", did you mean \(nearest)? Known are \(list)"
    }

    /// The number of letters to insert, delete or replace, ignoring case (Levenshtein).
    private static func distance(_ left: String, _ right: String) -> Int {
        let left = Array(left.lowercased().utf8)
        let right = Array(right.lowercased().utf8)
        var previous = Array(0...right.count)
        for (row, a) in left.enumerated() {
            var current = [row + 1]
            for (column, b) in right.enumerated() {
                current.append(
                    min(previous[column] + (a == b ? 0 : 1), previous[column + 1] + 1, current[column] + 1))
            }
            previous = current
        }
        return previous[right.count]
    }
}
