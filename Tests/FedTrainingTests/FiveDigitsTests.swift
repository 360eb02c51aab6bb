// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedTraining
import Testing

@Suite struct FiveDigitsTests {
    /// Counts and checksums of each domain's images, made by Pillow 11 and NumPy from the published files.
    private static let counts = (train: [7438, 743, 7291, 5638, 7438], test: [1860, 340, 2007, 1404, 1860])
    private static let checksums: (train: [UInt32], test: [UInt32]) = (
        [0x3DA8_6399, 0xC920_6104, 0x45C3_1712, 0xFF68_8697, 0xC14D_E3CD],
        [0xAE77_2E71, 0x18F1_FBCB, 0x16B0_36A1, 0x1ADF_5159, 0x2376_FFBA]
    )
    private static let labelChecksums: (train: UInt32, test: UInt32) = (0x7D2F_37A4, 0x4382_DF40)

    @Test(.enabled(if: RealData.folder != nil, "\(RealData.comment)"))
    func domainsAreResizedAndSeparate() throws {
        let data = try DatasetRegistry.load(DatasetSource(name: "digits-5", path: RealData.path("")))
        for (part, counts, checksums, labels) in [
            (data.train, Self.counts.train, Self.checksums.train, Self.labelChecksums.train),
            (data.test, Self.counts.test, Self.checksums.test, Self.labelChecksums.test),
        ] {
            #expect(part.input == InputShape(channels: 3, height: 28, width: 28))
            let domain = try #require(part.attribute(named: "domain"))
            #expect(domain.values == ["mnist", "svhn", "usps", "meter-digits", "mnist-m"])
            #expect((0..<5).map { code in domain.codes.count { $0 == code } } == counts)
            #expect(domain.codes == domain.codes.sorted())
            #expect(RealData.crc32(part.labels.map { UInt8($0) }) == labels)
            guard case .bytes(let bytes) = part.values else {
                Issue.record("pixels are not bytes")
                return
            }
            var start = 0
            for (count, checksum) in zip(counts, checksums) {
                let end = start + count * part.input.count
                #expect(RealData.crc32(bytes[start..<end]) == checksum)
                start = end
            }
        }
    }

    /// MNIST-M's images are made of MNIST's: what `mnist` gives must lie behind what MNIST-M was made of.
    @Test(.enabled(if: RealData.folder != nil, "\(RealData.comment)"))
    func noImageIsInTwoDomains() throws {
        let five = try DatasetRegistry.load(DatasetSource(name: "digits-5", path: RealData.path("")))
        let mnist = try DatasetRegistry.load(DatasetSource(name: "mnist", path: RealData.path("mnist")))
        for (part, whole, count) in [(five.train, mnist.train, 7438), (five.test, mnist.test, 1860)] {
            #expect(Array(part.labels.prefix(count)) == Array(whole.labels[count..<(2 * count)]))
            #expect(Array(part.labels.suffix(count)) == Array(whole.labels[..<count]))
            // Grey, repeated, and not resized.
            for index in stride(from: 0, to: count, by: 97) {
                let grey = whole.example(at: count + index)
                #expect(part.example(at: index) == grey + grey + grey)
            }
        }
    }

    /// One image of one pixel for each part, or two for MNIST.
    private static func files(mnistLabels: [UInt8] = [3, 4]) -> [String: [UInt8]] {
        func labels(_ values: [UInt8]) -> [UInt8] { [0, 0, 8, 1, 0, 0, 0, UInt8(values.count)] + values }
        func grey(_ count: Int, _ type: UInt8 = 8) -> [UInt8] {
            let header: [UInt8] = [0, 0, type, 3, 0, 0, 0, UInt8(count), 0, 0, 0, 1, 0, 0, 0, 1]
            return header + [UInt8](repeating: 1, count: type == 8 ? count : 2 * count)
        }
        func colour(_ count: Int) -> [UInt8] {
            let header: [UInt8] = [0, 0, 8, 4, 0, 0, 0, UInt8(count), 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 3]
            return header + [UInt8](repeating: 9, count: 3 * count)
        }
        return [
            "mnist/train-images-idx3-ubyte": grey(mnistLabels.count),
            "mnist/train-labels-idx1-ubyte": labels(mnistLabels),
            "mnist/t10k-images-idx3-ubyte": grey(2), "mnist/t10k-labels-idx1-ubyte": labels([5, 6]),
            "usps/usps-train-images-idx3-short": grey(1, 0x0B), "usps/usps-train-labels-idx1-ubyte": labels([0]),
            "usps/usps-test-images-idx3-short": grey(1, 0x0B), "usps/usps-test-labels-idx1-ubyte": labels([0]),
            "mnist_m/mnistm-train7438-images-idx4-ubyte": colour(1),
            "mnist_m/mnistm-train7438-labels-idx1-ubyte": labels([3]),
            "mnist_m/mnistm-test1860-images-idx4-ubyte": colour(1),
            "mnist_m/mnistm-test1860-labels-idx1-ubyte": labels([5]),
            "svhn/svhn-train-first1083-images-idx4-ubyte": colour(3),
            "svhn/svhn-train-first1083-labels-idx1-ubyte": labels([1, 2, 3]),
            "meter_digits/meterdigits10-images-idx4-ubyte": colour(10),
            "meter_digits/meterdigits10-labels-idx1-ubyte": labels([1, 1, 1, 1, 1, 2, 2, 2, 2, 2]),
        ]
    }

    @Test func smallFilesAreDividedByTheSameRules() throws {
        let data = try TemporaryFolder.with(Self.files()) {
            try DatasetRegistry.load(DatasetSource(name: "digits-5", path: $0))
        }
        #expect(data.train.labels == [4, 1, 2, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3])
        #expect(data.test.labels == [6, 3, 0, 1, 2, 5])
        #expect(data.test.attribute(named: "domain")?.codes == [0, 1, 2, 3, 3, 4])
    }

    @Test(arguments: [[3], [4, 4], [4, 3]] as [[UInt8]])
    func anotherMNISTIsRefused(_ labels: [UInt8]) throws {
        let error = #expect(throws: TrainingError.self) {
            try TemporaryFolder.with(Self.files(mnistLabels: labels)) {
                try DatasetRegistry.load(DatasetSource(name: "digits-5", path: $0))
            }
        }
        #expect(error?.code == .invalidFile)
        #expect(error?.message.contains("mnist/train-labels-idx1-ubyte does not begin with the 1 labels of") == true)
    }
}
