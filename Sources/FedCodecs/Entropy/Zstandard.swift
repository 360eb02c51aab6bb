// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import CZstd

/// Compresses with zstd (RFC 8878); keeps its tables from call to call.
final class ZstandardCompressor {
    /// The fastest level: planes of bytes hold few repeats, and higher levels find no more in them.
    private static let level: Int32 = 1

    private let context: OpaquePointer

    /// A compressor; traps when memory is short.
    init() {
        guard let context = ZSTD_createCCtx() else { preconditionFailure("memory for a compressor") }
        self.context = context
    }

    deinit { ZSTD_freeCCtx(context) }

    /// Fills `target` with one frame of `source` and returns the frame's length; nil when it does not fit.
    func compress(_ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) -> Int? {
        let length = ZSTD_compressCCtx(
            context, target.baseAddress, target.count, source.baseAddress, source.count, Self.level)
        return ZSTD_isError(length) == 0 ? length : nil
    }
}

/// Decompresses single zstd frames of known size; keeps its tables from call to call.
final class ZstandardDecompressor {
    private let context: OpaquePointer

    /// A decompressor; traps when memory is short.
    init() {
        guard let context = ZSTD_createDCtx() else { preconditionFailure("memory for a decompressor") }
        self.context = context
    }

    deinit { ZSTD_freeDCtx(context) }

    /// Fills `target` from the one frame that `source` is; throws `CodecError.invalidBlock` for anything else.
    ///
    /// The frame must say that its content has the size of `target`, and must be all of `source`. The content goes straight to
    /// `target`, so that memory does not depend on the window a frame asks for.
    func decompress(
        _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
    ) throws(CodecError) {
        // Both functions return numbers near 2^64 for errors, and sizes that are not there.
        guard ZSTD_getFrameContentSize(source.baseAddress, source.count) == UInt64(target.count),
            ZSTD_findFrameCompressedSize(source.baseAddress, source.count) == source.count,
            ZSTD_decompressDCtx(context, target.baseAddress, target.count, source.baseAddress, source.count)
                == target.count
        else {
            throw CodecError(.invalidBlock, "a compressed plane is not one zstd frame of the size that it must have")
        }
    }
}
