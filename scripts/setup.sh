#!/usr/bin/env bash
# Installs what the game needs and this machine lacks. Changes nothing when nothing is missing.
#
#   scripts/setup.sh play    a Rust toolchain, what the build links with, what a window needs
#   scripts/setup.sh test    the same, and what the end-to-end test needs: a virtual screen, key presses, pictures
#   scripts/setup.sh web     what the build for browsers needs: the wasm target, wasm-bindgen, node, binaryen
#   scripts/setup.sh browser what the tests in a browser need: node, Chromium
#   scripts/setup.sh version-of wasm-bindgen|binaryen    which version of that tool the build uses
set -euo pipefail

wanted=${1:-play}
# wasm-bindgen's program must be of the version of its crate.
version_of() {
    case $1 in
    wasm-bindgen) sed -n '/^name = "wasm-bindgen"$/{n;s/^version = "\(.*\)"$/\1/p;}' "$(dirname "$0")/../Cargo.lock" ;;
    binaryen) echo 132.0.0 ;;
    *) return 1 ;;
    esac
}

case $wanted in
play | test | web | browser) ;;
version-of)
    version_of "${2:-}" || {
        echo "usage: scripts/setup.sh version-of wasm-bindgen|binaryen" >&2
        exit 2
    }
    exit 0
    ;;
*)
    echo "usage: scripts/setup.sh play|test|web|browser" >&2
    exit 2
    ;;
esac

rust_wanted=1.95
export PATH="$PATH:${CARGO_HOME:-$HOME/.cargo}/bin:/sbin:/usr/sbin"

say() { printf 'setup: %s\n' "$*"; }
give_up() {
    printf 'setup: %s\n' "$*" >&2
    exit 1
}

# ---- what is missing ---------------------------------------------------------------------------

# Each check asks for the thing itself, not for a package: what came another way counts as well.
has_command() { command -v "$1" >/dev/null 2>&1; }
has_module() { has_command pkg-config && pkg-config --exists "$1"; }
libraries=$(ldconfig -p 2>/dev/null || true)
has_library() { [[ $libraries == *"$1 "* ]]; }

# A Vulkan driver: any for playing (a real card's is preferred, so none is added to it), Mesa's
# software one for the test, which must see the same pixels everywhere.
has_driver() {
    local folder file
    if [ "$1" = any ] && [ -n "${VK_DRIVER_FILES:-${VK_ICD_FILENAMES:-}}" ]; then return 0; fi
    for folder in /usr/share/vulkan/icd.d /usr/local/share/vulkan/icd.d /etc/vulkan/icd.d \
        "${XDG_DATA_HOME:-$HOME/.local/share}/vulkan/icd.d"; do
        for file in "$folder"/*.json; do
            [ -e "$file" ] || continue
            case $1:$file in any:* | software:*/lvp_icd*) return 0 ;; esac
        done
    done
    return 1
}

manager=none
for candidate in apt-get dnf pacman brew; do
    if has_command "$candidate"; then
        manager=$candidate
        break
    fi
done

packages=()
reasons=()
# need REASON APT DNF PACMAN CHECK...: unless the check holds, note the package that brings the thing.
need() {
    local reason=$1 apt=$2 dnf=$3 pacman=$4 package
    shift 4
    if "$@"; then return 0; fi
    case $manager in
    apt-get | none) package=$apt ;;
    # Homebrew is asked for node and Chromium only, and node brings npm.
    brew) package=${apt/#nodejs/node} package=${package/#npm/node} ;;
    dnf) package=$dnf ;;
    pacman) package=$pacman ;;
    esac
    packages+=("$package")
    reasons+=("$reason")
}

has_node() { has_command node && [ "$(node -p 'parseInt(process.versions.node)')" -ge 20 ]; }
has_chromium() {
    [ -n "${CHROMIUM:-}" ] || has_command chromium || has_command chromium-browser || has_command google-chrome ||
        has_command google-chrome-stable
}

case $wanted:$(uname -s) in
web:*)
    need "node 20 or newer" nodejs nodejs nodejs has_node
    need "npm" npm npm npm has_command npm
    ;;
