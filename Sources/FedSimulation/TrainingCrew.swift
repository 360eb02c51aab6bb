// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedTraining
internal import Foundation
internal import Synchronization

/// Threads that carry out rounds together, each with a network of its own; the thread that made the crew is one of them.
final class TrainingCrew {
    private final class Shared: Sendable {
        /// How many rounds were begun.
        let begun = Milestone()
        /// How often a helper has come to the end of a round.
        let finished = Milestone()
        /// What is under way; nil: go home.
        let round = Mutex<SimulatedRound?>(nil)
    }

    private let shared = Shared()
    private let helpers: Int
    private let trainer: ClientTrainer
    private var rounds = 0

    /// A crew of `threads` threads, at least 1, each with what `makeTrainer` gives; throws what that throws.
    init(
        threads: Int, makeTrainer: @escaping @Sendable () throws(TrainingError) -> ClientTrainer
    ) throws(TrainingError) {
        precondition(threads >= 1, "somebody has to do it")
        trainer = try makeTrainer()
        helpers = threads - 1
        for number in 0..<helpers {
            let thread = Thread { [shared] in Self.help(shared, makeTrainer) }
            thread.name = "training-\(number + 2)"
            thread.stackSize = 4 << 20
            thread.start()
        }
    }

    /// Carries out all assignments of the round; `finished` is called after each one that this thread has carried out.
    func carryOut(_ round: SimulatedRound, finished: () -> Void) {
        begin(round)
        trainer.work(on: round, finished: finished)
        shared.finished.wait(for: rounds * helpers)
    }

    /// Ends the other threads; nothing may follow.
    func dismiss() {
        begin(nil)
        shared.finished.wait(for: rounds * helpers)
    }

    private func begin(_ round: SimulatedRound?) {
        rounds += 1
        shared.round.withLock { $0 = round }
        shared.begun.advance()
    }

    private static func help(_ shared: Shared, _ makeTrainer: () throws(TrainingError) -> ClientTrainer) {
        let trainer: Result<ClientTrainer, TrainingError>
        do throws(TrainingError) { trainer = .success(try makeTrainer()) } catch { trainer = .failure(error) }
        for number in 1... {
            shared.begun.wait(for: number)
            let round = shared.round.withLock { $0 }
            if let round {
                switch trainer {
                case .success(let trainer): trainer.work(on: round)
                case .failure(let error): round.fail(error)
                }
            }
            shared.finished.advance()
            if round == nil { return }
        }
    }
}
