// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedStore
import Testing

@Suite struct DirectoryLockTests {
    @Test func oneAtATime() throws {
        let directory = try TemporaryDirectory()
        let lock = try DirectoryLock(directory: directory.path)
        let error = #expect(throws: StoreError(.locked, "")) { try DirectoryLock(directory: directory.path) }
        #expect(error?.message.contains("another coordinator") == true)
        #expect(error?.cause?.hasPrefix("process ") == true)
        lock.release()
        lock.release()
        let second = try DirectoryLock(directory: directory.path)
        second.release()
    }

    @Test func goesWithItsHolder() throws {
        let directory = try TemporaryDirectory()
        for _ in 0..<3 { _ = try DirectoryLock(directory: directory.path) }
    }

    @Test func needsTheDirectory() throws {
        let directory = try TemporaryDirectory()
        #expect(throws: StoreError(.missing, "")) { try DirectoryLock(directory: directory.path + "/none") }
    }
}
