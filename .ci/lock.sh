#!/bin/sh
# Write requirements.txt and requirements-dev.txt anew: newest versions, every platform, hashes, and no index named in them.
set -eu
cd "$(dirname "$0")/.."

tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
.venv/bin/python -m venv "$tools"
"$tools/bin/python" -m pip --disable-pip-version-check --quiet install uv

for name in requirements requirements-dev; do
    "$tools/bin/uv" pip compile --quiet --upgrade --universal --generate-hashes --no-emit-index-url --python-version 3.11 \
        --custom-compile-command 'make lock' "$name.in" --output-file "$name.txt"
done
