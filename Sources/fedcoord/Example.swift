// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// Run files that come with the program.
struct Example: Sendable {
    /// What `--example` takes.
    let name: String
    /// One line for `--list-examples`.
    let summary: String
    /// How many workers a simulation starts.
    let workers: Int
    /// The run file.
    let text: String

    /// All examples.
    static let all = [digits, digitsDense]

    /// A perceptron on the embedded digits with ternary updates.
    static let digits = Example(
        name: "digits", summary: "four workers, embedded 8×8 digits, perceptron, ternary updates", workers: 4,
        text: text(name: "digits-ternary", codec: "ternary"))

    /// The same with dense updates, for comparison.
    static let digitsDense = Example(
        name: "digits-dense", summary: "the same with dense float32 updates, for comparison", workers: 4,
        text: text(name: "digits-dense", codec: "dense-float32"))

    private static func text(name: String, codec: String) -> String {
        """
        # A run: what is trained, on what, how often, and how updates travel.
        name: \(name)
        seed: 1
        model: { architecture: mlp, hidden: [128, 64] }
        data:
          dataset: digits                     # embedded; mnist and fashion-mnist need a path
          partition: { scheme: iid }          # or: { scheme: dirichlet, alpha: 0.5 }
        training:
          epochs: 5
          batchSize: 16
          optimizer: { name: sgd, learningRate: 0.05, momentum: 0.9 }
        strategy: { name: fedavg }
        uplink: { codec: \(codec) }             # or: sbc-2, stc, dense-float32, …: see fedcoord codec list
        downlink: { codec: dense-float32 }
        rounds: 20
        cohort: { fraction: 1.0, quorum: 0.8, deadlineSeconds: 60, minimumWorkers: 2 }

        """
    }
}
