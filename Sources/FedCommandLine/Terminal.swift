// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import Foundation
internal import Synchronization

/// Lines on standard output, and below them one line that changes in place if the output is a terminal.
public final class Terminal: Sendable {
    private struct State {
        var hasStatus = false
    }

    /// Whether somebody watches: only then there is a changing line.
    public let isInteractive: Bool
    private let prefix: String
    private let state = Mutex(State())

    /// Writes to standard output, each line behind `prefix`.
    public init(prefix: String = "") {
        isInteractive = isatty(STDOUT_FILENO) == 1
        self.prefix = prefix
    }

    /// Prints a line that stays.
    public func print(_ line: String) {
        state.withLock { state in
            write((state.hasStatus ? "\r\u{1B}[K" : "") + prefix + Self.printable(line) + "\n")
            state.hasStatus = false
        }
    }

    /// Replaces the changing line; does nothing if the output is not a terminal.
    public func status(_ line: String) {
        guard isInteractive else { return }
        state.withLock { state in
            write("\r\u{1B}[K" + prefix + Self.printable(line))
            state.hasStatus = true
        }
    }

    /// The number of characters in a line: the terminal's, else what the environment says in COLUMNS, else 100.
    public static var columns: Int {
        var size = winsize()
        if ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 { return Int(size.ws_col) }
        let said = ProcessInfo.processInfo.environment["COLUMNS"].flatMap { Int($0) } ?? 100
        return min(1000, max(40, said))
    }

    /// A bar of `width` characters of which `share`, in [0, 1], is filled.
    public static func bar(_ share: Double, width: Int = 24) -> String {
        let filled = Int((min(1, max(0, share)) * Double(width)).rounded())
        return "[" + String(repeating: "=", count: filled) + String(repeating: " ", count: width - filled) + "]"
    }

    /// The text with a space in place of every control character but the line end, so that no text of a peer can
    /// move the cursor or change what is on the screen.
    public static func printable(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let isControl = scalar.properties.generalCategory == .control && scalar != "\n"
            scalars.append(isControl ? " " : scalar)
        }
        return String(scalars)
    }

    /// A closed pipe or a full disk is not an error: there is nobody to tell.
    private func write(_ text: String) {
        try? FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
    }
}
