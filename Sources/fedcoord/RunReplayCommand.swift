// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import ArgumentParser
import FedCommandLine
import FedCoordinator
import FedStore
import Foundation

struct RunReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract:
            "Checks what is stored of a run: its chain of records, its checkpoints, and each model by making it again.",
        discussion: """
            Models are made again from the stored updates, which a run keeps whose run file says keepJournals: true. Exit code
            3 means that something is not as it was recorded; the sentence names it.
            """)

    @OptionGroup var options: RunOptions

    @Option(help: "The hash that the records should end in, as a report or an earlier replay says it.")
    var expect: String?

    func run() async throws {
        let (directory, store, run) = try await options.find()
        let config = try RunFile.parse(run.configuration).validated(
            for: CentralModel.vocabulary, hasBegun: true)
        let replay = try RunReplay(
            run, config: config, model: CentralModel.engine(for: config), store: store,
            folder: URL(fileURLWithPath: directory.run(run.id)))
        let findings: ReplayFindings
        do {
            findings = try await replay.carryOut()
        } catch let error as StoreError {
            throw ProgramFailure(.runFailed, error.description)
        }
        for line in lines(findings) { print(line) }
        guard expect == nil || expect == findings.records.hash else {
            throw ProgramFailure(
                .runFailed,
                "the records of run \(run.id) are in themselves consistent, but do not end in \(expect ?? "")")
        }
    }

    private func lines(_ findings: ReplayFindings) -> [String] {
        let records = findings.records
        var lines = ["records      \(records.rounds) of \(findings.rounds) rounds are in an unbroken chain of hashes"]
        if records.unchained > 0 { lines[0] += "; the first \(records.unchained) were recorded by an older version" }
        if let hash = records.hash { lines.append("             the last one is \(hash)") }
        let models = findings.checkpoints.map { "\($0)" }.joined(separator: ", ")
        lines.append("checkpoints  " + (models.isEmpty ? "none to check" : "model \(models): as recorded"))
        if !findings.files.isEmpty {
            lines.append("files        \(findings.files.joined(separator: ", ")): as recorded")
        }
        lines.append(
            "replayed     \(findings.replayed.count) of \(findings.rounds) rounds from \(findings.updates) stored updates"
                + (findings.replayed.isEmpty ? "" : ": each made the model that its record names"))
        if findings.notReplayed > 0 {
            lines.append(
                "not checked  how \(findings.notReplayed) models were made: the updates of these rounds were not kept "
                    + "(keepJournals: true in a run file keeps them)")
        }
        return lines
    }
}
