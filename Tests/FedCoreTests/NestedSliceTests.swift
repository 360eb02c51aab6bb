// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import Testing

@Suite struct NestedSliceTests {
    /// The index of each entry of `narrow` in `full`, by its coordinates.
    static func places(of narrow: ModelLayout, in full: ModelLayout) -> [Int] {
        zip(zip(narrow.parameters, full.parameters), full.segments).flatMap { shapes, segment in
            let (part, whole) = (shapes.0.shape, shapes.1.shape)
            return (0..<part.reduce(1, *)).map { entry in
                var (rest, place, distance) = (entry, segment.lowerBound, 1)
                for axis in part.indices.reversed() {
                    place += rest % part[axis] * distance
                    rest /= part[axis]
                    distance *= whole[axis]
                }
                return place
            }
        }
    }

    static func layouts(seed: UInt64) throws -> (narrow: ModelLayout, full: ModelLayout) {
        var generator = SeededGenerator(key: seed)
        var (narrow, full): ([ParameterSpec], [ParameterSpec]) = ([], [])
        for index in 0..<(1 + generator.nextIndex(below: 6)) {
            var (part, whole): ([Int], [Int]) = ([], [])
            for axis in 0..<generator.nextIndex(below: 5) {
                whole.append(1 + generator.nextIndex(below: 5))
                part.append(axis > 1 ? whole[axis] : 1 + generator.nextIndex(below: whole[axis]))
            }
            narrow.append(ParameterSpec(name: "p\(index)", shape: part, role: .weight))
            full.append(ParameterSpec(name: "p\(index)", shape: whole, role: .weight))
        }
        return (try ModelLayout(narrow), try ModelLayout(full))
    }

    @Test(arguments: 0..<200 as Range<UInt64>) func anEntryLiesWhereItsCoordinatesSay(_ seed: UInt64) throws {
        let (narrow, full) = try Self.layouts(seed: seed)
        let slice = try NestedSlice(narrow, of: full)
        let places = Self.places(of: narrow, in: full)
        #expect(places == places.sorted())
        #expect(narrow.count == 0 || (0..<narrow.count).map(slice.place) == places)
        let values = (0..<full.count).map(Float.init)
        #expect(slice.gathered(from: values) == places.map(Float.init))
        var target = values
        slice.scatter(places.map { -Float($0) - 1 }, into: &target)
        for index in target.indices {
            #expect(target[index] == (places.contains(index) ? -values[index] - 1 : values[index]))
        }
        for start in 0...narrow.count {
            for end in [start, min(start + 3, narrow.count), narrow.count] {
                var found: [Int] = []
                slice.forEachRun(in: start..<end) { entry, place, count in
                    #expect(entry == start + found.count && count > 0)
                    found += place..<place + count
                }
                #expect(found == Array(places[start..<end]))
            }
        }
        #expect(slice.isWhole == (narrow == full))
    }

    @Test(arguments: [
        ([4, 4], "w", ParameterRole.weight), ([3, 5], "w", .weight), ([3], "w", .weight), ([3, 4], "v", .weight),
        ([3, 4], "w", .bias),
    ])
    func whatIsNoCornerIsRefused(_ shape: [Int], _ name: String, _ role: ParameterRole) throws {
        let full = try ModelLayout([ParameterSpec(name: "w", shape: [3, 4], role: .weight)])
        let narrow = try ModelLayout([ParameterSpec(name: name, shape: shape, role: role)])
        #expect(throws: CoreError(.invalidLayout, "")) { try NestedSlice(narrow, of: full) }
        #expect(throws: CoreError(.invalidLayout, "")) { try NestedSlice(try ModelLayout([]), of: full) }
        let deep = try ModelLayout([ParameterSpec(name: "w", shape: [3, 4, 2], role: .weight)])
        let cut = try ModelLayout([ParameterSpec(name: "w", shape: [3, 4, 1], role: .weight)])
        #expect(throws: CoreError(.invalidLayout, "")) { try NestedSlice(cut, of: deep) }
    }
}