browser:*)
    need "node 20 or newer" nodejs nodejs nodejs has_node
    need "npm" npm npm npm has_command npm
    need "Chromium" chromium chromium chromium has_chromium
    ;;
*:Linux)
    has_c_compiler() { has_command cc && printf 'int main(void){return 0;}' | cc -x c - -o /dev/null 2>/dev/null; }
    need "a C compiler and linker" "gcc libc6-dev" gcc gcc has_c_compiler
    can_get_rust() { has_command cargo || has_command rustup || has_command curl; }
    need "curl, to fetch Rust with" "curl ca-certificates" curl curl can_get_rust
    need "pkg-config" pkg-config pkgconf-pkg-config pkgconf has_command pkg-config
    need "ALSA headers" libasound2-dev alsa-lib-devel alsa-lib has_module alsa
    need "Wayland headers" libwayland-dev wayland-devel wayland has_module wayland-client
    need "xkbcommon for X11" libxkbcommon-x11-0 libxkbcommon-x11 libxkbcommon-x11 has_library libxkbcommon-x11.so.0
    need "Xlib over XCB" libx11-xcb1 libX11-xcb libx11 has_library libX11-xcb.so.1
    need "X cursors" libxcursor1 libXcursor libxcursor has_library libXcursor.so.1
    need "X input" libxi6 libXi libxi has_library libXi.so.6
    need "the Vulkan loader" libvulkan1 vulkan-loader vulkan-icd-loader has_library libvulkan.so.1
    if [ "$wanted" = play ]; then
        need "a Vulkan driver" mesa-vulkan-drivers mesa-vulkan-drivers vulkan-swrast has_driver any
    else
        need "the software Vulkan driver" mesa-vulkan-drivers mesa-vulkan-drivers vulkan-swrast has_driver software
        need "a virtual screen" xvfb xorg-x11-server-Xvfb xorg-server-xvfb has_command Xvfb
        need "key presses for the test" xdotool xdotool xdotool has_command xdotool
        need "screenshots for the test" imagemagick ImageMagick imagemagick has_command import
    fi
    ;;
*:Darwin)
    # macOS brings its own window system and graphics; only the command line tools can be missing.
    if ! xcode-select -p >/dev/null 2>&1; then
        give_up "the command line tools are missing; run: xcode-select --install"
    fi
    ;;
*)
    say "this system is not known here; the game needs a C linker and Rust $rust_wanted"
    ;;
esac

# ---- install it --------------------------------------------------------------------------------

if [ ${#packages[@]} -gt 0 ]; then
    missing=$(printf '%s, ' "${reasons[@]}")
    say "missing: ${missing%, }"
    read -ra list <<<"${packages[*]}"
    case $manager in
    apt-get) install=(env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${list[@]}") ;;
    dnf) install=(dnf install -y "${list[@]}") ;;
    pacman) install=(pacman -S --needed --noconfirm "${list[@]}") ;;
    brew) install=(brew install "${list[@]}") ;;
    *) give_up "no package manager known here (apt, dnf, pacman); Debian calls the packages: ${list[*]}" ;;
    esac
    as_root=()
    # Homebrew works for the user alone and refuses root.
    if [ "$(id -u)" -ne 0 ] && [ "$manager" != brew ]; then
        if ! has_command sudo; then
            give_up "not root and no sudo here; as root, run: ${install[*]}"
        fi
        as_root=(sudo)
    fi
    if [ "$manager" = apt-get ]; then
        say "${as_root[*]:+${as_root[*]} }apt-get update"
        "${as_root[@]}" apt-get update -qq </dev/null || say "apt-get update failed; trying with the lists at hand"
    fi
    say "${as_root[*]:+${as_root[*]} }${install[*]}"
    "${as_root[@]}" "${install[@]}" || give_up "the package manager failed; the game needs: ${list[*]}"
fi

# ---- Rust --------------------------------------------------------------------------------------

