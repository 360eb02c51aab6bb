// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedIdentity
import Foundation
import Testing

@Suite struct TokenLedgerTests {
    let now = IdentityFixture.now
    let directory: TemporaryDirectory
    let ledger: TokenLedger

    init() throws {
        directory = try TemporaryDirectory()
        ledger = TokenLedger(directory: directory.path + "/tokens")
    }

    @Test func aTokenIsGoodOnce() throws {
        let secret = try ledger.create(WorkerID("alice"), lifetime: 60, now: now)
        #expect(try ledger.worker(for: secret, now: now).rawValue == "alice")
        #expect(try ledger.redeem(secret, now: now + 60).rawValue == "alice")
        #expect(throws: IdentityError(.usedToken, "")) { try ledger.redeem(secret, now: now) }
        #expect(throws: IdentityError(.usedToken, "")) { try ledger.worker(for: secret, now: now) }
    }

    @Test func expiredAndUnknownTokensSaySo() throws {
        let secret = try ledger.create(WorkerID("alice"), lifetime: 60, now: now)
        #expect(throws: IdentityError(.expiredToken, "")) { try ledger.redeem(secret, now: now + 61) }
        #expect(throws: IdentityError(.unknownToken, "")) { try ledger.redeem(JoinSecret(), now: now) }
        // The attempt did not spend it.
        #expect(try ledger.redeem(secret, now: now).rawValue == "alice")
    }

    @Test func oneOfSixteenWins() async throws {
        for _ in 0..<10 {
            let secret = try ledger.create(WorkerID("alice"), lifetime: 60, now: now)
            let outcomes = await withTaskGroup(of: IdentityError.Code?.self) { group in
                for _ in 0..<16 {
                    group.addTask {
                        do throws(IdentityError) {
                            _ = try ledger.redeem(secret, now: now)
                            return nil
                        } catch {
                            return error.code
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.filter { $0 == nil }.count == 1)
            #expect(outcomes.filter { $0 == .usedToken }.count == 15)
        }
    }

    @Test func filesHoldNoSecretAndArePrivate() throws {
        let secret = try ledger.create(WorkerID("alice"), lifetime: 60, now: now)
        let token = try #require(try ledger.tokens().first)
        let path = "\(directory.path)/tokens/\(token.id).json"
        let content = try String(contentsOfFile: path, encoding: .utf8)
        #expect(!content.contains(Data(secret.bytes).base64EncodedString()))
        #expect(!content.contains(secret.bytes.map { String($0, radix: 16) }.joined()))
        #expect(TemporaryDirectory.mode(path) == 0o600)
        #expect(TemporaryDirectory.mode(directory.path + "/tokens") == 0o700)
    }

    @Test func lists() throws {
        #expect(try ledger.tokens().isEmpty)
        let first = try ledger.create(WorkerID("alice"), lifetime: 60, now: now)
        _ = try ledger.create(WorkerID("bob"), lifetime: 90, now: now + 1)
        _ = try ledger.redeem(first, now: now + 2)
        let tokens = try ledger.tokens()
        #expect(tokens.map(\.worker.rawValue) == ["alice", "bob"])
        #expect(tokens.map(\.isUsed) == [true, false])
        #expect(tokens.map(\.expires) == [now + 60, now + 91])
    }

    @Test func aWorkerMayHaveSeveral() throws {
        let first = try ledger.create(WorkerID("alice"), lifetime: 60, now: now)
        let second = try ledger.create(WorkerID("alice"), lifetime: 60, now: now)
        #expect(try ledger.redeem(first, now: now) == ledger.redeem(second, now: now))
    }

    @Test(arguments: [0, -1, TokenLedger.maximumLifetime + 1, .nan, .infinity])
    func refusesLifetimes(_ lifetime: TimeInterval) throws {
        #expect(throws: IdentityError(.invalidLifetime, "")) {
            try ledger.create(WorkerID("alice"), lifetime: lifetime, now: now)
        }
    }

    @Test func aDamagedOrForeignFileAdmitsNobody() throws {
        let secret = try ledger.create(WorkerID("alice"), lifetime: 60, now: now)
        let token = try #require(try ledger.tokens().first)
        let path = "\(directory.path)/tokens/\(token.id).json"
        let content = try String(contentsOfFile: path, encoding: .utf8)
        let last = token.secretSHA256.suffix(48)
        try TemporaryDirectory.write(content.replacing(last, with: String(repeating: "0", count: 48)), to: path)
        #expect(throws: IdentityError(.unknownToken, "")) { try ledger.redeem(secret, now: now) }
        try TemporaryDirectory.write("{}", to: path)
        #expect(throws: IdentityError(.corruptFile, "")) { try ledger.redeem(secret, now: now) }
        #expect(throws: IdentityError(.corruptFile, "")) { try ledger.tokens() }
    }
}
