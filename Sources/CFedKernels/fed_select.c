// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#include "fed_select.h"
#include "fed_clones.h"
#include "fed_lanes.h"

#include <math.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF

// What entries are selected by, as a rank: an unsigned number that grows with it.
enum by { by_value, by_negation, by_magnitude };

enum {
    // Entries of a scanned group: a bit each in a mask.
    group = 64,
    sample_most = 8192,
    // Ranks are counted in so many bins.
    bin_bits = 11,
    bins = 1 << bin_bits,
};

typedef bool lane_bits __attribute__((ext_vector_type(FED_WIDTH)));

FED_INLINE uint32_t rank_of(float value, enum by by) {
    // Adding 0 makes 0 of -0.
    value = (by == by_negation ? -value : value) + 0.0f;
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    if (by == by_magnitude) return bits & 0x7fffffffu;
    return bits ^ ((uint32_t)((int32_t)bits >> 31) | 0x80000000u);
}

// The inverse, up to the sign that `by` leaves out.
FED_INLINE float value_of(uint32_t rank, enum by by) {
    uint32_t bits = by == by_magnitude ? rank : rank ^ (rank & 0x80000000u ? 0x80000000u : 0xffffffffu);
    float value;
    memcpy(&value, &bits, sizeof value);
    return by == by_negation ? -value : value;
}

FED_INLINE double weight_of(float value, enum by by) {
    return by == by_value ? (double)value : by == by_negation ? -(double)value : (double)fabsf(value);
}

// The k-th largest rank, and how many entries of that rank are among the k.
typedef struct {
    uint32_t rank;
    size_t ties;
} cut;

// Searches ranks from `low` on and up to `high`, which k entries or more reach; none is above `high`.
FED_INLINE cut find_cut(
    const float *values, size_t count, size_t k, uint32_t low, uint32_t high, enum by by) {
    // Two tables by turns: equal bins one after the other would wait for each other.
    uint32_t even[bins], odd[bins];
    while (low < high) {
        uint32_t span = high - low;
        int shift = span < bins ? 0 : 32 - __builtin_clz(span) - bin_bits;
        memset(even, 0, sizeof even);
        memset(odd, 0, sizeof odd);
        for (size_t i = 0; i < count; i++) {
            uint32_t above = rank_of(values[i], by) - low;
            if (above <= span) (i & 1 ? odd : even)[above >> shift]++;
        }
        size_t bin = bins - 1;
        while (even[bin] + odd[bin] < k) {
            k -= even[bin] + odd[bin];
            bin--;
        }
        low += (uint32_t)bin << shift;
        span = ((uint32_t)1 << shift) - 1;
        high = high - low < span ? high : low + span;
    }
    return (cut){low, k};
}

// How a bound is guessed from a sample.
typedef struct {
    // The entries of the sample; 0 where so few entries are counted whole.
    size_t size;
    // The bound is the sample's entry of this rank from the largest on: four standard deviations of the number of
    // sampled entries among the k largest above the expected number.
    size_t place;
} guess;

static guess guess_for(size_t count, size_t k) {
    size_t size = count / 128;
    size = size < 1024 ? 1024 : size > sample_most ? sample_most : size;
    if (count <= 2 * size) return (guess){0, k};
    double expected = (double)k * (double)size / (double)count;
    return (guess){size, (size_t)(expected + 4 * sqrt(expected) + 4)};
}

// A rank that probably a little more than k entries reach.
static uint32_t guess_rank(const float *values, size_t count, size_t k, enum by by) {
    guess guess = guess_for(count, k);
    if (guess.size == 0) return find_cut(values, count, k, 0, UINT32_MAX, by).rank;
    if (guess.place >= guess.size) return 0;
    // One entry at random from each of so many stretches: a fixed step could beat with a tensor's rows.
    float sample[sample_most];
    uint64_t word = 0x9e3779b97f4a7c15u, width = count / guess.size;
    for (size_t i = 0; i < guess.size; i++) {
        word = word * 0x5851f42d4c957f2du + 0x14057b7ef767814fu;
        sample[i] = values[i * width + (size_t)(((word >> 32) * width) >> 32)];
    }
    return find_cut(sample, guess.size, guess.place, 0, UINT32_MAX, by).rank;
}

size_t fed_select_room(size_t count, size_t k) {
    guess guess = guess_for(count, k);
    double reach = (double)guess.place, room = (double)count;
    if (guess.size > 0) room = (reach + 5 * sqrt(reach)) * (double)count / (double)guess.size;
    return (room < (double)count ? (size_t)room : count) + group + 1;
}

typedef struct {
    float bound;
    size_t used;
} intake;

FED_INLINE bool reaches(float value, float bound, enum by by) {
    return by == by_negation ? value <= bound : (by == by_magnitude ? fabsf(value) : value) >= bound;
}

FED_INLINE uint64_t reaching(fed_vector value, float bound, enum by by) {
    if (by == by_magnitude) value = (fed_vector)((fed_mask)value & 0x7fffffff);
    fed_mask mask = by == by_negation ? value <= fed_splat(bound) : value >= fed_splat(bound);
    lane_bits bits = __builtin_convertvector(mask, lane_bits);
    uint16_t word;
    memcpy(&word, &bits, sizeof word);
    return word;
}

FED_INLINE void take(fed_selection *to, intake *state, const float *values, size_t start, uint64_t mask) {
    size_t used = state->used;
    if (to->room - used < group) return;
    for (; mask; mask &= mask - 1) {
        size_t i = start + (size_t)__builtin_ctzll(mask);
        to->positions[used] = (uint32_t)i;
        to->values[used++] = values[i];
    }
    state->used = used;
}

