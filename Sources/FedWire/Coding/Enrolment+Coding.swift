// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore
internal import Foundation

extension Fedcoord_V1_EnrolRequest {
    init(_ message: EnrolRequest) throws(WireError) {
        self.init()
        secret = Data(message.secret)
        certificateSigningRequest = Data(message.certificateSigningRequest)
        _ = try decoded()
    }

    func decoded() throws(WireError) -> EnrolRequest {
        EnrolRequest(
            secret: try FieldRules.bytes(secret, 16...64, "secret"),
            certificateSigningRequest: try FieldRules.bytes(
                certificateSigningRequest, 1...FieldRules.documentBytes, "certificate_signing_request"))
    }
}

extension Fedcoord_V1_EnrolResponse {
    init(_ message: EnrolResponse) throws(WireError) {
        self.init()
        certificate = Data(message.certificate)
        authority = Data(message.authority)
        worker = message.worker.rawValue
        _ = try decoded()
    }

    func decoded() throws(WireError) -> EnrolResponse {
        EnrolResponse(
            certificate: try FieldRules.bytes(certificate, 1...FieldRules.documentBytes, "certificate"),
            authority: try FieldRules.bytes(authority, 1...FieldRules.documentBytes, "authority"),
            worker: try FieldRules.checked("worker") { () throws(CoreError) in try WorkerID(worker) })
    }
}
