// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCodecs
import FedCore
import Glibc

/// Folds many updates into one sum, as a coordinator's round does, and tells how much memory that took.
@main
struct RoundMemory {
    private static let usage = """
        usage: round-memory encode FOLDER PARAMETERS CODEC COUNT
               round-memory fold FOLDER PARAMETERS CODEC COUNT UPDATES IN-FLIGHT

        encode writes COUNT payloads of different updates into FOLDER. fold, a process of its own so that encoding does not
        count, adds them again and again, UPDATES altogether with IN-FLIGHT arriving at the same time, and prints its peak
        memory before and after the mean was made, as multiples of the model in float32.
        """

    private let folder: String
    private let layout: ModelLayout
    private let codec: any GradientCodec
    private let count: Int

    static func main() throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        let numbers = arguments.compactMap(Int.init)
        switch (arguments.first, arguments.count) {
        case ("encode", 5) where numbers.count == 2:
            try RoundMemory(arguments[1], numbers[0], arguments[3], numbers[1]).encode()
        case ("fold", 7) where numbers.count == 4 && numbers[2] > 0 && numbers[3] > 0:
            try RoundMemory(arguments[1], numbers[0], arguments[3], numbers[1])
                .fold(updates: numbers[2], inFlight: numbers[3])
        default:
            _ = (usage + "\n").withCString { write(STDERR_FILENO, $0, strlen($0)) }
            exit(2)
        }
    }

    private init(_ folder: String, _ parameters: Int, _ codec: String, _ count: Int) throws {
        self.folder = folder
        layout = try ModelLayout([ParameterSpec(name: "weight", shape: [parameters], role: .weight)])
        self.codec = try CodecRegistry.codec(CodecID(codec))
        self.count = count
    }

    private func path(_ number: Int) -> String { "\(folder)/\(number % count).payload" }

    /// Writes the payloads; their entries are sums of four uniform numbers, near enough to normal ones.
    private func encode() throws {
        for number in 0..<count {
            var generator = SeededGenerator(key: UInt64(number)).stream("update")
            var update = ParameterVector(zeros: layout)
            update.withMutableValues { values in
                for index in values.indices {
                    let bits = generator.next()
                    let sum = (bits & 0xFFFF) + (bits >> 16 & 0xFFFF) + (bits >> 32 & 0xFFFF) + bits >> 48
                    values[index] = (Float(sum) - 131_070) * 1e-7
                }
            }
            let payload = try codec.encode(update, generator: generator.stream("codec"))
            let file = try PayloadFile(path(number), PayloadFile.writing)
            try file.write(payload)
        }
    }

    private func fold(updates: Int, inFlight: Int) throws {
        let start = PeakMemory.bytes
        var round = try FoldedRound(codec: codec, layout: layout)
        var payloadBytes = 0
        for first in stride(from: 0, to: updates, by: inFlight) {
            let numbers = first..<min(first + inFlight, updates)
            payloadBytes += try round.fold(numbers.map { (path($0), Self.weight($0)) })
        }
        let folded = PeakMemory.bytes
        let mean = round.takeMean()
        let finished = PeakMemory.bytes
        let model = Double(4 * layout.count)
        func models(_ bytes: Int) -> Double { (Double(bytes) / model * 1000).rounded() / 1000 }
        print(
            """
            {"parameters": \(layout.count), "codec": "\(codec.id)", "updates": \(updates), "inFlight": \(inFlight), \
            "payloadBytes": \(payloadBytes / updates), "startModels": \(models(start)), \
            "foldedModels": \(models(folded)), "finishedModels": \(models(finished))}
            """)
        try check(mean, updates: updates)
    }

    private static func weight(_ number: Int) -> Int64 { Int64(1 + number % 97) }

    /// Sums are exact, so each payload added once, with the sum of its weights, gives the same mean to the bit.
    private func check(_ mean: [Float], updates: Int) throws {
        var round = try FoldedRound(codec: codec, layout: layout)
        for file in 0..<min(count, updates) {
            let weights = stride(from: file, to: updates, by: count).map(Self.weight)
            _ = try round.fold([(path(file), weights.reduce(0, +))])
        }
        guard round.takeMean() == mean else { fatalError("the sum is not that of the updates") }
    }
}
