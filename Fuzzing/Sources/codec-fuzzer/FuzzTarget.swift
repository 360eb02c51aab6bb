// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCodecs
internal import FedCore

/// Decodes one input in every way there is, and traps where they differ or break a promise.
///
/// Byte 0 chooses the codec and its options, byte 1 the layout where the codec is not for one, byte 2 how the payload is cut;
/// the rest is the payload.
struct FuzzTarget {
    /// The bytes before the payload.
    static let prefixCount = 3

    private let codec: any GradientCodec
    private let layout: ModelLayout
    private let payload: [UInt8]
    private var generator: SeededGenerator

    /// The case of an input; nil for one that is too short.
    init?(_ input: UnsafeBufferPointer<UInt8>) {
        guard input.count >= Self.prefixCount else { return nil }
        let number = Int(input[0]) % (FuzzCases.codecs.count + FuzzCases.bound.count)
        if number < FuzzCases.codecs.count {
            codec = FuzzCases.codecs[number]
            layout = FuzzCases.layouts[Int(input[1]) % FuzzCases.layouts.count]
        } else {
            let bound = FuzzCases.bound[number - FuzzCases.codecs.count]
            (codec, layout) = (bound.codec, bound.layout)
        }
        generator = SeededGenerator(key: UInt64(input[2]))
        payload = Array(input[Self.prefixCount...])
    }

    /// Decodes and compares.
    mutating func run() {
        let whole = decodeWhole()
        let cut = decodeCut()
        switch (whole, cut) {
        case (.success(let whole), .success(let cut)):
            precondition(whole.allSatisfy { $0.isFinite }, "a decoded value is no number")
            precondition(whole.map(\.bitPattern) == cut.map(\.bitPattern), "a cut payload decodes to other values")
        case (.failure(let whole), .failure(let cut)):
            precondition(whole == cut, "a cut payload is refused for another reason: \(whole) / \(cut)")
        default:
            preconditionFailure("a cut payload is accepted and the whole one is not, or the other way round")
        }
    }

    private func decodeWhole() -> Result<[Float], CodecError> {
        do throws(CodecError) {
            return .success(try codec.decode(payload, layout: layout).values)
        } catch { return .failure(error) }
    }

    /// Decodes piece by piece, folds what comes, and takes it out again.
    private mutating func decodeCut() -> Result<[Float], CodecError> {
        var check = PieceCheck(count: layout.count)
        // At most about 200 pieces, or long inputs would take most of the time.
        let largest = max([1, 5, 40, 300, 5000][generator.nextIndex(below: 5)], payload.count / 100)
        do throws(CodecError) {
            for weight: Int64 in [3, -3] {
                var decoder = UpdateDecoder(codec, layout: layout)
                var start = 0
                while start < payload.count {
                    let end = min(payload.count, start + 1 + generator.nextIndex(below: largest))
                    try decoder.push(Array(payload[start..<end])) { (piece) throws(CodecError) in
                        if weight > 0 { check.look(at: piece) }
                        check.fold(piece, weight: weight)
                    }
                    start = end
                }
                try decoder.finish()
            }
        } catch { return .failure(error) }
        check.expectNothingLeft()
        return .success(check.values)
    }
}
