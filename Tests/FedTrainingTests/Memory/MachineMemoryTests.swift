// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedTraining
import Testing

@Suite struct MachineMemoryTests {
    private static let meminfo = """
        MemTotal:       8000 kB
        MemFree:        1000 kB
        MemAvailable:   5000 kB
        """

    private static func group(_ limit: String?, _ usage: String?, _ statistics: String? = nil)
        -> MachineMemory.ControlGroup?
    {
        MachineMemory.ControlGroup(limit: limit, usage: usage, statistics: statistics)
    }

    @Test func withoutLimitsItIsTheMachines() throws {
        let memory = try #require(MachineMemory(meminfo: Self.meminfo, groups: []))
        #expect(memory.totalBytes == 8000 * 1024 && memory.availableBytes == 5000 * 1024)
    }

    /// Of a container that may use 2 MB and holds 1.5 MB, half a megabyte of it file pages that nobody needs, a megabyte is left.
    @Test func theNarrowestLimitCounts() throws {
        let wide = try #require(Self.group("6000000\n", "100000\n"))
        let narrow = try #require(Self.group("2000000\n", "1500000\n", "anon 1000000\ninactive_file 500000\n"))
        let memory = try #require(MachineMemory(meminfo: Self.meminfo, groups: [wide, narrow]))
        #expect(memory.totalBytes == 2_000_000 && memory.availableBytes == 1_000_000)
    }

    @Test func aGroupThatHoldsMoreThanItsLimitHasNothingLeft() throws {
        let full = try #require(Self.group("1000", "2000"))
        #expect(MachineMemory(meminfo: Self.meminfo, groups: [full])?.availableBytes == 0)
    }

    @Test func whatSaysNothingIsNoLimit() {
        #expect(Self.group("max\n", "5\n") == nil)
        #expect(Self.group(nil, "5\n") == nil)
        #expect(MachineMemory(meminfo: "nothing", groups: []) == nil)
    }

    @Test func groupsAreFoundFromTheOutermostToTheProcess() {
        #expect(MachineMemory.folders(below: "/root", path: "/") == ["/root"])
        #expect(MachineMemory.folders(below: "/root", path: "/a/b") == ["/root", "/root/a", "/root/a/b"])
    }

    @Test func thisMachineHasSomeLeft() {
        let memory = MachineMemory.now
        #expect(memory.availableBytes > 0 && memory.availableBytes <= memory.totalBytes)
    }
}
