// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

extension Dataset {
    /// The domain that all examples belong to where `partition` gives each worker examples of one; nil where it does not, or
    /// where they differ.
    public func domain(under partition: PartitionSpec) -> ModelCard.Domain? {
        guard case .domains(let name) = partition, let attribute = attribute(named: name),
            let code = attribute.codes.first, attribute.codes.allSatisfy({ $0 == code })
        else { return nil }
        return ModelCard.Domain(attribute: name, value: attribute.values[Int(code)])
    }

    /// The examples of `domain`; nil where there are none.
    public func examples(of domain: ModelCard.Domain) -> Dataset? {
        guard let attribute = attribute(named: domain.attribute),
            let code = attribute.values.firstIndex(of: domain.value)
        else { return nil }
        let indices = attribute.codes.indices.filter { attribute.codes[$0] == code }
        return indices.isEmpty ? nil : subset(indices)
    }
}
