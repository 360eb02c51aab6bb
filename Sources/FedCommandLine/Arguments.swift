// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// What is done to a command line before it is parsed.
enum Arguments {
    /// `--option -1` as `--option=-1`, so that the option gets the number and can say what it takes: a dash before a digit
    /// would be read as an option else.
    static func joiningNegativeNumbers(_ arguments: some Sequence<String>) -> [String] {
        var joined: [String] = []
        var isOver = false
        for argument in arguments {
            if !isOver, isNegativeNumber(argument), let option = joined.last, option.hasPrefix("--"),
                !option.contains("=")
            {
                joined[joined.count - 1] = "\(option)=\(argument)"
            } else {
                joined.append(argument)
            }
            isOver = isOver || argument == "--"
        }
        return joined
    }

    private static func isNegativeNumber(_ text: String) -> Bool {
        guard text.hasPrefix("-"), let second = text.dropFirst().first else { return false }
        return second.isNumber || second == "."
    }
}
