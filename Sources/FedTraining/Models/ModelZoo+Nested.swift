// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

public import FedCore

/// Networks of fewer channels within a network (HeteroFL: Diao, Ding and Tarokh, ICLR 2021, section 3).
extension ModelZoo {
    /// Where the networks of `spec.levels` lie in that of `spec`, one each; throws as `makeNetwork`.
    public static func levels(
        of spec: ModelSpec, input: InputShape, classes: Int
    ) throws(TrainingError) -> [NestedLevel] {
        let full = try layout(spec, input: input, classes: classes)
        var levels: [NestedLevel] = []
        for width in spec.levels {
            let own = try layout(spec.network(for: .nested(width)), input: input, classes: classes)
            do throws(CoreError) {
                levels.append(try NestedLevel(width: width, layout: own, of: full))
            } catch {
                throw TrainingError(.invalidModel, "\(spec.architecture) has no width \(width): \(error.message)")
            }
        }
        return levels
    }

    /// Where the network of `width` lies in that of `wide`, which is no narrower; throws as `makeNetwork`.
    public static func slice(
        of width: WidthRatio, in wide: ModelSpec, input: InputShape, classes: Int
    ) throws(TrainingError) -> NestedSlice {
        let full = try layout(wide, input: input, classes: classes)
        let own = try layout(wide.network(for: .nested(width)), input: input, classes: classes)
        do throws(CoreError) {
            return try NestedSlice(own, of: full)
        } catch {
            throw TrainingError(.invalidModel, "\(wide.architecture) has no width \(width): \(error.message)")
        }
    }
}
