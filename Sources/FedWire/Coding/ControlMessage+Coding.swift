// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore
internal import SwiftProtobuf

extension ControlMessage {
    /// The message as the payload of a CONTROL frame.
    ///
    /// Throws `WireError.invalidField` for a value that the receiver would refuse, and `.messageTooLarge` when the result
    /// is longer than `FrameLimits.controlPayload`.
    public func encoded() throws(WireError) -> [UInt8] {
        let envelope = try Fedcoord_V1_Envelope(self)
        let bytes: [UInt8]
        do { bytes = try envelope.serializedBytes() } catch {
            throw WireError(.messageTooLarge, "the message cannot be serialised")
        }
        guard bytes.count <= FrameLimits.controlPayload else {
            throw WireError(
                .messageTooLarge,
                "the message has \(bytes.count) bytes, but a control frame holds \(FrameLimits.controlPayload): "
                    + "the model has too many tensors or its tensors too long names")
        }
        return bytes
    }

    /// Reads the payload of a CONTROL frame.
    ///
    /// Fields that this version does not know are skipped. Throws `WireError.malformedMessage` for bytes that are not
    /// protobuf and `.invalidField` for a value outside of its range. Never traps.
    public static func decode(_ payload: [UInt8]) throws(WireError) -> DecodedMessage {
        guard payload.count <= FrameLimits.controlPayload else {
            throw WireError(.messageTooLarge, "a control message has at most \(FrameLimits.controlPayload) bytes")
        }
        var options = BinaryDecodingOptions()
        options.messageDepthLimit = 16
        options.discardUnknownFields = true
        let envelope: Fedcoord_V1_Envelope
        do { envelope = try Fedcoord_V1_Envelope(serializedBytes: payload, options: options) } catch {
            throw WireError(.malformedMessage, "a control message is not valid protobuf")
        }
        guard let message = try envelope.decoded() else { return .unknown }
        return .known(message)
    }
}

extension Fedcoord_V1_Envelope {
    init(_ message: ControlMessage) throws(WireError) {
        self.init()
        switch message {
        case .hello(let message): self.message = .hello(try .init(message))
        case .welcome(let message): self.message = .welcome(try .init(message))
        case .heartbeat(let message): self.message = .heartbeat(try .init(message))
        case .peerError(let message): self.message = .peerError(.init(message))
        case .run(let message): self.message = .run(try .init(message))
        case .runEnded(let message): self.message = .runEnded(.init(message))
        case .assignment(let message): self.message = .assignment(try .init(message))
        case .updateOffer(let message): self.message = .updateOffer(try .init(message))
        case .receipt(let message): self.message = .receipt(.init(message))
        case .decline(let message): self.message = .decline(.init(message))
        case .cancel(let message): self.message = .cancel(.init(message))
        case .modelRequest(let message): self.message = .modelRequest(.init(message))
        case .scaleReport(let message): self.message = .scaleReport(try .init(message))
        case .sharedScales(let message): self.message = .sharedScales(try .init(message))
        case .enrolRequest(let message): self.message = .enrolRequest(try .init(message))
        case .enrolResponse(let message): self.message = .enrolResponse(try .init(message))
        }
    }

    /// Nil for a message of a later version.
    func decoded() throws(WireError) -> ControlMessage? {
        switch message {
        case .hello(let message): .hello(try message.decoded())
        case .welcome(let message): .welcome(try message.decoded())
        case .heartbeat(let message): .heartbeat(try message.decoded())
        case .peerError(let message): .peerError(message.decoded())
        case .run(let message): .run(try message.decoded())
        case .runEnded(let message): .runEnded(try message.decoded())
        case .assignment(let message): .assignment(try message.decoded())
        case .updateOffer(let message): .updateOffer(try message.decoded())
        case .receipt(let message): .receipt(try message.decoded())
        case .decline(let message): .decline(try message.decoded())
        case .cancel(let message): .cancel(try message.decoded())
        case .modelRequest(let message): .modelRequest(try message.decoded())
        case .scaleReport(let message): .scaleReport(try message.decoded())
        case .sharedScales(let message): .sharedScales(try message.decoded())
        case .enrolRequest(let message): .enrolRequest(try message.decoded())
        case .enrolResponse(let message): .enrolResponse(try message.decoded())
        case nil: nil
        }
    }
}
