// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore
internal import Foundation

/// Models in safetensors files of any program.
///
/// Roles of tensors are taken from their names, as PyTorch and this project give them. Tensors under `__state__/`, which
/// checkpoints of this project hold besides the model, are passed over.
public enum SafetensorsModel {
    /// The layout of the model in a file, its tensors in the order in which the file has them.
    ///
    /// Blocks on the disk. Throws `StoreError.missing`, `.corrupt` for what is no safetensors file of 32-bit floats, or
    /// `.wrongModel` for one that holds no model.
    public static func layout(of path: String) throws(StoreError) -> ModelLayout {
        let descriptor = try DurableFiles.open(path, O_RDONLY)
        defer { close(descriptor) }
        return try contents(descriptor, path).layout
    }

    /// The model in a file; throws as `layout(of:)`.
    public static func read(_ path: String) throws(StoreError) -> ParameterVector {
        let descriptor = try DurableFiles.open(path, O_RDONLY)
        defer { close(descriptor) }
        let (layout, tensors, dataStart) = try contents(descriptor, path)
        var parameters = ParameterVector(zeros: layout)
        try parameters.withMutableValues { (values) throws(StoreError) in
            for (tensor, segment) in zip(tensors, layout.segments) {
                let part = UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: values[segment]))
                let place = dataStart + tensor.bytes.lowerBound
                guard try DurableFiles.readAll(descriptor, part, at: place, path: path) else {
                    throw StoreError(.corrupt, "\(path) ends too early")
                }
            }
        }
        return parameters
    }

    private static func contents(
        _ descriptor: Int32, _ path: String
    ) throws(StoreError) -> (layout: ModelLayout, tensors: [SafetensorsTensor], dataStart: Int) {
        let (header, dataStart) = try CheckpointFile.readHeader(descriptor, path: path)
        let tensors = header.tensors.filter { !$0.name.hasPrefix(CheckpointFile.statePrefix) && $0.count > 0 }
        guard !tensors.isEmpty else { throw StoreError(.wrongModel, "\(path) holds no tensors") }
        let norms = Set(tensors.filter { $0.name.hasSuffix(".weight") && $0.shape.count == 1 }.map(layer))
        do throws(CoreError) {
            let layout = try ModelLayout(
                tensors.map { ParameterSpec(name: $0.name, shape: $0.shape, role: role(of: $0, norms: norms)) })
            return (layout, tensors, dataStart)
        } catch {
            throw StoreError(.wrongModel, "\(path) holds no model that fits", cause: error.message)
        }
    }

    /// What a tensor does, by its name: running statistics have names of their own, and a layer whose weight has one
    /// dimension is a normalisation layer.
    private static func role(of tensor: SafetensorsTensor, norms: Set<Substring>) -> ParameterRole {
        let isNorm = norms.contains(layer(of: tensor))
        switch tensor.name.split(separator: ".").last {
        case "running_mean", "running_var": return .cleanStatistics
        case "bias": return isNorm ? .normShift : .bias
        default: return isNorm ? .normScale : .weight
        }
    }

    /// What is before the last dot of a tensor's name.
    private static func layer(of tensor: SafetensorsTensor) -> Substring {
        tensor.name[..<(tensor.name.lastIndex(of: ".") ?? tensor.name.startIndex)]
    }
}
