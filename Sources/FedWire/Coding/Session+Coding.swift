// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore
internal import Foundation

extension Fedcoord_V1_PartialTransfer {
    init(_ partial: PartialTransfer) {
        self.init()
        sha256 = Data(partial.sha256)
        byteCount = UInt64(partial.byteCount)
    }

    func decoded() throws(WireError) -> PartialTransfer {
        try PartialTransfer(sha256: [UInt8](sha256), byteCount: try FieldRules.count(byteCount, "byte_count"))
    }
}

extension Fedcoord_V1_Hello {
    init(_ message: Hello) throws(WireError) {
        self.init()
        minimumVersion = UInt32(message.versions.minimum)
        maximumVersion = UInt32(message.versions.maximum)
        agent = message.agent
        datasets = message.datasets
        takesSteps = message.takesSteps
        sharesScales = message.sharesScales
        if let held = message.held {
            heldRun = held.run.rawValue
            heldVersion = Int64(held.version.rawValue)
        }
        if let download = message.download { self.download = .init(download) }
        if let budget = message.budget { self.budget = .init(budget) }
        measuresBudget = message.measuresBudget
        trainsAdversarially = message.trainsAdversarially
        measuresAdversarialTraining = message.measuresAdversarialTraining
        sharesStatistics = message.sharesStatistics
        _ = try decoded()
    }

    func decoded() throws(WireError) -> Hello {
        try FieldRules.require(
            minimumVersion >= 1 && minimumVersion <= maximumVersion,
            "the protocol versions are a range from 1 up, its minimum first")
        try FieldRules.require(
            datasets.count <= Hello.maximumDatasets, "at most \(Hello.maximumDatasets) data sets can be named")
        for dataset in datasets { _ = try FieldRules.name(dataset, "the name of a data set") }
        return Hello(
            versions: ProtocolVersionRange(Int(minimumVersion)...Int(maximumVersion)),
            agent: try FieldRules.text(agent, atMost: FieldRules.agentBytes, "agent"), datasets: datasets,
            takesSteps: takesSteps, sharesScales: sharesScales, held: try decodedHeld(),
            download: hasDownload ? try download.decoded() : nil,
            budget: hasBudget ? try budget.decoded(as: "budget") : nil, measuresBudget: measuresBudget,
            trainsAdversarially: trainsAdversarially, measuresAdversarialTraining: measuresAdversarialTraining,
            sharesStatistics: sharesStatistics)
    }

    private func decodedHeld() throws(WireError) -> HeldVersion? {
        try FieldRules.require(hasHeldRun == hasHeldVersion, "a held model has a run and a version")
        guard hasHeldRun else { return nil }
        try FieldRules.require(heldVersion >= 0, "model versions are counted from 0")
        return HeldVersion(
            run: try FieldRules.checked("held_run") { () throws(CoreError) in try RunID(heldRun) },
            version: ModelVersion(Int(heldVersion)))
    }
}

extension Fedcoord_V1_Welcome {
    init(_ message: Welcome) throws(WireError) {
        self.init()
        try FieldRules.require(
            (1...Int(UInt32.max)).contains(message.version), "the protocol version is a 32-bit number from 1 up")
        version = UInt32(message.version)
        worker = message.worker.rawValue
        heartbeatSeconds = message.heartbeatSeconds
        maximumTransferBytes = try FieldRules.count(message.maximumTransferBytes, "maximum_transfer_bytes")
        if let upload = message.upload { self.upload = .init(upload) }
        _ = try decoded()
    }

    func decoded() throws(WireError) -> Welcome {
        try FieldRules.require(version >= 1, "the protocol version is at least 1")
        try FieldRules.require(
            Welcome.heartbeatRange.contains(heartbeatSeconds), "heartbeat_seconds is in [0.05, 3600]")
        return Welcome(
            version: Int(version),
            worker: try FieldRules.checked("worker") { () throws(CoreError) in try WorkerID(worker) },
            heartbeatSeconds: heartbeatSeconds,
            maximumTransferBytes: try FieldRules.count(maximumTransferBytes, "maximum_transfer_bytes"),
            upload: hasUpload ? try upload.decoded() : nil)
    }
}

extension Fedcoord_V1_Heartbeat {
    init(_ message: Heartbeat) throws(WireError) {
        self.init()
        if let progress = message.progress { self.progress = progress }
        _ = try decoded()
    }

    func decoded() throws(WireError) -> Heartbeat {
        guard hasProgress else { return Heartbeat() }
        try FieldRules.require(progress >= 0 && progress <= 1, "progress is in [0, 1]")
        return Heartbeat(progress: progress)
    }
}

extension Fedcoord_V1_PeerError {
    init(_ error: PeerError) {
        self.init()
        code = error.code.rawValue
        message = FieldRules.sentence(error.message)
    }

    func decoded() -> PeerError {
        PeerError(code: PeerError.Code(rawValue: code), message: FieldRules.sentence(message))
    }
}
