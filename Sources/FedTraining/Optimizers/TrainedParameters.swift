// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CFedKernels
internal import FedCore

/// The parameters that an optimiser moves, all but statistics and what belongs to a branch that no pass goes through, and
/// what besides the loss moves them.
struct TrainedParameters {
    /// Neighbouring trained tensors as one range of the network's flat buffers.
    let ranges: [Range<Int>]
    /// The length of those buffers.
    let count: Int
    /// λ as part of the gradient, or 0.
    private let decay: Float
    /// λ as a share of θ, or 0.
    private let decoupledDecay: Float
    /// μ of the proximal term (FedProx, Li et al. 2020, eq. 2).
    private let mu: Float
    /// θ_base, where μ is not 0.
    private let base: FloatBuffer?

    /// The trained parameters of `network`, whose present values are θ_base, for passes through `branches`.
    init(of network: Network, rule: OptimizerSpec, mu: Float, branches: Set<PassMode.Branch> = [.clean, .adversarial]) {
        count = network.layout.count
        ranges = network.trainedRanges(by: branches)
        decay = rule.decoupled ? 0 : rule.weightDecay
        decoupledDecay = rule.decoupled ? rule.weightDecay : 0
        self.mu = mu
        if mu == 0 {
            base = nil
        } else {
            let copy = FloatBuffer(count: network.layout.count)
            copy.start.update(from: network.values.start, count: network.layout.count)
            base = copy
        }
    }

    /// (μ/2)·‖θ − θ_base‖².
    func penalty(of network: Network) -> Double {
        guard let base else { return 0 }
        var sum = 0.0
        for range in ranges {
            let start = range.lowerBound
            sum += fed_squared_distance(network.values.start + start, base.start + start, range.count)
        }
        return 0.5 * Double(mu) * sum
    }

    /// What the rules share for a step on the range that begins at `start`; `rate` divides into what the rule's own
    /// direction is multiplied by where that is not η.
    func step(at start: Int, learningRate: Float, rate: Float? = nil) -> fed_step {
        fed_step(
            rate: rate ?? learningRate, keep: 1 - learningRate * decoupledDecay, decay: decay, mu: mu,
            base: base.map { UnsafePointer($0.start + start) })
    }
}

extension ModelLayout {
    /// The chosen ones of all tensors in the flat vector, neighbours as one range; `chosen` gets a tensor's role and number.
    func ranges(where chosen: (ParameterRole, Int) -> Bool) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        for (index, segment) in segments.enumerated() where chosen(parameters[index].role, index) {
            if let last = ranges.last, last.upperBound == segment.lowerBound {
                ranges[ranges.count - 1] = last.lowerBound..<segment.upperBound
            } else {
                ranges.append(segment)
            }
        }
        return ranges
    }
}
