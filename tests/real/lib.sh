# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# What the build scripts of the real programs share: having a tool, having the
# source of a distribution's package, and knowing that nothing must be done.
# Everything lands in $REAL, nothing on the machine changes but the packages
# that are missing.

REAL_SKIP=77 # exit code of a build script: "cannot be had here", with a reason

: "${REAL:?where the programs are built}"

say() {
    echo "real: $*" >&2
}

die() {
    say "$*"
    exit 1
}

skip() {
    say "$*"
    exit "$REAL_SKIP"
}

# Networks fail for a moment: four tries, a little further apart each time.
retry() {
    try=1
    until "$@"; do
        [ "$try" -lt 4 ] || return 1
        sleep $((try * 5))
        try=$((try + 1))
    done
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo -n "$@"
    fi
}

package_here() {
    dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q 'ok installed'
}

# Installs the named packages that are missing; without the rights to do so it
# names them and stops.
need_packages() {
    missing=
    for package in "$@"; do
        package_here "$package" || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    as_root true 2>/dev/null || die "please install:$missing"
    say "installing$missing"
    # shellcheck disable=SC2086 # a list of names
    retry apt_install $missing || die "could not install:$missing"
}

apt_install() {
    as_root apt-get update -qq >&2 || true
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
        --no-install-recommends -o DPkg::Lock::Timeout=300 "$@" >&2
}

# Whether the distribution has a package at all.
package_known() {
    apt-cache show "$1" >/dev/null 2>&1 && return 0
    as_root apt-get update -qq >&2 || true
    apt-cache show "$1" >/dev/null 2>&1
}

# A package list of our own, with sources, made of the machine's entries for
# its own release: apt's configuration stays as it is and no rights are needed.
apt_private_setup() {
    apt=$REAL/apt
    [ -f "$apt/ready" ] && return 0
    rm -rf "$apt"
    mkdir -p "$apt/parts" "$apt/lists/partial" "$apt/cache/archives/partial"
    release=$(. /etc/os-release && echo "$VERSION_CODENAME")
    for file in /etc/apt/sources.list /etc/apt/sources.list.d/*; do
        [ -f "$file" ] || continue
        case $file in
        *.sources)
            grep -Eq "^Suites:(.* )?$release( |$)" "$file" || continue
            sed 's/^Types:.*/Types: deb deb-src/' "$file"
            ;;
        *.list)
            grep -E "^deb(-src)? .* $release(-updates|-security)? " "$file" |
                sed -E 's/^deb(-src)? (.*)/deb \2\ndeb-src \2/' | sort -u
            ;;
        *) continue ;;
        esac >"$apt/parts/$(basename "$file")"
    done
    cat >"$apt/conf" <<EOF
Dir::State::lists "$apt/lists";
Dir::Cache "$apt/cache";
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "$apt/parts";
APT::Sandbox::User "";
EOF
    APT_CONFIG=$apt/conf retry apt-get update -qq >&2 &&
        touch "$apt/ready"
}

# apt_private COMMAND...: apt-get with that list, in the current folder.
apt_private() {
    apt_private_setup || die "could not read the package lists"
    APT_CONFIG=$REAL/apt/conf retry apt-get -qq "$@" >&2
}

# source_package NAME FOLDER: the source of a package, unpacked and patched.
source_package() {
    [ -f "$2/.unpacked" ] && return 0
    need_packages dpkg-dev xz-utils
    rm -rf "$2" "$2.download"
    mkdir -p "$2.download"
    (
        cd "$2.download" || exit 1
        apt_private source --download-only "$1"
        dpkg-source --no-check -x ./*.dsc tree >/dev/null
    ) || die "could not get the source of $1"
    mv "$2.download/tree" "$2"
    rm -rf "$2.download"
    touch "$2/.unpacked"
}

# up_to_date FILE SOURCE...: FILE exists and no source is newer.
up_to_date() {
    made=$1
    shift
    [ -f "$made" ] && [ -z "$(find "$@" -type f -newer "$made")" ]
}

# both COMMAND1 COMMAND2: two functions at the same time.
both() {
    "$1" &
    first=$!
    second_code=0
    "$2" || second_code=$?
    wait "$first" && [ "$second_code" -eq 0 ]
}

need_c_for_wasi() {
    need_packages gcc libc6-dev make clang-19 lld-19 wasi-libc \
        libclang-rt-19-dev-wasm32
}
