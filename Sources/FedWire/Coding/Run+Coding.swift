// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore
internal import SwiftProtobuf

extension Fedcoord_V1_Run {
    init(_ description: RunDescription) throws(WireError) {
        self.init()
        run = description.run.rawValue
        model = try .init(description.model)
        layout = .init(description.layout)
        if let own = description.own { ownLayout = .init(own) }
        levelLayouts = description.levels.map { .init($0.slice.layout) }
        dataset = description.dataset
        partition = try Fedcoord_V1_PartitionSpec(description.partition)
        seed = description.seed
        rounds = try FieldRules.count(description.rounds, "rounds")
        if description.fraction != 1 { fraction = description.fraction }
        if let label = description.label { self.label = label }
        uplink = try Fedcoord_V1_CodecSpec(description.uplink)
        downlink = try Fedcoord_V1_CodecSpec(description.downlink)
        if description.serverOptimizer != ServerOptimizerSpec() {
            serverOptimizer = try .init(description.serverOptimizer)
        }
        if description.serverSchedule != ScheduleSpec() { serverSchedule = try .init(description.serverSchedule) }
        if let cost = description.adversarialCost { adversarialCost = cost }
        sharesStatistics = description.sharesStatistics
        if let examples = description.examples { self.examples = try Fedcoord_V1_ExampleShape(examples) }
        _ = try decoded()
    }

    /// No name of a column is longer, in bytes.
    static let maximumLabelBytes = 256

    func decoded() throws(WireError) -> RunDescription {
        let fraction = hasFraction ? self.fraction : 1
        try FieldRules.require(fraction > 0 && fraction <= 1, "fraction is above 0 and at most 1")
        if hasLabel {
            try FieldRules.require(
                (1...Self.maximumLabelBytes).contains(label.utf8.count), "label has 1 to 256 bytes")
        }
        let layout = try self.layout.decoded("layout")
        let own = hasOwnLayout ? try ownLayout.decoded("own_layout") : nil
        let model = try model.decoded()
        try FieldRules.require(
            layout.repeats(model.bases) && own?.repeats(model.bases) ?? true,
            "the layout is that of the model's base networks")
        try FieldRules.require(rounds >= 1, "a run has at least one round")
        if hasAdversarialCost {
            try FieldRules.require(
                adversarialCost >= 1 && adversarialCost.isFinite, "adversarial_cost is at least 1")
        }
        try FieldRules.require(!sharesStatistics || hasOwnLayout, "statistics are shared of what stays with a worker")
        let serverSchedule = hasServerSchedule ? try self.serverSchedule.decoded() : ScheduleSpec()
        try FieldRules.checked("server_schedule") { () throws(CoreError) in
            try serverSchedule.validate(at: "server_schedule")
        }
        return RunDescription(
            run: try FieldRules.checked("run") { () throws(CoreError) in try RunID(run) },
            model: model, layout: layout, own: own, levels: try decodedLevels(of: model, layout),
            dataset: try FieldRules.name(dataset, "dataset"), partition: try partition.decoded(),
            fraction: fraction, label: hasLabel ? label : nil,
            examples: hasExamples ? try examples.decoded() : nil,
            uplink: hasUplink ? try uplink.decoded() : CodecSpec(CodecID("dense-float32")),
            downlink: hasDownlink ? try downlink.decoded() : CodecSpec(CodecID("dense-float32")),
            serverOptimizer: hasServerOptimizer ? try serverOptimizer.decoded() : ServerOptimizerSpec(),
            serverSchedule: serverSchedule, adversarialCost: hasAdversarialCost ? adversarialCost : nil,
            sharesStatistics: sharesStatistics, seed: seed,
            rounds: try FieldRules.count(rounds, "rounds"))
    }
}

extension Fedcoord_V1_Run {
    private func decodedLevels(of model: ModelSpec, _ layout: ModelLayout) throws(WireError) -> [NestedLevel] {
        try FieldRules.require(levelLayouts.count == model.levels.count, "each level has a layout")
        var levels: [NestedLevel] = []
        for (width, level) in zip(model.levels, levelLayouts) {
            let own = try level.decoded("level_layouts")
            levels.append(
                try FieldRules.checked("level_layouts") { () throws(CoreError) in
                    try NestedLevel(width: width, layout: own, of: layout)
                })
        }
        try FieldRules.require(levels.last?.slice.isWhole ?? true, "the last level is the whole model")
        for (level, next) in zip(levels, levels.dropFirst()) {
            _ = try FieldRules.checked("level_layouts") { () throws(CoreError) in
                try NestedSlice(level.slice.layout, of: next.slice.layout)
            }
        }
        return levels
    }
}

