// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedModels
import FedTestSupport
import FedTraining
import Foundation
import Testing

#if canImport(FoundationXML)
    import FoundationXML
#endif

@Suite struct ModelSweepTests {
    @Test func everyCutIsMeasured() async throws {
        let model = try await MixtureModel.withFile { try TrainedModel(reading: $0) }
        let data = try DatasetRegistry.load(DatasetSource(name: "digits")).test
        var settings = ModelSweep.Settings(for: model)
        #expect(settings.widths.map(\.description) == ["1/8", "1/4", "1/2"])
        #expect(settings.robustness == [0, 0.2, 0.5, 0.8, 1])
        settings.robustness = [0, 1]
        settings.attack = .pgd(epsilon: 0.1, steps: 3)
        settings.robustExamples = 50
        var seen: [ModelSweep.Point] = []
        let sweep = try ModelSweep(model, on: data, settings: settings) { seen.append($0) }
        #expect(sweep.points == seen)
        #expect(sweep.points.map(\.width.description) == ["1/8", "1/8", "1/4", "1/4", "1/2", "1/2"])
        #expect(sweep.points.map(\.robustness) == [0, 1, 0, 1, 0, 1])
        #expect(sweep.points.map(\.bases) == [1, 1, 2, 2, 4, 4])
        for point in sweep.points {
            let cut = try model.customized(width: point.width, robustness: point.robustness)
            let alone = try cut.evaluate(on: data, attack: settings.attack, robustExamples: 50)
            #expect(point.accuracy == alone.accuracy && point.robustAccuracy == alone.robustAccuracy)
            #expect(point.parameters == (try cut.size.trainedParameters))
            #expect(point.multiplications == (try cut.size.multiplications))
            #expect(point.switchSeconds > 0)
        }
        let decoded = try JSONDecoder().decode([ModelSweep.Point].self, from: JSONEncoder().encode(sweep.points))
        #expect(decoded == sweep.points)
    }

    @Test func impossibleCutsAreRefusedFirst() async throws {
        let model = try await MixtureModel.withFile { try TrainedModel(reading: $0) }
        let data = try DatasetRegistry.load(DatasetSource(name: "digits")).test
        var settings = ModelSweep.Settings(for: model)
        settings.widths.append(.full)
        var count = 0
        #expect(throws: ModelError(.impossibleWidth, "")) {
            try ModelSweep(model, on: data, settings: settings) { _ in count += 1 }
        }
        #expect(count == 0)
    }

    private static func sweep(widths: [Int], shares: [Float], robust: Bool) throws -> ModelSweep {
        ModelSweep(
            points: try widths.flatMap { width in
                try shares.map { share in
                    ModelSweep.Point(
                        width: try WidthRatio(width, 8), bases: width, robustness: share, parameters: 224_194 * width,
                        multiplications: 1_158_528 * width, accuracy: 0.9 + 0.01 * Double(width) - 0.1 * Double(share),
                        loss: 0.1, robustAccuracy: robust ? 0.3 + 0.2 * Double(share) : nil, switchSeconds: 0.001)
                }
            })
    }

    /// What an XML parser finds in a picture.
    private final class Elements: NSObject, XMLParserDelegate {
        var names: [String] = []
        var attributes: [[String: String]] = []
        var texts: [String] = []

        func parser(
            _ parser: XMLParser, didStartElement elementName: String, namespaceURI: String?,
            qualifiedName qName: String?, attributes attributeDict: [String: String]
        ) {
            names.append(elementName)
            attributes.append(attributeDict)
            if elementName == "text" { texts.append("") }
        }

        func parser(_ parser: XMLParser, foundCharacters string: String) {
            if names.last == "text", !texts.isEmpty { texts[texts.count - 1] += string }
        }
    }

    private static func parse(_ picture: String) -> Elements {
        let elements = Elements()
        let parser = XMLParser(data: Data(picture.utf8))
        parser.delegate = elements
        #expect(parser.parse())
        return elements
    }

    /// Two charts with a line for each width, and everything inside the picture.
    @Test func thePictureHasALineForEachWidth() throws {
        let sweep = try Self.sweep(widths: [1, 2, 4, 8], shares: [0, 0.2, 0.5, 0.8, 1], robust: true)
        let elements = Self.parse(sweep.picture(title: "a < b & c"))
        let lines = zip(elements.names, elements.attributes).filter { $0.0 == "polyline" }.map { $0.1["points"] ?? "" }
        #expect(lines.count == 8)
        #expect(lines.allSatisfy { $0.split(separator: " ").count == 5 })
        #expect(elements.texts.contains { $0.contains("a < b & c") })
        #expect(elements.texts.contains { $0.hasPrefix("width 1/8, 0.22 M parameters, 1.16 M multiplications") })
        for title in ["accuracy", "robust accuracy", "robustness λ"] {
            #expect(elements.texts.contains { $0.trimmingCharacters(in: .whitespacesAndNewlines) == title })
        }
        let size = elements.attributes[0]
        let (width, height) = (Double(size["width"] ?? "") ?? 0, Double(size["height"] ?? "") ?? 0)
        for line in lines {
            for pair in line.split(separator: " ") {
                let place = pair.split(separator: ",").compactMap { Double($0) }
                #expect(place.count == 2 && (0...width).contains(place[0]) && (0...height).contains(place[1]))
            }
        }
        // More accurate is higher up: the clean accuracy falls from left to right, the robust one rises.
        func heights(_ line: String) -> [Double] {
            line.split(separator: " ").compactMap { $0.split(separator: ",").last.flatMap { Double($0) } }
        }
        #expect(zip(heights(lines[0]), heights(lines[0]).dropFirst()).allSatisfy { $0 < $1 })
        #expect(zip(heights(lines[4]), heights(lines[4]).dropFirst()).allSatisfy { $0 > $1 })
    }

    @Test func withoutRobustnessThePictureIsOverWidth() throws {
        let elements = Self.parse(try Self.sweep(widths: [1, 4, 8], shares: [0], robust: false).picture(title: "t"))
        #expect(elements.names.count { $0 == "polyline" } == 1)
        #expect(elements.texts.contains { $0.contains("width") })
        let one = Self.parse(try Self.sweep(widths: [8], shares: [0], robust: false).picture(title: "t"))
        #expect(one.names.count { $0 == "circle" } == 1)
    }
}
