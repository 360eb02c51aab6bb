// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

import Glibc

/// What the figures were measured on.
struct Machine: Encodable {
    /// The processor's name, as the kernel reports it.
    let processor: String
    /// The processor whose kernels OpenBLAS uses, such as `Haswell` or `SkylakeX`.
    let openBLASCore: String
    /// How many threads OpenBLAS spreads a product over.
    let openBLASThreads: Int
    /// 1e9 operations per CPU-second in the product of two matrices of 1024x1024, the best of several.
    let sgemmGigaflops: Double

    private typealias Sgemm =
        @convention(c) (
            CInt, CInt, CInt, CInt, CInt, CInt, Float, UnsafePointer<Float>, CInt, UnsafePointer<Float>, CInt, Float,
            UnsafeMutablePointer<Float>, CInt
        ) -> Void

    /// Asks the kernel and OpenBLAS, and measures; empty or 0 where there is no answer.
    static func current() -> Machine {
        let core = symbol("openblas_get_corename", as: (@convention(c) () -> UnsafePointer<CChar>).self)
        let threads = symbol("openblas_get_num_threads", as: (@convention(c) () -> CInt).self)
        return Machine(
            processor: processorName(), openBLASCore: core.map { String(cString: $0()) } ?? "",
            openBLASThreads: threads.map { Int($0()) } ?? 0, sgemmGigaflops: measureSgemm())
    }

    /// A function of the OpenBLAS that the engine has loaded, found by name.
    private static func symbol<Function>(_ name: String, as type: Function.Type) -> Function? {
        // The caller states the type that cblas.h declares.
        dlopen("libopenblas.so.0", RTLD_NOW | RTLD_NOLOAD).flatMap { dlsym($0, name) }
            .map { unsafeBitCast($0, to: type) }
    }

    private static func measureSgemm() -> Double {
        guard let sgemm = symbol("cblas_sgemm", as: Sgemm.self) else { return 0 }
        let size: CInt = 1024
        let (rowMajor, notTransposed): (CInt, CInt) = (101, 111)
        let left = [Float](repeating: 0.5, count: Int(size * size))
        var product = [Float](repeating: 0, count: left.count)
        var best = 0.0
        for _ in 0..<8 {
            let begin = ProcessorTime.seconds
            sgemm(
                rowMajor, notTransposed, notTransposed, size, size, size, 1, left, size, left, size, 0, &product, size)
            let operations = 2 * Double(size) * Double(size) * Double(size)
            best = max(best, operations / (ProcessorTime.seconds - begin) / 1e9)
        }
        return best
    }

    private static func processorName() -> String {
        guard let file = fopen("/proc/cpuinfo", "r") else { return "" }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 4096)
        while fgets(&line, CInt(line.count), file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            guard text.hasPrefix("model name"), let colon = text.firstIndex(of: ":") else { continue }
            return String(text[text.index(after: colon)...].drop { $0 == " " }.prefix { $0 != "\n" })
        }
        return ""
    }
}
