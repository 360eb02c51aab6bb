// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import FedCoordinator
import FedCore
import FedWire

/// An update that is arriving at a simulated coordinator, or on its way to the disk.
final class SimulatedUpload {
    let offer: UpdateOffer
    let link: SimulatedLink
    /// The attempt that it was let in to.
    let attempt: Int
    /// The round that it will be part of: its own, or a later one.
    let round: RoundID
    let folding: FoldingUpdate
    /// Whether bytes are still to come.
    var isReceiving = true

    init(_ offer: UpdateOffer, on link: SimulatedLink, attempt: Int, round: RoundID, folding: FoldingUpdate) {
        self.offer = offer
        self.link = link
        self.attempt = attempt
        self.round = round
        self.folding = folding
    }
}