extension Fedcoord_V1_ModelLayout {
    init(_ layout: ModelLayout) {
        self.init()
        parameters = layout.parameters.map(Fedcoord_V1_ParameterSpec.init)
    }

    func decoded(_ field: String) throws(WireError) -> ModelLayout {
        let parameters = try parameters.map { parameter throws(WireError) in try parameter.decoded() }
        return try FieldRules.checked(field) { () throws(CoreError) in try ModelLayout(parameters) }
    }
}

extension Fedcoord_V1_WidthRatio {
    init(_ ratio: WidthRatio) {
        self.init()
        numerator = UInt64(ratio.numerator)
        denominator = UInt64(ratio.denominator)
    }

    func decoded(as field: String) throws(WireError) -> WidthRatio {
        let numerator = try FieldRules.count(numerator, field)
        let denominator = try FieldRules.count(denominator, field)
        return try FieldRules.checked(field) { () throws(CoreError) in try WidthRatio(numerator, denominator) }
    }
}

extension Fedcoord_V1_ModelSpec {
    /// No network has more hidden layers.
    static let maximumLayers = 1024
    /// No hidden layer is wider.
    static let maximumWidth = 1 << 24

    init(_ spec: ModelSpec) throws(WireError) {
        self.init()
        architecture = spec.architecture
        if let hidden = spec.hidden {
            self.hidden.widths = try hidden.map { width throws(WireError) in
                try FieldRules.count(width, "a hidden layer's width")
            }
        }
        width = .init(spec.width)
        normalization =
            switch spec.normalization {
            case .batch: .batch
            case .dualShared: .dualShared
            case .dualSeparate: .dualSeparate
            }
        statistics =
            switch spec.statistics {
            case .averaged: .unspecified
            case .postTraining: .postTraining
            case .local: .local
            case .batch: .batch
            }
        dropout = spec.dropout
        if spec.bases != 1 { bases = try FieldRules.count(spec.bases, "bases") }
        levels = spec.levels.map(Fedcoord_V1_WidthRatio.init)
    }

    func decoded() throws(WireError) -> ModelSpec {
        var spec = ModelSpec(architecture: try FieldRules.name(architecture, "architecture"))
        switch normalization {
        case .batch, .unspecified: spec.normalization = .batch
        case .dualShared: spec.normalization = .dualShared
        case .dualSeparate: spec.normalization = .dualSeparate
        case .UNRECOGNIZED:
            throw WireError(.invalidField, "the model has a normalization that this version does not know")
        }
        switch statistics {
        case .averaged, .unspecified: spec.statistics = .averaged
        case .postTraining: spec.statistics = .postTraining
        case .local: spec.statistics = .local
        case .batch: spec.statistics = .batch
        case .UNRECOGNIZED:
            throw WireError(.invalidField, "the model has statistics that this version does not know")
        }
        if hasWidth { spec.width = try width.decoded(as: "width") }
        try FieldRules.require((0..<1).contains(dropout), "dropout is in [0, 1)")
        spec.dropout = dropout
        try FieldRules.require(
            bases <= UInt64(ModelSpec.maximumBases), "a model has at most \(ModelSpec.maximumBases) base networks")
        if bases != 0 { spec.bases = Int(bases) }
        try FieldRules.require(
            levels.count <= ModelSpec.maximumLevels, "a model has at most \(ModelSpec.maximumLevels) levels")
        spec.levels = try levels.map { level throws(WireError) in try level.decoded(as: "levels") }
        try FieldRules.require(
            spec.levels.isEmpty
                || (ModelSpec.areLevels(spec.levels) && spec.levels.last == spec.width && spec.bases == 1),
            "levels are ascending widths of one network, of which its own is the last")
        guard hasHidden else { return spec }
        try FieldRules.require(
            hidden.widths.count <= Self.maximumLayers, "a network has at most \(Self.maximumLayers) hidden layers")
        spec.hidden = try hidden.widths.map { width throws(WireError) in
            try FieldRules.require(
                width >= 1 && width <= Self.maximumWidth, "a hidden layer's width is 1 to \(Self.maximumWidth)")
            return Int(width)
        }
        return spec
    }
}

