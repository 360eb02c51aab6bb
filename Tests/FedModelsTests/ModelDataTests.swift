// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedModels
import FedTestSupport
import FedTraining
import Testing

/// Which examples a model is measured on.
@Suite struct ModelDataTests {
    private static func part(_ codes: [Int32]) throws -> Dataset {
        try Dataset(
            name: "kinds", input: InputShape(channels: 1, height: 1, width: 1), classes: 2,
            values: .bytes(codes.indices.map { UInt8($0) }), labels: codes.map { _ in 0 },
            attributes: [ExampleAttribute(name: "domain", values: ["a", "b", "c"], codes: codes)])
    }

    private static func split() throws -> DatasetSplit {
        DatasetSplit(train: try part([0, 1, 2, 1]), test: try part([1, 0, 1, 1, 0]))
    }

    private static func card(_ domain: String?, of attribute: String = "domain") throws -> ModelCard {
        var card = try MixtureModel.card()
        card.domain = domain.map { ModelCard.Domain(attribute: attribute, value: $0) }
        return card
    }

    @Test func aWorkersOwnModelIsForItsDomain() throws {
        let data = ModelData(try Self.split(), for: try Self.card("b"))
        #expect(data.train.count == 2 && data.test.count == 3)
        #expect(data.domain?.value == "b" && data.title == "kinds, 3 test examples of domain b")
    }

    /// No domain, one that does not occur, one of another attribute, and where all are asked for.
    @Test(arguments: [
        (nil, "domain", false, ""), ("d", "domain", false, " of all, none has domain d"),
        ("b", "other", false, " of all, none has other b"), ("b", "domain", true, ""),
    ])
    func otherwiseItIsForAll(_ domain: String?, _ attribute: String, _ allDomains: Bool, _ end: String) throws {
        let card = try Self.card(domain, of: attribute)
        let data = ModelData(try Self.split(), for: card, allDomains: allDomains)
        #expect(data.train.count == 4 && data.test.count == 5 && data.domain == nil)
        #expect(data.title == "kinds, 5 test examples" + end)
    }

    /// Each part by itself: "c" occurs in training only.
    @Test func aPartWithoutTheDomainIsTakenWhole() throws {
        let data = ModelData(try Self.split(), for: try Self.card("c"))
        #expect(data.train.count == 1 && data.test.count == 5 && data.domain == nil)
    }

    /// What a worker's model is for is what its partition gave it.
    @Test func aDomainIsThatOfAllExamples() throws {
        let all = try Self.split().train
        let byDomain = PartitionSpec.domains(by: "domain")
        let own = try #require(all.examples(of: ModelCard.Domain(attribute: "domain", value: "b")))
        #expect(own.domain(under: byDomain) == ModelCard.Domain(attribute: "domain", value: "b"))
        #expect(all.domain(under: byDomain) == nil && own.domain(under: .iid) == nil)
        #expect(own.domain(under: .domains(by: "other")) == nil)
    }
}
