// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedTestSupport
import Foundation
import Testing

/// Workers on a line that breaks before a model or an update is through.
@Suite(.serialized, .timeLimit(.minutes(5))) struct TransferEndToEndTests {
    /// 1.2 MB a model and as much an update, dense both ways.
    static let overrides = [
        "rounds=2", "training.epochs=1", "model.hidden=[512,512]", "uplink.codec=dense-float32",
        "downlink.codec=dense-float32", "cohort.minimumWorkers=2", "cohort.quorum=1.0", "cohort.deadlineSeconds=250",
    ]

    /// What a run came to.
    struct Outcome {
        var modelSHA256: String
        var uplinkBytes: Int
        var downlinkBytes: Int
        var traffic: CuttingProxy.Traffic?
    }

    /// Carries the run out with two workers, whose connections pass `bytesPerConnection` bytes each if that is given.
    static func run(bytesPerConnection: Int?) async throws -> Outcome {
        let federation = try await TestFederation()
        let path = federation.folder.appendingPathComponent("report.json").path
        let coordinator = try await federation.serve(overrides, more: ["--report", path])
        let listening = try await coordinator.waitForLine(containing: "listening on")
        let port = try #require(listening.split(separator: " ").compactMap { Int($0) }.first)
        let proxy = try await CuttingProxy.start(to: port) { _ in bytesPerConnection }
        var workers: [Program] = []
        for index in 1...2 {
            try await federation.enrol("w\(index)", shard: "\(index)/2", with: coordinator, through: proxy.port)
        }
        for index in 1...2 {
            workers.append(try federation.join("w\(index)", more: ["--shard", "\(index)/2"]))
        }
        let code = try await coordinator.waitForExit(seconds: 240)
        #expect(code == 0, "\(coordinator.output)\n\(workers.map(\.output))")
        let report = try #require(
            try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: path))) as? [String: Any])
        let final = try #require(report["final"] as? [String: Any])
        return Outcome(
            modelSHA256: try #require(report["modelSHA256"] as? String),
            uplinkBytes: try #require(final["uplinkBytes"] as? Int),
            downlinkBytes: try #require(final["downlinkBytes"] as? Int), traffic: proxy.traffic)
    }

    @Test func aRunOverConnectionsThatAreAllTooShortEndsWithTheSameModel() async throws {
        let undisturbed = try await Self.run(bytesPerConnection: nil)
        let disturbed = try await Self.run(bytesPerConnection: 500_000)
        #expect(disturbed.modelSHA256 == undisturbed.modelSHA256)
        #expect(disturbed.uplinkBytes == undisturbed.uplinkBytes, "nothing came twice")
        // Bytes in the network's buffers count as sent and are lost with a connection; the proxy's traffic says what arrived.
        #expect(disturbed.downlinkBytes < undisturbed.downlinkBytes * 3)
        let traffic = try #require(disturbed.traffic)
        #expect(traffic.cuts >= 2 * 2 * 4, "each model and each update takes three connections: \(traffic)")
        #expect(traffic.bytes < (undisturbed.traffic?.bytes ?? 0) * 3 / 2, "\(traffic)")
    }
}
