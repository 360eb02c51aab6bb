// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

internal import Foundation

/// What memory this process may use: the machine's, or less where a control group (a container's limit) allows less.
package struct MachineMemory: Hashable, Sendable {
    /// All that there is, in bytes.
    package let totalBytes: Int
    /// What of it nobody uses now, or could be freed at once, in bytes.
    package let availableBytes: Int

    /// From the text of `/proc/meminfo` and the limits of the control groups around the process; nil where the text says
    /// nothing.
    package init?(meminfo: String, groups: [ControlGroup]) {
        func bytes(_ key: String) -> Int? {
            let line = meminfo.split(separator: "\n").first { $0.hasPrefix(key + ":") }
            return line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
        }
        guard let total = bytes("MemTotal"), let available = bytes("MemAvailable") else { return nil }
        totalBytes = groups.map(\.limitBytes).reduce(total, min)
        availableBytes = groups.map { max(0, $0.limitBytes - $0.usedBytes) }.reduce(available, min)
    }

    /// A limit on the memory of some processes, and how much of it they use, without file pages that could be dropped.
    package struct ControlGroup: Hashable, Sendable {
        let limitBytes: Int
        let usedBytes: Int

        package init(limitBytes: Int, usedBytes: Int) {
            self.limitBytes = limitBytes
            self.usedBytes = usedBytes
        }

        /// From the text of its files; nil where it has no limit.
        package init?(limit: String?, usage: String?, statistics: String?) {
            func number(_ text: String?) -> Int? {
                text.flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
            }
            guard let limit = number(limit), let usage = number(usage) else { return nil }
            let lines = (statistics ?? "").split(separator: "\n").map { $0.split(separator: " ") }
            // That of the groups within as well, as the usage has it; the second version of groups has no other.
            let names: [Substring] = ["total_inactive_file", "inactive_file"]
            let line = names.lazy.compactMap { name in lines.first { $0.first == name } }.first
            let droppable = line?.last.flatMap { Int($0) } ?? 0
            self.init(limitBytes: limit, usedBytes: max(0, usage - droppable))
        }
    }

    /// As it is now; the installed memory, all of it, where the system does not say more.
    package static var now: MachineMemory {
        let meminfo = text("/proc/meminfo") ?? ""
        if let memory = MachineMemory(meminfo: meminfo, groups: groups) { return memory }
        let installed = Int(clamping: ProcessInfo.processInfo.physicalMemory)
        return MachineMemory(totalBytes: installed, availableBytes: installed)
    }

    private init(totalBytes: Int, availableBytes: Int) {
        self.totalBytes = totalBytes
        self.availableBytes = availableBytes
    }

    /// Those of the process and around it, of either version of control groups.
    private static var groups: [ControlGroup] {
        (text("/proc/self/cgroup") ?? "").split(separator: "\n").flatMap { line -> [ControlGroup] in
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { return [] }
            let isUnified = fields[1].isEmpty
            guard isUnified || fields[1].split(separator: ",").contains("memory") else { return [] }
            return folders(below: isUnified ? "/sys/fs/cgroup" : "/sys/fs/cgroup/memory", path: fields[2]).compactMap {
                ControlGroup(
                    limit: text($0 + (isUnified ? "/memory.max" : "/memory.limit_in_bytes")),
                    usage: text($0 + (isUnified ? "/memory.current" : "/memory.usage_in_bytes")),
                    statistics: text($0 + "/memory.stat"))
            }
        }
    }

    /// `root` and the folders on the way to `path` below it.
    package static func folders(below root: String, path: Substring) -> [String] {
        path.split(separator: "/").reduce(into: [root]) { folders, name in
            folders.append((folders.last ?? root) + "/" + name)
        }
    }

    private static func text(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }
}
