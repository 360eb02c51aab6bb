// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedWire
import Testing

@Suite struct ControlMessageTests {
    @Test func everyMessageSurvivesTheWire() throws {
        for message in try MessageSamples.all() {
            #expect(try ControlMessage.decode(try message.encoded()) == .known(message))
        }
    }

    @Test func whatTheCoordinatorJudgesArrivesAsItWasSent() throws {
        for count in [0, -1, .min, .max] {
            let offer = try MessageSamples.offer(round: count, exampleCount: count, codec: "no-such-codec")
            #expect(
                try ControlMessage.decode(try ControlMessage.updateOffer(offer).encoded())
                    == .known(.updateOffer(offer)))
        }
        let offer = ControlMessage.updateOffer(try MessageSamples.offer(loss: .nan))
        guard case .known(.updateOffer(let decoded)) = try ControlMessage.decode(try offer.encoded()) else {
            Issue.record("another message came out")
            return
        }
        #expect(decoded.metrics.loss.isNaN)
    }

    private static func broken(_ change: (inout LocalTrainingSpec) -> Void) -> LocalTrainingSpec {
        var training = MessageSamples.trainings[0]
        change(&training)
        return training
    }

    /// A Run { model } and an Assignment { training } with an enumeration of a later version.
    @Test func enumerationsOfLaterVersionsAreNamed() throws {
        for (message, from, to, named) in [
            (
                ControlMessage.run(try MessageSamples.run(normalization: .dualSeparate)), [0x20, 3] as [UInt8],
                [0x20, 9] as [UInt8], "normalization"
            ),
            (.run(try MessageSamples.run(statistics: .batch)), [0x38, 3], [0x38, 9], "statistics"),
            (
                .assignment(try MessageSamples.assignment(training: MessageSamples.trainings[5])), [0x08, 5, 0x15],
                [0x08, 9, 0x15], "optimiser"
            ),
            (
                .assignment(try MessageSamples.assignment(training: MessageSamples.trainings[3])), [0x10, 2, 0x4A],
                [0x10, 9, 0x4A], "scaling"
            ),
            (
                .assignment(try MessageSamples.assignment(training: MessageSamples.trainings[4])), [0x08, 2, 0x15],
                [0x08, 9, 0x15], "norm"
            ),
            (
                .assignment(try MessageSamples.assignment(training: MessageSamples.trainings[4])), [0x3F, 0x20, 2],
                [0x3F, 0x20, 9], "combined"
            ),
        ] {
            var bytes = try message.encoded()
            let places = bytes.indices.dropLast(from.count - 1).filter { Array(bytes[$0..<($0 + from.count)]) == from }
            #expect(places.count == 1)
            bytes.replaceSubrange(places[0]..<(places[0] + from.count), with: to)
            let error = #expect(throws: WireError(.invalidField, "")) { try ControlMessage.decode(bytes) }
            #expect(error?.message.contains(named) == true)
        }
    }

    @Test func valuesOutOfRangeAreNotSent() throws {
        let worker = try WorkerID("worker-1")
        let messages: [ControlMessage] = [
            .heartbeat(Heartbeat(progress: .nan)), .heartbeat(Heartbeat(progress: 1.5)),
            .hello(Hello(agent: "", datasets: Array(repeating: "a", count: 65))),
            .hello(Hello(agent: "", datasets: [""])),
            .hello(Hello(agent: String(repeating: "a", count: 129), datasets: [])),
            .welcome(Welcome(version: 0, worker: worker, heartbeatSeconds: 1, maximumTransferBytes: 1)),
            .welcome(Welcome(version: 1, worker: worker, heartbeatSeconds: .nan, maximumTransferBytes: 1)),
            .welcome(Welcome(version: 1, worker: worker, heartbeatSeconds: 0, maximumTransferBytes: 1)),
            .welcome(Welcome(version: 1, worker: worker, heartbeatSeconds: 0.049, maximumTransferBytes: 1)),
            .welcome(Welcome(version: 1, worker: worker, heartbeatSeconds: 3601, maximumTransferBytes: 1)),
            .welcome(Welcome(version: 1, worker: worker, heartbeatSeconds: 1, maximumTransferBytes: -1)),
            .assignment(try MessageSamples.assignment(learningRate: .nan)),
            .assignment(try MessageSamples.assignment(deadlineSeconds: .infinity)),
            .run(try MessageSamples.run(partition: .dirichlet(alpha: -1))),
            .run(try MessageSamples.run(partition: .classesPerWorker(classes: -1))),
            .run(try MessageSamples.run(dropout: 1)), .run(try MessageSamples.run(dropout: .nan)),
            .assignment(try MessageSamples.assignment(training: Self.broken { $0.clipNorm = 0 })),
            .assignment(try MessageSamples.assignment(training: Self.broken { $0.optimizer.nu = 0.5 })),
            .assignment(try MessageSamples.assignment(training: Self.broken { $0.schedule.warmup = -1 })),
            .assignment(
                try MessageSamples.assignment(
                    training: Self.broken { $0.schedule.shape = .multiStep(milestones: [-1], factor: 1) })),
            .assignment(
                try MessageSamples.assignment(
                    training: Self.broken { $0.smoothOut = SmoothOutSpec(range: .infinity) })),
            .assignment(
                try MessageSamples.assignment(
                    training: Self.broken { $0.augmentation = AugmentationSpec(cropPadding: -1) })),
            .assignment(
                try MessageSamples.assignment(
                    training: Self.broken {
                        $0.objective.append(.adversarial(AdversarialTerm(attack: .pgd(epsilon: .nan, steps: 1))))
                    })),
            .run(try MessageSamples.run(partition: .quantity(alpha: .nan))),
            .run(try MessageSamples.run(partition: .shards(shardsPerWorker: 0))),
            .run(try MessageSamples.run(partition: .groups(by: ""))),
            .run(try MessageSamples.run(partition: .domains(by: String(repeating: "x", count: 65)))),
            .run(try MessageSamples.run(serverOptimizer: ServerOptimizerSpec(learningRate: 0))),
            .run(try MessageSamples.run(serverOptimizer: ServerOptimizerSpec(beta1: 0.5))),
            .run(try MessageSamples.run(serverSchedule: ScheduleSpec(.cosine(minimum: 2)))),
            .run(try MessageSamples.run(rounds: 0)), .run(try MessageSamples.run(fraction: 0)),
            .run(try MessageSamples.run(fraction: 1.5)),
            .run(try MessageSamples.run(fraction: .nan)), .run(try MessageSamples.run(label: "")),
            .run(try MessageSamples.run(label: String(repeating: "x", count: 257))),
            .run(
                try MessageSamples.run(examples: ExampleShape(channels: 0, height: 1, width: 1, classes: 2))),
            .run(
                try MessageSamples.run(examples: ExampleShape(channels: 1, height: 1, width: -1, classes: 2))),
            .run(
                try MessageSamples.run(examples: ExampleShape(channels: 1, height: 1, width: 1, classes: 1 << 25))),
            .run(try MessageSamples.run(hidden: [0])), .run(try MessageSamples.run(bases: 1025)),
            .run(try MessageSamples.run(bases: -1)),
            // Levels that do not ascend, or of which the last is not the model, or one does not lie in the next one.
            .run(try MessageSamples.nestedRun(channels: [1, 3], levels: [2, 3].reversed())),
            .run(try MessageSamples.nestedRun(channels: [1, 2], levels: [1, 3])),
            .run(try MessageSamples.nestedRun(channels: [2, 1, 3])),
            .updateOffer(try MessageSamples.offer(codec: "")),
            .enrolRequest(EnrolRequest(secret: [1], certificateSigningRequest: [1])),
            .enrolRequest(
                EnrolRequest(
                    secret: [UInt8](repeating: 1, count: 16),
                    certificateSigningRequest: [UInt8](repeating: 1, count: 16_385))),
        ]
        for message in messages {
            #expect(throws: WireError(.invalidField, "")) { try message.encoded() }
        }
    }

    @Test func stepsThatDoNotLeadToTheModelAreNotSent() throws {
        let changes: [(inout Assignment) -> Void] = [
            { $0.steps?.byteCounts = [5, 8] }, { $0.steps?.byteCounts = [12] }, { $0.steps?.byteCounts = [13, -1] },
            { $0.steps?.byteCounts = [6, 5] }, { $0.steps?.from = ModelVersion(1) },
            { $0.steps?.from = ModelVersion(-1) }, { $0.modelState = ["a"] }, { $0.modelSHA256 = [1, 2] },
        ]
        for change in changes {
            var message = try MessageSamples.stepsAssignment()
            change(&message)
            #expect(throws: WireError(.invalidField, "")) { try ControlMessage.assignment(message).encoded() }
        }
        for names in [["b", "a"], ["a", "a"], [""], (0..<9).map { "\($0)" }] {
            let message = ControlMessage.assignment(try MessageSamples.assignment(modelState: names))
            #expect(throws: WireError(.invalidField, "")) { try message.encoded() }
        }
        let run = try RunID("run")
        for scale in [-1, Float.nan, .infinity] {
            let message = ControlMessage.sharedScales(SharedScales(run: run, round: RoundID(1), scales: [1, scale]))
            #expect(throws: WireError(.invalidField, "")) { try message.encoded() }
        }
        let held = HeldVersion(run: run, version: ModelVersion(-1))
        #expect(throws: WireError(.invalidField, "")) {
            try ControlMessage.hello(Hello(agent: "", datasets: [], held: held)).encoded()
        }
    }

    /// Offsets that lead behind the end, or are no number of bytes at all, in an UpdateOffer and in a Hello.
    @Test func aTransferDoesNotGoOnOutsideOfItself() throws {
        for offset in [13, -1, .max, .min] {
            #expect(throws: WireError(.invalidField, "")) { try MessageSamples.header(offset: offset) }
        }
        for count in [-1, FrameLimits.transferBytes + 1, .max] {
            #expect(throws: WireError(.invalidField, "")) {
                try PartialTransfer(sha256: [UInt8](repeating: 1, count: 32), byteCount: count)
            }
        }
        #expect(throws: WireError(.invalidField, "")) { try PartialTransfer(sha256: [1], byteCount: 1) }
        // The offset of 5 becomes a longer number: field 4, varint.
        let offer = try ControlMessage.updateOffer(try MessageSamples.offer(offset: 5)).encoded()
        let place = try #require(offer.indices.last { $0 > 0 && offer[$0 - 1] == 0x20 && offer[$0] == 5 })
        #expect(place == offer.count - 1, "the transfer is the offer's last field, and the offset the transfer's")
        for (varint, isRefused) in [
            ([12], false), ([13], true), ([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F], true),
            ([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], true),
        ] as [([UInt8], Bool)] {
            var bytes = offer
            bytes.replaceSubrange(place..., with: varint)
            // The lengths of the transfer and of the offer around it.
            let more = UInt8(varint.count - 1)
            let header = try #require(bytes.indices.last { bytes[$0] == 0x4A && $0 < place - 30 })
            bytes[header + 1] += more
            bytes[1] += more
            let outcome = Result { () throws(WireError) in try ControlMessage.decode(bytes) }
            switch outcome {
            case .success: #expect(!isRefused, "\(varint)")
            case .failure(let error): #expect(isRefused && error == WireError(.invalidField, ""), "\(error)")
            }
        }
    }

    @Test func onlyTheSameBytesGoOn() throws {
        let digest = [UInt8](repeating: 1, count: 32)
        let partial = try PartialTransfer(sha256: digest, byteCount: 10)
        #expect(partial.offset(in: digest, byteCount: 11) == 10)
        #expect(partial.offset(in: digest, byteCount: 10) == 10)
        #expect(partial.offset(in: digest, byteCount: 9) == 0)
        #expect(partial.offset(in: [UInt8](repeating: 2, count: 32), byteCount: 11) == 0)
    }

    @Test func aLayoutThatDoesNotFitIsNotSent() throws {
        var run = try MessageSamples.run()
        run.layout = try ModelLayout(
            (0..<5000).map {
                ParameterSpec(name: "\($0)" + String(repeating: "x", count: 250), shape: [1], role: .weight)
            })
        #expect(throws: WireError(.messageTooLarge, "")) { try ControlMessage.run(run).encoded() }
    }

    @Test(
        arguments: [
            // Hello with versions 2 to 1.
            [0x0A, 4, 0x08, 2, 0x10, 1],
            // Welcome whose worker is named "a/b".
            [0x12, 7, 0x08, 1, 0x12, 3, 0x61, 0x2F, 0x62],
            // Receipt of run "r" with verdict 9.
            [0x72, 5, 0x0A, 1, 0x72, 0x18, 9],
            // An Assignment and a Run without anything.
            [0x62, 0], [0x52, 0],
            // UpdateOffer without a transfer.
            [0x6A, 6, 0x0A, 1, 0x77, 0x12, 1, 0x72],
        ] as [[UInt8]])
    func hostileFieldsAreNamed(payload: [UInt8]) {
        #expect(throws: WireError(.invalidField, "")) { try ControlMessage.decode(payload) }
    }

    @Test func aLayoutWithTooManyParametersIsRefused() throws {
        // Run { run: "r", model { architecture: "m" }, layout { parameters { name: "w", shape: [2^40], role: 1 } } }
        let spec: [UInt8] = [0x0A, 1, 0x77, 0x12, 6, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20, 0x18, 1]
        let layout: [UInt8] = [0x0A, UInt8(spec.count)] + spec
        let run: [UInt8] = [0x0A, 1, 0x72, 0x12, 3, 0x0A, 1, 0x6D, 0x1A, UInt8(layout.count)] + layout
        let error = #expect(throws: WireError.self) { try ControlMessage.decode([0x52, UInt8(run.count)] + run) }
        #expect(error?.code == .invalidField)
        #expect(error?.message.contains("layout") == true)
    }

    @Test func bytesThatAreNotProtobufAreMalformed() {
        #expect(throws: WireError(.malformedMessage, "")) { try ControlMessage.decode([0xFF, 0xFF]) }
        #expect(throws: WireError(.messageTooLarge, "")) {
            try ControlMessage.decode([UInt8](repeating: 0, count: FrameLimits.controlPayload + 1))
        }
    }

    @Test func messagesAndFieldsOfLaterVersionsAreSkipped() throws {
        #expect(try ControlMessage.decode([]) == .unknown)
        // Field 99 of the envelope, with two bytes.
        #expect(try ControlMessage.decode([0x9A, 0x06, 2, 1, 2]) == .unknown)
        // A heartbeat with a field 15.
        #expect(try ControlMessage.decode([0x1A, 2, 0x78, 1]) == .known(.heartbeat(Heartbeat())))
    }

    @Test func longSentencesAreCut() throws {
        let error = PeerError(code: .busy, message: String(repeating: "ä", count: 2000))
        guard
            case .known(.peerError(let decoded)) = try ControlMessage.decode(
                try ControlMessage.peerError(error).encoded())
        else {
            Issue.record("another message came out")
            return
        }
        #expect((1000...1024).contains(decoded.message.utf8.count))
    }

    @Test func aHeartbeatThatNoClockKeepsIsRefused() {
        // Welcome { version: 1, worker: "w", heartbeat_seconds: 1e-300 }
        let seconds = withUnsafeBytes(of: (1e-300).bitPattern.littleEndian) { Array($0) }
        let welcome: [UInt8] = [0x08, 1, 0x12, 1, 0x77, 0x19] + seconds
        let error = #expect(throws: WireError(.invalidField, "")) {
            try ControlMessage.decode([0x12, UInt8(welcome.count)] + welcome)
        }
        #expect(error?.message.contains("heartbeat_seconds") == true)
    }

    @Test func sentencesAreOneLineOfPrintableText() throws {
        // PeerError { code: 2, message: ... }
        let text = Array("a\u{1B}[2Jb\r\nc\u{0}\u{9B}d\u{2028}e\u{202E}f äöü".utf8)
        let payload: [UInt8] = [0x08, 2, 0x12, UInt8(text.count)] + text
        guard
            case .known(.peerError(let error)) = try ControlMessage.decode([0x22, UInt8(payload.count)] + payload)
        else {
            Issue.record("another message came out")
            return
        }
        #expect(error.message == "a [2Jb  c  d e f äöü")
    }

    @Test(arguments: 0..<8) func mutatedMessagesNeverTrap(seed: Int) throws {
        var generator = SeededGenerator(key: UInt64(seed))
        for message in try MessageSamples.all() {
            let bytes = try message.encoded()
            for count in 0..<bytes.count { _ = try? ControlMessage.decode(Array(bytes[..<count])) }
            for _ in 0..<300 where !bytes.isEmpty {
                var mutated = bytes
                for _ in 0...generator.nextIndex(below: 3) {
                    mutated[generator.nextIndex(below: mutated.count)] = UInt8(truncatingIfNeeded: generator.next())
                }
                // What is accepted can be sent again.
                if case .known(let decoded)? = try? ControlMessage.decode(mutated) { _ = try decoded.encoded() }
            }
        }
    }
}
