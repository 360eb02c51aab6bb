#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the fedcoord authors

# Generates the Swift and Python code of protocols/fedcoord/v1/*.proto. The results are committed: a build needs neither
# protoc nor this script. Needs protoc (apt: protobuf-compiler); protoc-gen-swift is built from the package's own
# swift-protobuf.
set -eu
cd "$(dirname "$0")/.."

swift build -c release --product protoc-gen-swift
plugin="$(swift build -c release --show-bin-path)/protoc-gen-swift"

swift_out=Sources/FedWire/Generated
python_out=protocols/python
rm -rf "$swift_out" "$python_out/fedcoord"
mkdir -p "$swift_out" "$python_out"

protoc --proto_path=protocols \
    --plugin=protoc-gen-swift="$plugin" \
    --swift_out="$swift_out" \
    --swift_opt=Visibility=Internal,FileNaming=DropPath,UseAccessLevelOnImports=true,SwiftProtobufModuleName=SwiftProtobuf \
    --python_out="$python_out" \
    protocols/fedcoord/v1/*.proto

# The licence line that every source file starts with.
for file in "$swift_out"/*.swift; do
    { printf '// SPDX-License-Identifier: Apache-2.0\n// Copyright 2026 the fedcoord authors\n\n'; cat "$file"; } >"$file.new"
    mv "$file.new" "$file"
done
for file in "$python_out"/fedcoord/v1/*_pb2.py; do
    { printf '# SPDX-License-Identifier: Apache-2.0\n# Copyright 2026 the fedcoord authors\n'; cat "$file"; } >"$file.new"
    mv "$file.new" "$file"
done
