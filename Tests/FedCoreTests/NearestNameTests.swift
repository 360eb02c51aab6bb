// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import Testing

@Suite struct NearestNameTests {
    @Test(arguments: [
        ("", "", 0), ("abc", "", 3), ("", "ab", 2), ("kitten", "sitting", 3), ("ca", "ac", 1), ("abcd", "abdc", 1),
        ("flaw", "lawn", 2), ("same", "same", 0), ("a", "b", 1),
    ]) func distancesCountEdits(_ first: String, _ second: String, _ expected: Int) {
        #expect(NearestName.editDistance(Array(first.utf8), Array(second.utf8)) == expected)
        #expect(NearestName.editDistance(Array(second.utf8), Array(first.utf8)) == expected)
    }

    @Test(arguments: [
        ("learningrate", "learningRate"), ("lerningRate", "learningRate"), ("momentun", "momentum"),
        ("epoch", "epochs"), ("sedd", "seed"), ("Epochs", "epochs"),
    ]) func slipsAreFound(_ typed: String, _ meant: String) {
        let known = ["epochs", "learningRate", "momentum", "seed", "batchSize"]
        #expect(NearestName.suggestion(for: typed, among: known) == meant)
    }

    @Test(arguments: ["", "x", "codec", "somethingElseAltogether", String(repeating: "e", count: 100_000)])
    func strangersAreNot(_ typed: String) {
        #expect(NearestName.suggestion(for: typed, among: ["epochs", "seed", "momentum"]) == nil)
        #expect(NearestName.suggestion(for: typed, among: []) == nil)
    }

    @Test func longListsAndLongNamesAreCut() {
        let many = NearestName.unknown("column", "x", among: (0..<4096).map { "column \($0)" })
        #expect(many.hasSuffix("column 48, column 49 and 4046 more"))
        let long = NearestName.unknown("column", "x", among: [String(repeating: "n", count: 1_000_000)])
        #expect(long.hasSuffix("known are " + String(repeating: "n", count: 64)))
    }

    @Test func aCapitalStandsAtTheStartOfASentenceOnly() {
        let sentence = NearestName.unknown("codec", "sbd", among: ["sbc", "stc"])
        #expect(sentence == "there is no codec \"sbd\": did you mean sbc? Known are sbc, stc")
        let stranger = NearestName.unknown("codec", "nothing", among: ["sbc", "stc"])
        #expect(stranger == "there is no codec \"nothing\": known are sbc, stc")
    }

    @Test func theFirstOfEquallyNearNamesWins() {
        #expect(NearestName.suggestion(for: "bat", among: ["cat", "rat"]) == "cat")
    }
}
