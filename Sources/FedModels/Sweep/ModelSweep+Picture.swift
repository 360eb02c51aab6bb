// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import FedCore

extension ModelSweep {
    /// The sweep as an SVG picture: accuracy, and robust accuracy where it was measured, each over robustness with a line for
    /// each width; where there is one robustness only, over width.
    ///
    /// `title` is written above.
    public func picture(title: String) -> String {
        var charts: [LineChart] = []
        let measures: [(name: String, value: (Point) -> Double?)] = [
            ("accuracy", { $0.accuracy }), ("robust accuracy", { $0.robustAccuracy }),
        ]
        let shares = Set(points.map(\.robustness))
        for measure in measures where points.contains(where: { measure.value($0) != nil }) {
            var chart = LineChart(
                title: measure.name, horizontal: shares.count > 1 ? "robustness λ" : "width", vertical: "%")
            if shares.count > 1 {
                for width in points.map(\.width).removingDuplicates {
                    let line = points.filter { $0.width == width }
                    chart.series.append(
                        LineChart.Series(
                            name: Self.name(of: line[0]),
                            points: line.compactMap { point in
                                measure.value(point).map { (Double(point.robustness), 100 * $0) }
                            }))
                }
            } else {
                chart.series = [
                    LineChart.Series(
                        name: measure.name,
                        points: points.compactMap { point in
                            measure.value(point).map {
                                (Double(point.width.numerator) / Double(point.width.denominator), 100 * $0)
                            }
                        })
                ]
            }
            charts.append(chart)
        }
        return LineChart.picture(title: title, charts: charts)
    }

    /// As in `width 1/8, 0.22 M parameters, 1.16 M multiplications`.
    private static func name(of point: Point) -> String {
        "width \(point.width), \(millions(point.parameters)) parameters, \(millions(point.multiplications)) multiplications"
    }

    private static func millions(_ count: Int) -> String { "\(LineChart.text(Double(count) / 1e6, digits: 2)) M" }
}

extension Array where Element: Hashable {
    /// The first of each of equal elements.
    fileprivate var removingDuplicates: [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
