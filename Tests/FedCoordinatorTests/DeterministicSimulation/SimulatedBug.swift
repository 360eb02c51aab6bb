// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// A way to make the simulated coordinator wrong, to see that the simulation notices.
enum SimulatedBug: String, CaseIterable, Sendable {
    /// A receipt is sent when an update has arrived, and not when it is on the disk.
    case acknowledgesBeforeStoring
    /// Assignments are sent before their plan is on the disk.
    case dispatchesBeforeStoring
    /// A round is committed before its model is on the disk.
    case commitsBeforeItsModel
    /// An update that is offered again is received, stored and added again.
    case countsRepetitions
    /// What is stored while the journal is being read is not seen.
    case readsTheJournalOnce
    /// What has arrived of an update that breaks off stays in the sum.
    case keepsWhatBrokeOff
    /// An offer is answered although an update of its worker is on its way to the disk.
    case answersBeforeTheDisk
    /// A round that is tried again does not ask for those whose updates are stored.
    case replansWithoutTheStored
    /// The record does not name the late updates that were folded.
    case forgetsWhatWasFolded
    /// Late updates weigh as much as those in time.
    case weighsLateInFull
    /// Whoever offers an update of a committed round is told that it came too late.
    case callsLeftoversLate
    /// Nobody wakes the engine.
    case forgetsTheTime
    /// The loss of an old connection ends the new session of its worker.
    case takesOldForNew
}
