// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#ifndef FED_SELECT_H
#define FED_SELECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Exactly k entries out of many: the sparse codecs' choice of what to send. Equal entries are taken from the lowest
// index on, and -0 equals 0. Selecting reads all entries once, in vectors: a bound that is surely low enough is taken
// from a sample, what lies beyond it is copied out, and the exact choice is made among the copies. Where the sample
// misled (or too many entries equal each other) the entries are counted by their bits instead: some passes more, the
// same choice.

/// What was selected, and the room to do it in.
typedef struct {
    /// Where: ascending, the first k of `room`.
    uint32_t *positions;
    /// What: values[i] is the entry at positions[i].
    float *values;
    /// The entries that both hold: at least `fed_select_room`.
    size_t room;
    /// The sum of what is selected by (the entries, the negated entries or the magnitudes), added in double precision
    /// one after the other, in the order of positions.
    double sum;
} fed_selection;

/// The room that selecting k of `count` entries needs; never less than k, nor more than count + 65.
size_t fed_select_room(size_t count, size_t k);

/// Selects the k largest entries, and the k largest after negation.
///
/// Needs 1 <= k <= count < 2^32. False where an entry is NaN or infinite; then what was selected means nothing.
bool fed_select_tails(
    const float *values, size_t count, size_t k, fed_selection *largest, fed_selection *smallest);

/// Selects the k entries of largest magnitude; otherwise as `fed_select_tails`.
bool fed_select_magnitudes(const float *values, size_t count, size_t k, fed_selection *selection);

#endif