# older A B: true if version A is older than version B (major.minor).
older() {
    local a_major=${1%%.*} b_major=${2%%.*} a_minor b_minor
    a_minor=${1#*.}
    b_minor=${2#*.}
    [ "$a_major" -lt "$b_major" ] || { [ "$a_major" -eq "$b_major" ] && [ "${a_minor%%.*}" -lt "${b_minor%%.*}" ]; }
}
rust_found() { cargo --version 2>/dev/null | sed -n 's/^cargo \([0-9]*\.[0-9]*\).*/\1/p'; }

found=$(rust_found || true)
if [ -z "$found" ] || older "$found" "$rust_wanted"; then
    say "Rust ${found:-is missing}, $rust_wanted or newer is needed"
    if has_command rustup; then
        say "rustup toolchain install stable"
        rustup toolchain install stable --profile minimal --component rustfmt --component clippy
        found=$(RUSTUP_TOOLCHAIN=stable rust_found)
        older "${found:-0.0}" "$rust_wanted" && give_up "Rust's stable toolchain is ${found:-missing}, expected $rust_wanted or newer"
        if older "$(rust_found)" "$rust_wanted"; then rustup default stable; fi
    elif has_command curl; then
        say "installing Rust for this user with rustup (https://rustup.rs)"
        curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs |
            sh -s -- -y --no-modify-path --profile minimal --component rustfmt --component clippy
    else
        give_up "neither cargo, rustup nor curl is here; install Rust $rust_wanted or newer from https://rustup.rs"
    fi
    found=$(rust_found || true)
    if [ -z "$found" ] || older "$found" "$rust_wanted"; then
        give_up "Rust is ${found:-still missing}, expected $rust_wanted or newer; see https://rustup.rs"
    fi
fi
if [ "$wanted" = test ]; then
    for tool in fmt clippy; do
        cargo "$tool" --version >/dev/null 2>&1 && continue
        has_command rustup || give_up "cargo $tool is missing; install it with your Rust toolchain"
        component=$tool
        [ "$tool" = fmt ] && component=rustfmt
        say "rustup component add $component"
        rustup component add "$component"
    done
fi

# ---- the tools of the web build ----------------------------------------------------------------

if [ "$wanted" = web ]; then
    target=wasm32-unknown-unknown
    has_target() { rustup target list --installed 2>/dev/null | grep -qx "$target"; }
    has_debian() { [ -d "$(/usr/bin/rustc --print sysroot 2>/dev/null)/lib/rustlib/src/rust/library" ]; }
    if ! has_target && ! { has_command rustup && say "rustup target add $target" && rustup target add "$target" && has_target; } && ! has_debian; then
        if [ "$manager" != apt-get ]; then
            give_up "rustup cannot fetch the target $target, and only Debian is known to have a compiler with it"
        fi
        say "no wasm target by rustup; installing Debian's compiler for it"
        as_root=()
        if [ "$(id -u)" -ne 0 ]; then as_root=(sudo); fi
        "${as_root[@]}" apt-get update -qq </dev/null || true
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
            rustc-web cargo-web rust-web-src rust-web-llvm lld-22 wasi-libc || give_up "neither rustup nor apt has a compiler for $target"
    fi
    tools=${XDG_CACHE_HOME:-$HOME/.cache}/labyrinth-tools
    bind=$tools/wasm-bindgen-$(version_of wasm-bindgen)
    if [ ! -x "$bind/bin/wasm-bindgen" ]; then
        say "cargo install wasm-bindgen-cli $(version_of wasm-bindgen), about two minutes"
        (cd / && CARGO_TARGET_DIR=$tools/build cargo install wasm-bindgen-cli --version "$(version_of wasm-bindgen)" --root "$bind" --quiet)
        rm -rf "$tools/build"
    fi
    binaryen=$tools/binaryen-$(version_of binaryen)
    if [ ! -e "$binaryen/node_modules/binaryen/bin/wasm-opt" ]; then
        say "npm install binaryen@$(version_of binaryen)"
        mkdir -p "$binaryen"
        npm install --silent --no-fund --no-audit --prefix "$binaryen" "binaryen@$(version_of binaryen)"
    fi
fi
case $wanted in
play | test) say "everything needed to $wanted is here" ;;
web) say "everything needed to build for browsers is here" ;;
browser) say "everything needed to test in a browser is here" ;;
esac
