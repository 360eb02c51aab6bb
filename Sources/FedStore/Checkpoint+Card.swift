// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore
internal import Foundation

extension Checkpoint {
    /// The note that holds the card of a model.
    static let cardNote = "model"

    /// Says in the notes what the model is, so that its file is of use alone.
    ///
    /// Throws `StoreError.failed` for a card that cannot be written as JSON.
    public mutating func describe(_ card: ModelCard) throws(StoreError) {
        notes[Self.cardNote] = try StoreJSON.text(card)
    }
}

extension CheckpointFile {
    /// What the model in a file is.
    ///
    /// Blocks on the disk. Throws `StoreError.missing`, `.corrupt`, or `.wrongModel` for a file that does not say it, such
    /// as one of another program or of an older version of this one.
    public static func card(of path: String) throws(StoreError) -> ModelCard {
        let descriptor = try DurableFiles.open(path, O_RDONLY)
        defer { close(descriptor) }
        let (header, _) = try readHeader(descriptor, path: path)
        guard header.metadata["format"] == format, let text = header.metadata[notePrefix + Checkpoint.cardNote] else {
            throw StoreError(
                .wrongModel,
                "\(path) does not say what model it holds: name the model.safetensors of a finished run, or one that "
                    + "'fedcoord model customize' wrote")
        }
        let card = try StoreJSON.decode(
            ModelCard.self, from: text.utf8, what: "the description of the model in \(path)")
        do throws(CoreError) { try card.validate() } catch {
            throw StoreError(.corrupt, "the description of the model in \(path) is damaged: \(error.message)")
        }
        return card
    }
}
