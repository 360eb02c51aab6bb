// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore
internal import FedTraining

extension TrainedModel {
    /// No ONNX file may be larger: what protocol buffers allow.
    private static let maximumBytes = Int(Int32.max)

    /// The model as an ONNX file: one graph from `images`, float32 [batch, channels, rows, columns], to `logits`, float32
    /// [batch, classes], with the mean of all base networks and dual batch norms mixed by the model's robustness.
    ///
    /// `classes` among the metadata has the names of the classes, one a line. Throws `ModelError.unexportable` for a model
    /// beyond what the format holds, and `.dependentPredictions`.
    public func onnx() throws -> [UInt8] {
        try checkPredictsAlone()
        guard parameters.values.count <= Self.maximumBytes / 5 else {
            throw ModelError(.unexportable, "the model is larger than the 2 GB that an ONNX file holds: cut it first")
        }
        let layers = try ModelZoo.layers(card.model, input: input, classes: card.examples.classes)
        var translation = ONNXTranslation(parameters, robustness: card.robustness)
        let logits = try translation.apply(layers, to: .init(name: "images", shape: input, isVector: false))
        var graph = translation.graph
        _ = graph.apply("Identity", to: [logits.name], output: "logits")
        let classes = (0..<card.examples.classes).map { card.name(ofClass: $0) }
        return graph.model(
            name: card.model.architecture, producer: "fedcoord",
            input: ("images", [input.channels, input.height, input.width]),
            output: ("logits", [card.examples.classes]),
            metadata: [
                ("run", run.rawValue), ("architecture", card.model.architecture), ("width", "\(width)"),
                ("robustness", "\(card.robustness)"), ("classes", classes.joined(separator: "\n")),
            ])
    }
}
