// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CLibFuzzer
internal import Foundation

/// Coverage-guided fuzzing of every decoder: `codec-fuzzer [LIBFUZZER-OPTION...] [CORPUS...]`, or `codec-fuzzer seeds FOLDER
/// VECTORS` to write the inputs to start from.
@main enum CodecFuzzer {
    static func main() throws {
        let arguments = CommandLine.arguments
        if arguments.count == 4, arguments[1] == "seeds" {
            let written = try Seeds.write(to: URL(filePath: arguments[2]), vectors: URL(filePath: arguments[3]))
            return print("\(written) seeds")
        }
        var count = CommandLine.argc
        var pointer: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
        let status = LLVMFuzzerRunDriver(&count, &pointer) { bytes, count in
            var target = FuzzTarget(UnsafeBufferPointer(start: bytes, count: count))
            target?.run()
            return 0
        }
        exit(status)
    }
}