extension Fedcoord_V1_ParameterSpec {
    /// No tensor has more dimensions.
    static let maximumRank = 16

    init(_ spec: ParameterSpec) {
        self.init()
        name = spec.name
        shape = spec.shape.map { UInt64(clamping: $0) }
        role =
            switch spec.role {
            case .weight: .weight
            case .bias: .bias
            case .normScale: .normScale
            case .normShift: .normShift
            case .cleanStatistics: .cleanStatistics
            case .adversarialStatistics: .adversarialStatistics
            }
    }

    func decoded() throws(WireError) -> ParameterSpec {
        try FieldRules.require(
            shape.count <= Self.maximumRank, "a tensor has at most \(Self.maximumRank) dimensions")
        let shape = try shape.map { dimension throws(WireError) in
            try FieldRules.count(dimension, "a tensor's dimension")
        }
        let role: ParameterRole
        switch self.role {
        case .weight: role = .weight
        case .bias: role = .bias
        case .normScale: role = .normScale
        case .normShift: role = .normShift
        case .cleanStatistics: role = .cleanStatistics
        case .adversarialStatistics: role = .adversarialStatistics
        case .unspecified, .UNRECOGNIZED:
            throw WireError(.invalidField, "a tensor has a role that this version does not know")
        }
        return ParameterSpec(name: name, shape: shape, role: role)
    }
}

extension Fedcoord_V1_ExampleShape {
    /// No image has more channels, rows or columns, and no data set more classes.
    static let maximumExtent: UInt64 = 1 << 24

    init(_ shape: ExampleShape) throws(WireError) {
        self.init()
        channels = try FieldRules.count(shape.channels, "channels")
        height = try FieldRules.count(shape.height, "height")
        width = try FieldRules.count(shape.width, "width")
        classes = try FieldRules.count(shape.classes, "classes")
    }

    func decoded() throws(WireError) -> ExampleShape {
        for extent in [channels, height, width, classes] {
            try FieldRules.require(
                (1...Self.maximumExtent).contains(extent), "an extent of examples is 1 to \(Self.maximumExtent)")
        }
        return ExampleShape(
            channels: Int(channels), height: Int(height), width: Int(width), classes: Int(classes))
    }
}

extension Fedcoord_V1_PartitionSpec {
    init(_ spec: PartitionSpec) throws(WireError) {
        self.init()
        switch spec {
        case .iid: scheme = .iid(.init())
        case .dirichlet(let alpha): scheme = .dirichlet(.with { $0.alpha = alpha })
        case .classesPerWorker(let classes):
            let classes = try FieldRules.count(classes, "classes")
            scheme = .classesPerWorker(.with { $0.classes = classes })
        case .shards(let shardsPerWorker):
            let count = try FieldRules.count(shardsPerWorker, "shards_per_worker")
            scheme = .shards(.with { $0.shardsPerWorker = count })
        case .quantity(let alpha): scheme = .quantity(.with { $0.alpha = alpha })
        case .groups(let attribute): scheme = .groups(.with { $0.by = attribute })
        case .domains(let attribute): scheme = .domains(.with { $0.by = attribute })
        }
    }

    func decoded() throws(WireError) -> PartitionSpec {
        let spec: PartitionSpec
        switch scheme {
        case .iid: spec = .iid
        case .dirichlet(let dirichlet): spec = .dirichlet(alpha: dirichlet.alpha)
        case .classesPerWorker(let own):
            spec = .classesPerWorker(classes: try FieldRules.count(own.classes, "classes"))
        case .shards(let shards):
            spec = .shards(shardsPerWorker: try FieldRules.count(shards.shardsPerWorker, "shards_per_worker"))
        case .quantity(let quantity): spec = .quantity(alpha: quantity.alpha)
        case .groups(let groups): spec = .groups(by: groups.by)
        case .domains(let domains): spec = .domains(by: domains.by)
        case nil: throw WireError(.invalidField, "the run's data is divided in a way that this version does not know")
        }
        try FieldRules.checked("partition") { () throws(CoreError) in try spec.validate() }
        return spec
    }
}
