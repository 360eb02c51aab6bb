// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

extension ModelZoo {
    /// `preact-resnet18`: four stages of two pre-activation blocks (He et al., ECCV 2016, figure 1b) of 64, 128, 256 and 512
    /// channels behind a 3x3 convolution, for small images (32x32) as usual with CIFAR.
    static let preActResNet18 = Architecture(name: "preact-resnet18", isNormalized: true) {
        (request) throws(TrainingError) -> [LayerSpec] in
        var channels = request.scaled(64)
        var layers: [LayerSpec] = [convolution("conv1", outputs: channels, kernel: 3)]
        for (stage, width) in [64, 128, 256, 512].enumerated() {
            for block in 0..<2 {
                let outputs = request.scaled(width)
                let stride = stage > 0 && block == 0 ? 2 : 1
                layers += preActivationBlock(
                    "layer\(stage + 1).\(block)", inputs: channels, outputs: outputs, stride: stride, request)
                channels = outputs
            }
        }
        return layers + [request.norm("bn"), .relu, .globalAveragePool] + request.dropout
            + [.linear("linear", outputs: request.classes)]
    }

    /// x + conv(relu(bn(conv(relu(bn(x)))))); where the shape changes, the shortcut is a 1x1 convolution of relu(bn(x)).
    private static func preActivationBlock(
        _ name: String, inputs: Int, outputs: Int, stride: Int, _ request: Request
    ) -> [LayerSpec] {
        let first: [LayerSpec] = [request.norm("\(name).bn1"), .relu]
        let rest: [LayerSpec] = [
            convolution("\(name).conv1", outputs: outputs, kernel: 3, stride: stride), request.norm("\(name).bn2"),
            .relu, convolution("\(name).conv2", outputs: outputs, kernel: 3),
        ]
        guard stride != 1 || inputs != outputs else { return [.residual(body: first + rest, shortcut: [])] }
        let shortcut = convolution("\(name).shortcut", outputs: outputs, kernel: 1, stride: stride)
        return first + [.residual(body: rest, shortcut: [shortcut])]
    }

    /// `resnet20`: three stages of three blocks of 16, 32 and 64 channels with shortcuts without parameters (He et al., CVPR
    /// 2016, section 4.2, option A): 269,722 trained parameters on 32x32x3 and 10 classes.
    static let resNet20 = Architecture(name: "resnet20", isNormalized: true) {
        (request) throws(TrainingError) -> [LayerSpec] in
        var channels = request.scaled(16)
        var layers: [LayerSpec] = [
            convolution("conv1", outputs: channels, kernel: 3), request.norm("bn1"), .relu,
        ]
        for (stage, width) in [16, 32, 64].enumerated() {
            for block in 0..<3 {
                let name = "layer\(stage + 1).\(block)"
                let outputs = request.scaled(width)
                let stride = stage > 0 && block == 0 ? 2 : 1
                let body: [LayerSpec] = [
                    convolution("\(name).conv1", outputs: outputs, kernel: 3, stride: stride),
                    request.norm("\(name).bn1"), .relu, convolution("\(name).conv2", outputs: outputs, kernel: 3),
                    request.norm("\(name).bn2"),
                ]
                let isPlain = stride == 1 && channels == outputs
                let shortcut: [LayerSpec] = isPlain ? [] : [.subsample(outputs: outputs, stride: stride)]
                layers += [.residual(body: body, shortcut: shortcut), .relu]
                channels = outputs
            }
        }
        return layers + [.globalAveragePool] + request.dropout + [.linear("linear", outputs: request.classes)]
    }

    /// A convolution of the residual networks: same size but for the stride, no bias, weights as in He et al., ICCV 2015.
    private static func convolution(_ name: String, outputs: Int, kernel: Int, stride: Int = 1) -> LayerSpec {
        .convolution(
            name, outputs: outputs, kernel: kernel, stride: stride, padding: kernel / 2, bias: false,
            initial: .heNormal)
    }
}
