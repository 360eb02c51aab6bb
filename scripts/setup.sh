#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the fedcoord authors
#
# Installs what a build needs from Debian's or Ubuntu's packages, where it is missing, and checks for Swift.
set -euo pipefail

packages=(
    libopenblas-dev  # matrix products
    libpng-dev       # images
    libsqlite3-dev   # state of the coordinator
    libssl-dev       # cryptography
    libturbojpeg0-dev  # images
    libzstd-dev      # dense payloads
    zlib1g-dev       # gzipped data sets
    g++ libc6-dev pkg-config git make  # what the Swift toolchain links with and resolves packages with
)

missing=()
for package in "${packages[@]}"; do
    if ! dpkg-query --show --showformat='${Status}' "$package" 2>/dev/null | grep -q 'ok installed'; then
        missing+=("$package")
    fi
done

if [ ${#missing[@]} -gt 0 ]; then
    if ! command -v apt-get >/dev/null; then
        echo "setup: this script knows Debian and Ubuntu; install the equivalents of: ${missing[*]}" >&2
        exit 1
    fi
    sudo=()
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null; then
            echo "setup: run as root, or install sudo, to install: ${missing[*]}" >&2
            exit 1
        fi
        sudo=(sudo)
    fi
    echo "setup: installing ${missing[*]}"
    "${sudo[@]}" apt-get update -qq
    DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

if ! command -v swift >/dev/null; then
    echo "setup: Swift 6.1 or newer is missing. Install it from https://www.swift.org/install/linux/ (swiftly install latest)" >&2
    exit 1
fi
version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)
if [ "$(printf '%s\n6.1\n' "$version" | sort -V | head -n 1)" != 6.1 ]; then
    echo "setup: Swift $version is too old; install 6.1 or newer from https://www.swift.org/install/linux/" >&2
    exit 1
fi
