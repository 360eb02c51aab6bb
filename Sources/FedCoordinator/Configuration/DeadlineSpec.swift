// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// When a round closes with what it has, as a run file's `cohort.deadlineSeconds` says it: `auto`, or seconds.
public enum DeadlineSpec: Hashable, Codable, Sendable, ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
    /// Derived from when updates have arrived so far, as `ArrivalHistory` does.
    case auto
    /// So many seconds after its dispatch.
    case seconds(Double)

    public init(floatLiteral value: Double) { self = .seconds(value) }

    public init(integerLiteral value: Int) { self = .seconds(Double(value)) }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let seconds = try? container.decode(Double.self) {
            self = .seconds(seconds)
        } else if try container.decode(String.self) == "auto" {
            self = .auto
        } else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "takes auto or a number of seconds, as in 120")
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .auto: try container.encode("auto")
        case .seconds(let seconds): try container.encode(seconds)
        }
    }
}