// Copies out what reaches the bounds; stops copying, but not looking for NaN, where there is no more room.
FED_INLINE bool scan(
    const float *values, size_t count, fed_selection *first, intake *first_state, enum by first_by,
    fed_selection *second, intake *second_state) {
    fed_mask largest = {0};
    size_t i = 0;
    for (; i + group <= count; i += group) {
        uint64_t first_mask = 0, second_mask = 0;
        for (size_t part = 0; part < group; part += FED_WIDTH) {
            fed_vector value = fed_load(&values[i + part]);
            largest = __builtin_elementwise_max(largest, (fed_mask)value & 0x7fffffff);
            first_mask |= reaching(value, first_state->bound, first_by) << part;
            if (second) second_mask |= reaching(value, second_state->bound, by_negation) << part;
        }
        take(first, first_state, values, i, first_mask);
        if (second) take(second, second_state, values, i, second_mask);
    }
    int32_t most = __builtin_reduce_max(largest);
    uint64_t first_mask = 0, second_mask = 0;
    for (size_t rest = i; rest < count; rest++) {
        uint32_t bits;
        memcpy(&bits, &values[rest], sizeof bits);
        int32_t magnitude = (int32_t)(bits & 0x7fffffffu);
        most = magnitude > most ? magnitude : most;
        first_mask |= (uint64_t)reaches(values[rest], first_state->bound, first_by) << (rest - i);
        if (second) second_mask |= (uint64_t)reaches(values[rest], second_state->bound, by_negation) << (rest - i);
    }
    take(first, first_state, values, i, first_mask);
    if (second) take(second, second_state, values, i, second_mask);
    return most < 0x7f800000;
}

FED_CLONES
static bool scan_tails(
    const float *values, size_t count, fed_selection *largest, intake *largest_state, fed_selection *smallest,
    intake *smallest_state) {
    return scan(values, count, largest, largest_state, by_value, smallest, smallest_state);
}

FED_CLONES
static bool scan_one(const float *values, size_t count, fed_selection *to, intake *state, enum by by) {
    switch (by) {
    case by_value: return scan(values, count, to, state, by_value, NULL, NULL);
    case by_negation: return scan(values, count, to, state, by_negation, NULL, NULL);
    default: return scan(values, count, to, state, by_magnitude, NULL, NULL);
    }
}

// Keeps what the cut keeps of `count` entries: at `positions`, or everywhere where that is NULL.
FED_INLINE void keep(
    fed_selection *to, const uint32_t *positions, const float *values, size_t count, size_t k, cut cut, enum by by) {
    size_t kept = 0, ties = cut.ties;
    double sum = 0;
    for (size_t i = 0; i < count && kept < k; i++) {
        float value = values[i];
        uint32_t rank = rank_of(value, by);
        bool equal = rank == cut.rank, kept_now = rank > cut.rank || (equal && ties > 0);
        ties -= equal && kept_now;
        to->positions[kept] = positions ? positions[i] : (uint32_t)i;
        to->values[kept] = value;
        sum += kept_now ? weight_of(value, by) : 0;
        kept += kept_now;
    }
    to->sum = sum;
}

// Whether everything that reached the bound was copied out: `take` gives up one group before the end.
FED_INLINE bool is_whole(const fed_selection *to, intake state) { return to->room - state.used >= group; }

static intake intake_from(uint32_t rank, enum by by) { return (intake){value_of(rank, by), 0}; }

FED_INLINE void finish_by(
    fed_selection *to, intake state, uint32_t rank, const float *values, size_t count, size_t k, enum by by) {
    if (!is_whole(to, state)) {
        // Usually many entries equal the bound: go by those beyond it.
        rank++;
        state = intake_from(rank, by);
        scan_one(values, count, to, &state, by);
        if (state.used < k) return keep(to, NULL, values, count, k, (cut){rank - 1, k - state.used}, by);
    }
    if (state.used >= k && is_whole(to, state)) {
        uint32_t highest = rank;
        for (size_t i = 0; i < state.used; i++) {
            uint32_t other = rank_of(to->values[i], by);
            highest = other > highest ? other : highest;
        }
        cut cut = find_cut(to->values, state.used, k, rank, highest, by);
        keep(to, to->positions, to->values, state.used, k, cut, by);
    } else {
        keep(to, NULL, values, count, k, find_cut(values, count, k, 0, UINT32_MAX, by), by);
    }
}

// Makes the exact choice after a scan from the bound `rank` on.
FED_CLONES
static void finish(
    fed_selection *to, intake state, uint32_t rank, const float *values, size_t count, size_t k, enum by by) {
    switch (by) {
    case by_value: return finish_by(to, state, rank, values, count, k, by_value);
    case by_negation: return finish_by(to, state, rank, values, count, k, by_negation);
    default: return finish_by(to, state, rank, values, count, k, by_magnitude);
    }
}

bool fed_select_tails(
    const float *values, size_t count, size_t k, fed_selection *largest, fed_selection *smallest) {
    uint32_t up_rank = guess_rank(values, count, k, by_value), down_rank = guess_rank(values, count, k, by_negation);
    intake up = intake_from(up_rank, by_value), down = intake_from(down_rank, by_negation);
    if (!scan_tails(values, count, largest, &up, smallest, &down)) return false;
    finish(largest, up, up_rank, values, count, k, by_value);
    finish(smallest, down, down_rank, values, count, k, by_negation);
    return true;
}

bool fed_select_magnitudes(const float *values, size_t count, size_t k, fed_selection *selection) {
    uint32_t rank = guess_rank(values, count, k, by_magnitude);
    intake state = intake_from(rank, by_magnitude);
    if (!scan_one(values, count, selection, &state, by_magnitude)) return false;
    finish(selection, state, rank, values, count, k, by_magnitude);
    return true;
}
