// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCore
import FedWire

/// What a worker and a coordinator say to each other.
enum SimulatedMessage {
    // From a worker.
    case hello
    case heartbeat(share: Double)
    case offer(UpdateOffer, upload: Int)
    case bytes([UInt8], upload: Int)
    case decline(RoundID)
    // From the coordinator.
    case welcome(held: PartialTransfer?)
    case assignment(WorkerAssignment)
    case receipt(Receipt)
    case cancel(RoundID)
    case ended

    /// The message in a few words.
    var text: String {
        switch self {
        case .hello: "hello"
        case .heartbeat(let share): "heartbeat at \((share * 100).rounded()) %"
        case .offer(let offer, let upload):
            "offer of round \(offer.round) from byte \(offer.payload.offset) (#\(upload))"
        case .bytes(let bytes, let upload): "\(bytes.count) bytes of #\(upload)"
        case .decline(let round): "decline round \(round)"
        case .welcome(let held): "welcome" + (held.map { ", holding \($0.byteCount) bytes" } ?? "")
        case .assignment(let assignment): "assignment of round \(assignment.round)"
        case .receipt(let receipt): "receipt for round \(receipt.round): \(receipt.verdict)"
        case .cancel(let round): "cancel round \(round)"
        case .ended: "the run has ended"
        }
    }

    /// Whether not even an unruly connection loses it.
    var isNeverLost: Bool {
        switch self {
        case .hello, .welcome, .bytes: true
        default: false
        }
    }

    /// Whether it comes once and overtakes nothing, even so. Offers and receipts name a round and not what was said before, which
    /// is enough where messages come once.
    var isNeverRepeated: Bool {
        switch self {
        case .offer, .receipt: true
        default: isNeverLost
        }
    }
}
