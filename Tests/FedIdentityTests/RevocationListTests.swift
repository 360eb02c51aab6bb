// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedIdentity
import Foundation
import Testing

@Suite struct RevocationListTests {
    let directory: TemporaryDirectory
    let file: String
    let list: RevocationList
    let alice: PeerIdentity

    init() throws {
        directory = try TemporaryDirectory()
        file = directory.path + "/revoked"
        list = RevocationList(file: file)
        alice = try PeerIdentity(IdentityFixture().worker)
    }

    @Test func obeysChangesWithoutARestart() throws {
        try TemporaryDirectory.write("# nobody yet\n\n", to: file)
        try list.check(alice)
        try TemporaryDirectory.write("bob # left\n  alice  # stolen laptop\n", to: file)
        #expect(throws: IdentityError(.revoked, "")) { try list.check(alice) }
        try TemporaryDirectory.write("", to: file)
        try list.check(alice)
        try TemporaryDirectory.write("serial:\(alice.serial)", to: file)
        #expect(throws: IdentityError(.revoked, "")) { try list.check(alice) }
        try TemporaryDirectory.write("alicia\nserial:00\n", to: file)
        #expect(try !list.contains(alice))
    }

    @Test func aReplacedFileOfTheSameSizeIsNoticed() throws {
        try TemporaryDirectory.write("alice", to: file)
        #expect(try list.contains(alice))
        // Written beside and renamed, as editors do: another inode, even within one tick of the clock.
        try TemporaryDirectory.write("bobby", to: file + ".new")
        #expect(rename(file + ".new", file) == 0)
        #expect(try !list.contains(alice))
    }

    @Test func revokes() throws {
        try TemporaryDirectory.write("bob", to: file)
        let other = RevocationList(file: file)
        try list.revoke(alice.worker, reason: "key\nlost # really")
        #expect(try other.contains(alice))
        #expect(try other.contains(WorkerID("bob")))
        try list.revoke(alice.serial)
        let lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
        #expect(lines == ["bob", "alice  # key lost # really", "serial:\(alice.serial)"])
    }

    @Test(arguments: ["not a name", "serial:xyz", "serial:", "alice,bob", "../x"])
    func aDamagedLineLetsNobodyIn(_ line: String) throws {
        try TemporaryDirectory.write("bob\n\(line)\n", to: file)
        for _ in 0..<2 {
            let error = #expect(throws: IdentityError(.unusableRevocationList, "")) { try list.check(alice) }
            #expect(error?.message.contains("line 2") == true)
        }
        #expect(throws: IdentityError(.unusableRevocationList, "")) { try list.revoke(alice.worker) }
        try TemporaryDirectory.write("bob\n", to: file)
        try list.check(alice)
    }

    @Test func aListThatCannotBeReadLetsNobodyIn() throws {
        #expect(throws: IdentityError(.unusableRevocationList, "")) { try list.check(alice) }
        try TemporaryDirectory.write("", to: file)
        try list.check(alice)
        try FileManager.default.removeItem(atPath: file)
        #expect(throws: IdentityError(.unusableRevocationList, "")) { try list.check(alice) }
        try FileManager.default.createDirectory(atPath: file, withIntermediateDirectories: false)
        #expect(throws: IdentityError(.unusableRevocationList, "")) { try list.check(alice) }
        try FileManager.default.removeItem(atPath: file)
        try Data([0xC3, 0x28]).write(to: URL(fileURLWithPath: file))
        #expect(throws: IdentityError(.unusableRevocationList, "")) { try list.check(alice) }
    }
}
