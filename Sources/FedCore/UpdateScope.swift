// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

/// Which parameters an assignment trains and uploads.
public enum UpdateScope: String, NamedChoice, Sendable {
    /// The whole model, in layout order.
    case wholeModel = "whole-model"
}
