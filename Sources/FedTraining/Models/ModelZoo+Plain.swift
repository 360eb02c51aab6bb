// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

extension ModelZoo {
    /// `mlp`: linear layers with ReLU between them; widths from `hidden`, by default 200 and 200.
    static let multilayerPerceptron = Architecture(name: "mlp", isNormalized: false) {
        (request) throws(TrainingError) -> [LayerSpec] in
        let hidden = request.spec.hidden ?? [200, 200]
        guard hidden.count <= 64, hidden.allSatisfy({ (1...65_536).contains($0) }) else {
            throw TrainingError(.invalidModel, "model.hidden takes at most 64 widths of 1 to 65536 each")
        }
        var layers: [LayerSpec] = [.flatten]
        for (index, width) in hidden.enumerated() {
            layers += [.linear("fc\(index + 1)", outputs: request.scaled(width)), .relu] + request.dropout
        }
        return layers + [.linear("fc\(hidden.count + 1)", outputs: request.classes)]
    }

    /// `lenet`: the convolutional network of McMahan et al., AISTATS 2017, section 3, with 1,663,370 parameters on 28x28x1
    /// and 10 classes.
    ///
    /// Pooling comes before ReLU here: both orders give the same values, and this one has a quarter of them to rectify.
    static let leNet = Architecture(name: "lenet", isNormalized: false) { (request) throws(TrainingError) in
        [
            .convolution("conv1", outputs: request.scaled(32), kernel: 5, padding: 2), .maxPool(size: 2, stride: 2),
            .relu, .convolution("conv2", outputs: request.scaled(64), kernel: 5, padding: 2),
            .maxPool(size: 2, stride: 2), .relu, .flatten, .linear("fc1", outputs: request.scaled(512)), .relu,
        ] + request.dropout + [.linear("fc2", outputs: request.classes)]
    }

    /// `digits-cnn`: three convolutions and two hidden linear layers, each with a batch norm, as FedBN (Li et al., ICLR
    /// 2021), Split-Mix and FedRBN train on digits: 14,219,210 trained parameters on 28x28x3 and 10 classes.
    static let digitsCNN = Architecture(name: "digits-cnn", isNormalized: true) {
        (request) throws(TrainingError) -> [LayerSpec] in
        var layers: [LayerSpec] = []
        for (index, channels) in [64, 64, 128].enumerated() {
            layers += [
                .convolution("conv\(index + 1)", outputs: request.scaled(channels), kernel: 5, padding: 2),
                request.norm("bn\(index + 1)"), .relu,
            ]
            if index < 2 { layers.append(.maxPool(size: 2, stride: 2)) }
        }
        layers.append(.flatten)
        for (index, width) in [2048, 512].enumerated() {
            layers += [
                .linear("fc\(index + 1)", outputs: request.scaled(width)), request.norm("bn\(index + 4)"), .relu,
            ]
            layers += request.dropout
        }
        return layers + [.linear("fc3", outputs: request.classes)]
    }
}
