/// A bound on how many tasks are in a section of code at the same time, first come first served.
actor Slots {
    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    /// Lets at most `count` tasks in at the same time, at least 1.
    init(_ count: Int) {
        precondition(count >= 1, "somebody must be let in")
        free = count
    }

    /// Runs `body` once a slot is free.
    nonisolated func withSlot<Result: Sendable>(_ body: () async -> Result) async -> Result {
        await enter()
        let result = await body()
        await leave()
        return result
    }

    private func enter() async {
        if free > 0 {
            free -= 1
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
    }

    private func leave() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }
}
