#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# wasm3 in a virtual environment of Python, as fast as it can be built: its
# package defines DEBUG and records backtraces, which this leaves out.
#
#     bench/wasm3_build.sh VENV
#
# CC picks the compiler (default: clang-19 where it is, else gcc).
set -eu
venv=$1
version=0.5.0

if [ -z "${CC:-}" ]; then
    CC=gcc
    if command -v clang-19 >/dev/null; then CC=clang-19; fi
fi
export CC LDSHARED="$CC -shared"

rm -rf "$venv"
python3 -m venv "$venv"
"$venv/bin/pip" install -q setuptools wheel
"$venv/bin/pip" download -q --no-deps --no-binary :all: --no-build-isolation \
    -d "$venv/source" "pywasm3==$version"
tar -xzf "$venv/source/pywasm3-$version.tar.gz" -C "$venv/source"
setup=$venv/source/pywasm3-$version/setup.py
sed -i "s/'-DDEBUG', '-DNASSERTS', '-Dd_m3RecordBacktraces=1'/'-DNDEBUG'/" \
    "$setup"
if grep -q DDEBUG "$setup"; then
    echo "wasm3_build: setup.py is not as expected" >&2
    exit 1
fi
"$venv/bin/pip" install -q --no-build-isolation "$venv/source/pywasm3-$version"
"$CC" --version | head -n 1 >"$venv/wasm3-ready"
