#!/usr/bin/env bash
# Builds the game for browsers into dist/: compile, bind, shrink, stamp. Steps whose input has not changed are skipped.
#
#   scripts/web.sh          DIST=FOLDER builds into another folder than dist/
#
# Needs the tools of `scripts/setup.sh web`, which it calls itself.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PATH:${CARGO_HOME:-$HOME/.cargo}/bin:/sbin:/usr/sbin"

target=wasm32-unknown-unknown
folder=${CARGO_TARGET_DIR:-target}
tools=${XDG_CACHE_HOME:-$HOME/.cache}/labyrinth-tools
kept=$folder/web-kept
say() { printf 'web: %s\n' "$*"; }
# macOS has the other one of the two.
hash() { if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi; }

scripts/setup.sh web

# ---- compile ------------------------------------------------------------------------------------

# What panics say names files of crates, not where they lie on the machine that built them; those of the project are
# relative as they are. Nothing here may depend on where the project lies: the engine would be built anew for each clone.
home=${CARGO_HOME:-$HOME/.cargo}
flags="--remap-path-prefix=$home/registry/src="
# Between flags stands a character that no path has.
std=()
if rustup target list --installed 2>/dev/null | grep -qx "$target"; then
    cargo=(cargo)
    flags+=$'\x1f'"--remap-path-prefix=$(rustc --print sysroot)="
else
    # A distribution's compiler with the standard library's source; the library is built along.
    cargo=(env RUSTC=/usr/bin/rustc RUSTDOC=/usr/bin/rustdoc RUSTC_BOOTSTRAP=1 /usr/bin/cargo)
    std=(-Zbuild-std=std,panic_abort)
fi
export CARGO_ENCODED_RUSTFLAGS="$flags"
"${cargo[@]}" build --profile web --target "$target" --bin labyrinth "${std[@]}"

# ---- bind and shrink ----------------------------------------------------------------------------

bind=$tools/wasm-bindgen-$(scripts/setup.sh version-of wasm-bindgen)/bin/wasm-bindgen
binaryen=$(scripts/setup.sh version-of binaryen)
built=$folder/$target/web/labyrinth.wasm
# What these two make is kept under the hash of all that goes in; the last few are enough.
key=$({ cat "$built" && echo "$bind $binaryen"; } | hash | cut -c1-16)
if [ ! -e "$kept/$key/labyrinth.wasm" ]; then
    work=$kept/$key.new
    rm -rf "$work"
    mkdir -p "$work"
    say "binding"
    "$bind" --target web --no-typescript --remove-name-section --remove-producers-section \
        --out-dir "$work/bound" --out-name labyrinth "$built"
    say "shrinking, which takes some minutes"
    node --max-old-space-size=12000 "$tools/binaryen-$binaryen/node_modules/binaryen/bin/wasm-opt" -Oz \
        --enable-bulk-memory --enable-nontrapping-float-to-int --enable-sign-ext --enable-mutable-globals \
        --enable-reference-types --enable-multivalue \
        "$work/bound/labyrinth_bg.wasm" -o "$work/labyrinth.wasm"
    mv "$work/bound/labyrinth.js" "$work/labyrinth.js"
    rm -r "$work/bound"
    rm -rf "${kept:?}/$key"
    mv "$work" "$kept/$key"
    # shellcheck disable=SC2012 # the names are hashes
    ls -1t "$kept" | tail -n +4 | while IFS= read -r old; do rm -rf "${kept:?}/$old"; done
fi

# ---- stamp --------------------------------------------------------------------------------------

version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
node web/stamp.mjs --wasm "$kept/$key/labyrinth.wasm" --glue "$kept/$key/labyrinth.js" --version "$version" --out "${DIST:-dist}"
