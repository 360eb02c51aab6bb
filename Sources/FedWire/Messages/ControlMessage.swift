// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// One message of the protocol; behind a pointer, for whoever waits for one holds room for it.
public indirect enum ControlMessage: Hashable, Sendable {
    case hello(Hello)
    case welcome(Welcome)
    case heartbeat(Heartbeat)
    case peerError(PeerError)
    case run(RunDescription)
    case runEnded(RunEnded)
    case assignment(Assignment)
    case updateOffer(UpdateOffer)
    case receipt(Receipt)
    case decline(Decline)
    case cancel(Cancel)
    case modelRequest(ModelRequest)
    case scaleReport(ScaleReport)
    case sharedScales(SharedScales)
    case enrolRequest(EnrolRequest)
    case enrolResponse(EnrolResponse)

    /// The transfer that the message announces.
    public var transferHeader: TransferHeader? {
        switch self {
        case .assignment(let message): message.model
        case .updateOffer(let message): message.payload
        default: nil
        }
    }
}
