// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// A graph of operators as an ONNX file has it (onnx.proto of ONNX 1.8: IR version 7, operator set 13).
struct ONNXGraph {
    /// A setting of an operator.
    enum Attribute {
        case integer(Int)
        case integers([Int])
        case float(Float)
    }

    private static let irVersion = 7
    private static let operatorSet = 13

    private var nodes = ProtobufWriter()
    private var initializers = ProtobufWriter()
    private var count = 0

    /// Applies an operator; returns the name of its result, which is `output` or a new one.
    mutating func apply(
        _ operation: String, to inputs: [String], _ attributes: [(String, Attribute)] = [], output: String? = nil
    ) -> String {
        count += 1
        let result = output ?? "\(operation.lowercased())_\(count)"
        // GraphProto.node
        nodes.message(1) { node in
            for input in inputs { node.text(1, input) }
            node.text(2, result)
            node.text(3, "\(operation)_\(count)")
            node.text(4, operation)
            for (name, value) in attributes {
                node.message(5) { attribute in
                    attribute.text(1, name)
                    switch value {
                    case .float(let number):
                        attribute.float(2, number)
                        attribute.integer(20, 1)
                    case .integer(let number):
                        attribute.integer(3, number)
                        attribute.integer(20, 2)
                    case .integers(let numbers):
                        for number in numbers { attribute.integer(8, number) }
                        attribute.integer(20, 7)
                    }
                }
            }
        }
        return result
    }

    /// Adds a tensor of 32-bit floats, row-major; returns its name.
    mutating func add(_ name: String, shape: [Int], _ values: some Collection<Float>) -> String {
        precondition(values.count == shape.reduce(1, *), "as many values as the shape says")
        var raw: [UInt8] = []
        raw.reserveCapacity(4 * values.count)
        for value in values { withUnsafeBytes(of: value.bitPattern.littleEndian) { raw.append(contentsOf: $0) } }
        return add(name, shape: shape, type: 1, raw)
    }

    /// Adds a vector of 64-bit integers; returns its name.
    mutating func add(_ name: String, _ values: [Int]) -> String {
        let raw = values.flatMap { value in withUnsafeBytes(of: Int64(value).littleEndian) { Array($0) } }
        return add(name, shape: [values.count], type: 7, raw)
    }

    private mutating func add(_ name: String, shape: [Int], type: Int, _ raw: [UInt8]) -> String {
        // GraphProto.initializer
        initializers.message(5) { tensor in
            for dimension in shape { tensor.integer(1, dimension) }
            tensor.integer(2, type)
            tensor.text(8, name)
            tensor.data(9, raw)
        }
        return name
    }

    /// The whole file: a model from `input` to `output`, both of 32-bit floats, with a batch of any size before their shapes.
    func model(
        name: String, producer: String, input: (name: String, shape: [Int]), output: (name: String, shape: [Int]),
        metadata: [(key: String, value: String)]
    ) -> [UInt8] {
        var model = ProtobufWriter()
        model.integer(1, Self.irVersion)
        model.text(2, producer)
        var graph = nodes.bytes
        var names = ProtobufWriter()
        names.text(2, name)
        graph += names.bytes + initializers.bytes
        var ends = ProtobufWriter()
        for (field, end) in [(11, input), (12, output)] {
            ends.message(field) { info in
                info.text(1, end.name)
                info.message(2) { type in
                    type.message(1) { tensor in
                        tensor.integer(1, 1)
                        tensor.message(2) { shape in
                            shape.message(1) { $0.text(2, "batch") }
                            for dimension in end.shape { shape.message(1) { $0.integer(1, dimension) } }
                        }
                    }
                }
            }
        }
        model.data(7, graph + ends.bytes)
        model.message(8) { set in
            set.text(1, "")
            set.integer(2, Self.operatorSet)
        }
        for (key, value) in metadata {
            model.message(14) { entry in
                entry.text(1, key)
                entry.text(2, value)
            }
        }
        return model.bytes
    }
}
