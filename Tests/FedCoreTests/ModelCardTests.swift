// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import Foundation
import Testing

@Suite struct ModelCardTests {
    private static func card() throws -> ModelCard {
        ModelCard(
            model: ModelSpec(
                architecture: "digits-cnn", width: try WidthRatio(1, 8), normalization: .dualSeparate, bases: 8),
            examples: ExampleShape(channels: 3, height: 28, width: 28, classes: 2), dataset: "images",
            classNames: ["cat", "dog"], robustness: 0.3)
    }

    @Test func survivesJSON() throws {
        let card = try Self.card()
        #expect(card.bases == Array(0..<8) && card.name(ofClass: 1) == "dog")
        try card.validate()
        #expect(try JSONDecoder().decode(ModelCard.self, from: JSONEncoder().encode(card)) == card)
        var plain = card
        plain.classNames = nil
        #expect(plain.name(ofClass: 1) == "1")
    }

    @Test func contradictionsAreFound() throws {
        let changes: [(inout ModelCard) -> Void] = [
            { $0.robustness = -0.1 }, { $0.robustness = .nan }, { $0.model.normalization = .batch },
            { $0.bases = [0] }, { $0.bases[0] = 1 }, { $0.bases[0] = -1 }, { $0.model.bases = 9 },
            { $0.examples.channels = 0 }, { $0.examples.height = .max }, { $0.examples.width = 1 << 20 },
            { $0.examples.classes = 3 }, { $0.examples.classes = 0 }, { $0.model.width = .full },
        ]
        for change in changes {
            var card = try Self.card()
            change(&card)
            #expect(throws: CoreError(.invalidSpecification, "")) { try card.validate() }
        }
    }

    @Test(arguments: [
        ("1/2", "1/8", 4), ("1", "1/8", 8), ("1/8", "1/8", 1), ("1/3", "1/8", nil), ("1/8", "1/2", nil),
        ("3/10", "1/10", 3), ("65535/65536", "1/65536", 65_535), ("3/8", "1/4", nil),
    ])
    func widthsAreCountedExactly(_ width: String, _ base: String, _ count: Int?) throws {
        #expect(try WidthRatio(text: width).exactCount(of: WidthRatio(text: base)) == count)
    }

    @Test(arguments: ["", "0.5", "1/0", "2/1", "-1/8", "1/8/2", "a"])
    func otherWidthsAreRefused(_ text: String) {
        #expect(throws: CoreError(.invalidSpecification, "")) { try WidthRatio(text: text) }
    }
}
