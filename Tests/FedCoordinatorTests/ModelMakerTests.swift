// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCodecs
import FedCoordinator
import FedCore
import FedStore
import FedStrategies
import Testing

/// How the coordinator makes the next model.
@Suite struct ModelMakerTests {
    private static func place(of model: ServerModel) -> UInt {
        model.parameters.values.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
    }

    /// The next model lies where the last one did, although workers downloaded that: a copy would take a model's memory.
    @Test(arguments: ["dense-float32", "stc"]) func modelsAreMadeInPlace(_ name: String) throws {
        let layout = try ModelLayout([ParameterSpec(name: "w", shape: [1000], role: .weight)])
        let maker = ModelMaker(
            kind: DownlinkKind(CodecID(name)), rule: ServerRule(optimizer: ServerOptimizerSpec().optimizer, rounds: 3),
            codec: try CodecRegistry.codec(CodecSpec(CodecID(name))), seed: 1)
        var model = ServerModel(parameters: ParameterVector(zeros: layout))
        let place = Self.place(of: model)
        for number in 1...3 {
            let downloads = try RoundDownloads(
                base: model, digest: ModelDigest.bytes(of: model.parameters), version: ModelVersion(number - 1),
                rule: maker.steps, codec: maker.modelCodec, stepCodec: CodecID(name), steps: StepCache(byteLimit: 0),
                generator: SeededGenerator(key: 1))
            for takesSteps in [true, false] {
                let download = downloads.download(of: .wholeModel, held: nil, takesSteps: takesSteps, isVerified: false)
                #expect(download.payload.byteCount > 4000)
            }
            downloads.end()
            let change = (0..<1000).map { Float($0) - 300 }
            _ = try maker.advance(&model, by: change, round: RoundID(number))
            #expect(Self.place(of: model) == place)
            withExtendedLifetime(downloads) {}
        }
        #expect(model.parameters.values[999] > 0)
    }
}
