// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import Foundation

/// Lines over a common horizontal axis, as SVG.
struct LineChart {
    /// One line.
    struct Series {
        let name: String
        /// From left to right.
        let points: [(x: Double, y: Double)]
    }

    /// What is shown, above the chart.
    var title: String
    /// What the horizontal axis is.
    var horizontal: String
    /// The unit of the vertical axis.
    var vertical: String
    /// The lines, with finite points.
    var series: [Series] = []

    private static let size = (width: 380.0, height: 300.0)
    private static let margin = (left: 52.0, top: 34.0, right: 14.0, bottom: 46.0)
    /// Colours that people with the common weaknesses tell apart (Okabe and Ito 2008).
    private static let colors = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"]

    /// Charts side by side under one title, with one legend below: all have the same series.
    static func picture(title: String, charts: [LineChart]) -> String {
        let names = charts.first.map { $0.series.map(\.name) } ?? []
        let hasLegend = names.count > 1
        let width = size.width * Double(max(1, charts.count))
        let height = 34 + size.height + (hasLegend ? 20 * Double(names.count) + 12 : 0)
        var svg = SVGDrawing(width: width, height: height)
        svg.text(title, x: width / 2, y: 24, size: 15, anchor: .middle, isBold: true)
        for (number, chart) in charts.enumerated() {
            chart.draw(in: &svg, left: Double(number) * size.width, top: 34)
        }
        if hasLegend {
            for (number, name) in names.enumerated() {
                let y = 34 + size.height + 20 * Double(number) + 8
                let color = colors[number % colors.count]
                svg.line(from: (margin.left, y), to: (margin.left + 26, y), color: color, width: 2)
                svg.marker(number, x: margin.left + 13, y: y, color: color)
                svg.text(name, x: margin.left + 34, y: y + 4, size: 12)
            }
        }
        return svg.document
    }

    private func draw(in svg: inout SVGDrawing, left: Double, top: Double) {
        let all = series.flatMap(\.points)
        let x = Axis(all.map(\.x), from: left + Self.margin.left, to: left + Self.size.width - Self.margin.right)
        let y = Axis(
            all.map(\.y), from: top + Self.size.height - Self.margin.bottom, to: top + Self.margin.top, atMost: 6)
        svg.text(title, x: (x.from + x.to) / 2, y: top + 20, size: 13, anchor: .middle, isBold: true)
        for tick in y.ticks {
            svg.line(from: (x.from, y.place(tick)), to: (x.to, y.place(tick)), color: "#dddddd", width: 1)
            svg.text(
                Self.text(tick, digits: y.digits), x: x.from - 6, y: y.place(tick) + 4, size: 11, anchor: .end)
        }
        for tick in x.ticks {
            svg.line(from: (x.place(tick), y.from), to: (x.place(tick), y.from + 4), color: "#444444", width: 1)
            svg.text(
                Self.text(tick, digits: x.digits), x: x.place(tick), y: y.from + 17, size: 11, anchor: .middle)
        }
        svg.line(from: (x.from, y.from), to: (x.to, y.from), color: "#444444", width: 1)
        svg.line(from: (x.from, y.from), to: (x.from, y.to), color: "#444444", width: 1)
        svg.text(horizontal, x: (x.from + x.to) / 2, y: y.from + 36, size: 12, anchor: .middle)
        svg.text(vertical, x: x.from - 6, y: y.to - 8, size: 12, anchor: .end)
        for (number, line) in series.enumerated() {
            let color = Self.colors[number % Self.colors.count]
            let places = line.points.map { (x.place($0.x), y.place($0.y)) }
            svg.polyline(places, color: color)
            for place in places { svg.marker(number, x: place.0, y: place.1, color: color) }
        }
    }

    /// A number with so many digits behind the point.
    static func text(_ value: Double, digits: Int) -> String { String(format: "%.\(digits)f", value) }
}
