#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# A Rust program, with the distribution's compiler. Its packages are unpacked
# beside the programs, not installed: they conflict with other packages of the
# same compiler, which a machine may need for something else.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/real/lib.sh
. "$here/../lib.sh"

up_to_date "$REAL/rust.wasm" "$here" && exit 0

unpack_rust() {
    rm -rf "$tree" "$tree.download"
    mkdir -p "$tree.download"
    (
        cd "$tree.download"
        apt_private download rustc libstd-rust-dev libstd-rust-dev-wasm32
        library=$(dpkg-deb -f libstd-rust-dev_*.deb Depends |
            sed -n 's/.*\(libstd-rust-[0-9][0-9.]*\).*/\1/p')
        apt_private download "$library"
        for package in *.deb; do
            dpkg-deb -x "$package" tree
        done
    ) || die "could not get the Rust compiler"
    mv "$tree.download/tree" "$tree"
    rm -rf "$tree.download"
}

# lld and the LLVM that the compiler was made with are of one version: another
# linker may refuse its metadata.
llvm_of_rust() {
    find "$tree/usr/lib" -name 'librustc_driver-*.so' \
        -exec objdump -p {} + | sed -n 's/.*libLLVM[-.so]*\([0-9][0-9]\).*/\1/p'
}

need_packages gcc libc6-dev binutils
tree=$REAL/src/rust
[ -x "$tree/usr/bin/rustc" ] || unpack_rust
llvm=$(llvm_of_rust | head -n 1)
need_packages "lld-$llvm" "libllvm$llvm"

libraries=$(dirname "$(find "$tree/usr/lib" -name 'librustc_driver-*.so')")
target=$(basename "$(find "$tree/usr/lib" -type d -name 'wasm32-wasi*' |
    sort | tail -n 1)")
[ -n "$target" ] || die "this Rust has no target for WASI"

compile() {
    LD_LIBRARY_PATH=$libraries "$tree/usr/bin/rustc" --edition 2021 -O "$@" \
        "$here/main.rs"
}

compile -o "$REAL/rust-program"
compile --target "$target" -C "linker=wasm-ld-$llvm" -o "$REAL/rust.part"
mv "$REAL/rust.part" "$REAL/rust.wasm"
