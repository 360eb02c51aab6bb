// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import Foundation

/// Lines, marks and text as an SVG document; coordinates are in pixels from the upper left corner.
struct SVGDrawing {
    /// Which part of a text lies at its place.
    enum Anchor: String {
        case start, middle, end
    }

    private let width: Double
    private let height: Double
    private var elements: [String] = []

    /// An empty, white picture.
    init(width: Double, height: Double) {
        self.width = width
        self.height = height
    }

    /// A straight line.
    mutating func line(from: (x: Double, y: Double), to: (x: Double, y: Double), color: String, width: Double) {
        elements.append(
            "<line x1=\"\(Self.number(from.x))\" y1=\"\(Self.number(from.y))\" x2=\"\(Self.number(to.x))\" "
                + "y2=\"\(Self.number(to.y))\" stroke=\"\(color)\" stroke-width=\"\(Self.number(width))\"/>")
    }

    /// Straight lines from point to point.
    mutating func polyline(_ points: [(x: Double, y: Double)], color: String) {
        let list = points.map { "\(Self.number($0.x)),\(Self.number($0.y))" }.joined(separator: " ")
        elements.append("<polyline points=\"\(list)\" fill=\"none\" stroke=\"\(color)\" stroke-width=\"2\"/>")
    }

    /// A mark around a point: a circle, a square, a diamond or a triangle, in turn by `number`, so that lines can be told apart
    /// without colours.
    mutating func marker(_ number: Int, x: Double, y: Double, color: String) {
        let (left, right, top, bottom) = (x - 4, x + 4, y - 4, y + 4)
        let corners: [(Double, Double)]
        switch number % 4 {
        case 0:
            elements.append(
                "<circle cx=\"\(Self.number(x))\" cy=\"\(Self.number(y))\" r=\"4\" fill=\"\(color)\"/>")
            return
        case 1: corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
        case 2: corners = [(x, top - 1), (right + 1, y), (x, bottom + 1), (left - 1, y)]
        default: corners = [(x, top - 1), (right + 1, bottom), (left - 1, bottom)]
        }
        let list = corners.map { "\(Self.number($0.0)),\(Self.number($0.1))" }.joined(separator: " ")
        elements.append("<polygon points=\"\(list)\" fill=\"\(color)\"/>")
    }

    /// A line of text with its base line at `y`.
    mutating func text(
        _ text: String, x: Double, y: Double, size: Double, anchor: Anchor = .start, isBold: Bool = false
    ) {
        let weight = isBold ? " font-weight=\"bold\"" : ""
        elements.append(
            "<text x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" font-size=\"\(Self.number(size))\" "
                + "text-anchor=\"\(anchor.rawValue)\"\(weight)>\(Self.escaped(text))</text>")
    }

    /// The picture.
    var document: String {
        let (width, height) = (Self.number(width), Self.number(height))
        return """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(height)" viewBox="0 0 \(width) \(height)" \
            font-family="Helvetica, Arial, sans-serif" fill="#222222">
            <rect width="\(width)" height="\(height)" fill="#ffffff"/>
            \(elements.joined(separator: "\n"))
            </svg>

            """
    }

    /// At most one digit behind the point.
    private static func number(_ value: Double) -> String {
        let rounded = (value * 10).rounded() / 10
        return rounded == rounded.rounded() ? String(format: "%.0f", rounded) : String(format: "%.1f", rounded)
    }

    /// Text that is no markup; control characters, which XML does not allow, become spaces.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            default: result.unicodeScalars.append(scalar.value < 0x20 ? " " : scalar)
            }
        }
        return result
    }
}
