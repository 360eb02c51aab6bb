// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

extension Dataset {
    /// The value that all examples have of the attribute that `partition` gives each worker one value of; nil where it gives no
    /// attribute or the examples differ.
    public func commonValue(under partition: PartitionSpec) -> String? {
        guard case .domains(let name) = partition, let attribute = attribute(named: name),
            let code = attribute.codes.first, attribute.codes.allSatisfy({ $0 == code })
        else { return nil }
        return attribute.values[Int(code)]
    }

    /// The examples with this value of the attribute of `partition`: all, where it is nil or nobody has it.
    public func examples(of value: String?, under partition: PartitionSpec) -> Dataset {
        guard let value, case .domains(let name) = partition, let attribute = attribute(named: name),
            let code = attribute.values.firstIndex(of: value)
        else { return self }
        let indices = attribute.codes.indices.filter { attribute.codes[$0] == code }
        return indices.isEmpty ? self : subset(indices)
    }
}
