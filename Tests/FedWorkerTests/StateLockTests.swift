// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedWorker
import Foundation
import Testing

@Suite struct StateLockTests {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fedworker-lock-\(UUID())")

    @Test func oneAtATime() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let directory = folder.appendingPathComponent("deep/state").path
        let isAbsent = try StateLock.ofExisting(directory: directory) == nil
        #expect(isAbsent)
        do {
            let first = try StateLock(directory: directory)
            withExtendedLifetime(first) {
                let error = #expect(throws: WorkerError(.state, "")) { try StateLock(directory: directory) }
                #expect(error?.message.contains("another worker uses \(directory)") == true)
            }
        }
        let isFreeAgain = try StateLock.ofExisting(directory: directory) != nil
        #expect(isFreeAgain)
    }

    @Test func makesADirectoryForItsOwnerOnly() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        _ = try StateLock(directory: folder.path)
        var status = stat()
        let result = stat(folder.path, &status)
        #expect(result == 0)
        #expect(status.st_mode & 0o777 == 0o700)
    }

    @Test func aPlaceThatCannotBeWrittenIsNamed() {
        let error = #expect(throws: WorkerError(.state, "")) { try StateLock(directory: "/proc/nowhere/state") }
        #expect(error?.message.contains("/proc/nowhere/state") == true)
    }
}
