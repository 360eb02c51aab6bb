// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCodecs
internal import FedCore
internal import FedWire

/// A trained change that waits for the scales of its round.
struct AwaitedScales {
    /// What the coordinator is told.
    let report: ScaleReport
    /// The training that waits.
    let stop: StopFlag
    /// Resumed once, with nil where there will be no scales.
    let continuation: CheckedContinuation<[Float]?, Never>
}

extension Worker {
    /// The codec for a trained change; waits for the scales of the round where workers share them.
    ///
    /// Throws `CancellationError` when `stop` is set, and `CodecError` for a change without scales.
    nonisolated func codec(
        for change: ParameterVector, of assignment: WorkerAssignment, in run: RunDescription, stop: StopFlag
    ) async throws -> any GradientCodec {
        guard run.uplink.scales == .shared else {
            return assignment.scope.codec(try CodecRegistry.codec(run.uplink), parts: run.parts)
        }
        let codec = try TernaryCodec(run.uplink)
        let report = ScaleReport(run: run.run, round: assignment.round, scales: try codec.scales(of: change))
        guard let scales = await agree(on: report, stop) else { throw CancellationError() }
        return SharedTernaryCodec(codec, scales: scales)
    }

    private func agree(on report: ScaleReport, _ stop: StopFlag) async -> [Float]? {
        guard !stop.isSet else { return nil }
        return await withCheckedContinuation { continuation in
            awaitedScales?.continuation.resume(returning: nil)
            awaitedScales = AwaitedScales(report: report, stop: stop, continuation: continuation)
            reportScales()
        }
    }

    /// Tells the coordinator, or tells it again when it asks for the round once more.
    func reportScales() {
        guard let awaitedScales else { return }
        outbox?.yield(.message(.scaleReport(awaitedScales.report)))
    }

    /// The scales of a round: training goes on with them if it is this one that waits.
    func handle(_ shared: FedWire.SharedScales) {
        guard let awaited = awaitedScales, awaited.report.run == shared.run, awaited.report.round == shared.round else {
            return
        }
        awaitedScales = nil
        awaited.continuation.resume(returning: shared.scales)
    }

    /// Nobody waits for scales any more.
    func giveUpScales() {
        guard let awaited = awaitedScales else { return }
        awaitedScales = nil
        awaited.continuation.resume(returning: nil)
    }
}
