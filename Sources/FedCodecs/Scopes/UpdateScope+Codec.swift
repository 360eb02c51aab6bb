// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

extension TrainedParts {
    /// The largest payload of a change of any part of a model of `layout`; a narrow slice can take more bytes than the whole where
    /// its tensors are small enough to travel exactly.
    public func maximumEncodedCount(_ codec: any GradientCodec, layout: ModelLayout) -> Int {
        let scopes: [UpdateScope] =
            switch self {
            case .bases(1): [.wholeModel]
            case .bases(let count): [.bases(Array(0..<count))]
            case .levels(let levels): levels.map { .nested($0.width) }
            }
        return scopes.map { $0.codec(codec, parts: self).maximumEncodedCount(layout: layout) }.max() ?? 0
    }
}

extension UpdateScope {
    /// How `codec` encodes what the scope, which must be one of `parts`, names of a model.
    public func codec(_ codec: any GradientCodec, parts: TrainedParts) -> any GradientCodec {
        switch (self, parts) {
        case (.wholeModel, .bases): return codec
        case (.bases(let chosen), .bases(let count)): return BasesCodec(codec, chosen: chosen, of: count)
        case (_, .bases), (_, .levels):
            guard let level = parts.level(of: self) else { preconditionFailure("the model has no \(self)") }
            return NestedCodec(codec, slice: level.slice)
        }
    }
}
