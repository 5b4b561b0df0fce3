# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Sourced by scripts: what the machine must have, installed where it is missing.
#
#   need cmake=cmake ninja=ninja-build /usr/include/stdlib.h=libc6-dev
#
# Each word says what must be there (a command, or a file by its path) and the
# package that brings it.

# Runs a command up to five times, waiting longer each time.
retry() {
    for seconds in 2 5 15 30 0; do
        "$@" && return 0
        if [ $seconds -ne 0 ]; then
            echo "again in $seconds seconds: $*" >&2
            sleep $seconds
        fi
    done
    return 1
}

# Sets `as_root` to what makes a command run with all rights.
find_root() {
    as_root=
    [ "$(id -u)" -ne 0 ] || return 0
    command -v sudo >/dev/null || return 1
    as_root=sudo
    [ -t 0 ] || sudo -n true 2>/dev/null
}

# The lists may be missing or old, so a failure refreshes them.
apt_install() {
    # shellcheck disable=SC2086 # as_root is empty or one word
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q \
        --no-install-recommends -o DPkg::Lock::Timeout=300 "$@" >&2 ||
        { $as_root apt-get update -q >&2 && false; }
}

# Installs packages by name, or says which ones are missing and stops.
need_packages() {
    [ $# -gt 0 ] || return 0
    if ! command -v apt-get >/dev/null || ! find_root; then
        echo "missing packages (there is no right to install them): $*" >&2
        exit 1
    fi
    echo "installing: $*" >&2
    if ! retry apt_install "$@"; then
        echo "these packages could not be installed: $*" >&2
        exit 1
    fi
}

need() {
    missing=
    for word; do
        thing=${word%%=*}
        case $thing in
        /*) [ -e "$thing" ] || missing="$missing ${word#*=}" ;;
        *) command -v "$thing" >/dev/null || missing="$missing ${word#*=}" ;;
        esac
    done
    # shellcheck disable=SC2086 # a list of words
    need_packages $missing
}

# Whether the distribution has a package of this name.
has_package() {
    command -v apt-cache >/dev/null || return 1
    if [ -z "$(apt-cache pkgnames apt)" ] && find_root; then
        $as_root apt-get update -q >&2 || return 1
    fi
    [ -n "$(apt-cache --names-only search "^$1\$")" ]
}
