// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import Foundation

/// What went wrong with the durable state of a federation.
///
/// Two errors are equal when their codes are. Messages never hold payloads.
public struct StoreError: Error, Equatable, CustomStringConvertible, Sendable {
    /// The kind of failure.
    public struct Code: Hashable, Sendable {
        let name: String

        /// A file or directory that cannot be written.
        public static let unwritable = Code(name: "unwritable")
        /// No space is left, or a quota is used up.
        public static let diskFull = Code(name: "diskFull")
        /// Another coordinator works on the directory.
        public static let locked = Code(name: "locked")
        /// A file or record that is not what was written.
        public static let corrupt = Code(name: "corrupt")
        /// A run, round or file that does not exist.
        public static let missing = Code(name: "missing")
        /// A run that exists already.
        public static let alreadyExists = Code(name: "alreadyExists")
        /// A change of state that is not allowed, such as finishing a run twice.
        public static let illegalTransition = Code(name: "illegalTransition")
        /// A database that a newer version of this program has written.
        public static let newerSchema = Code(name: "newerSchema")
        /// A file that exceeds what the reader was told to accept.
        public static let limitExceeded = Code(name: "limitExceeded")
        /// A file that holds another model than the one asked for.
        public static let wrongModel = Code(name: "wrongModel")
        /// A journal that has been closed.
        public static let closed = Code(name: "closed")
        /// The disk or the database failed otherwise.
        public static let failed = Code(name: "failed")
    }

    /// The kind of failure.
    public var code: Code
    /// One sentence for a person, with what to do.
    public var message: String
    /// What a lower layer said, if it did.
    public var cause: String?

    /// Makes an error of a kind, with a sentence for a person.
    public init(_ code: Code, _ message: String, cause: String? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    /// The sentence, and the cause in brackets.
    public var description: String { cause.map { "\(message) (\($0))" } ?? message }

    public static func == (lhs: Self, rhs: Self) -> Bool { lhs.code == rhs.code }

    /// The error for a system call that failed with `number` while working on `path`.
    static func system(_ number: Int32, _ path: String) -> StoreError {
        let cause = String(cString: strerror(number))
        switch number {
        case ENOSPC, EDQUOT, EFBIG:
            return StoreError(.diskFull, "no space is left for \(path): free some", cause: cause)
        case EACCES, EPERM, EROFS, ENOTDIR, EISDIR:
            return StoreError(.unwritable, "\(path) cannot be used: check its owner and permissions", cause: cause)
        case ENOENT: return StoreError(.missing, "\(path) is missing", cause: cause)
        default: return StoreError(.failed, "the disk failed at \(path): check the file system", cause: cause)
        }
    }
}
