#!/usr/bin/env bash
# Builds the bare pages of benches/web and measures the web build against them; figures go to target/bench/web.json.
#
#   scripts/web-bench.sh [ROUNDS]     default: 5. Building the bare pages takes half an hour on two cores, once.
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${1:-5}
[[ $rounds =~ ^[1-9][0-9]?$ ]] || {
    echo "web-bench: found \"$rounds\", expected a number of rounds from 1 to 99" >&2
    exit 2
}
scripts/setup.sh web
scripts/setup.sh browser
[ -s dist/index.html ] || {
    echo "web-bench: no dist/; build it: make web" >&2
    exit 1
}
tools=${XDG_CACHE_HOME:-$HOME/.cache}/labyrinth-tools
bind=$tools/wasm-bindgen-$(scripts/setup.sh version-of wasm-bindgen)/bin/wasm-bindgen
opt=$tools/binaryen-$(scripts/setup.sh version-of binaryen)/node_modules/binaryen/bin/wasm-opt
target=wasm32-unknown-unknown
folder=${CARGO_TARGET_DIR:-$PWD/target}/web-baseline
if rustup target list --installed 2>/dev/null | grep -qx "$target"; then
    cargo=(cargo)
    std=()
else
    cargo=(env RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 /usr/bin/cargo)
    std=(-Zbuild-std=std,panic_abort)
fi

# page NAME [FEATURE...]: builds a bare page into its folder, shrunk as the game is.
page() {
    local name=$1 built=$folder/$target/release/$1.wasm key
    shift
    (cd benches/web && CARGO_TARGET_DIR=$folder "${cargo[@]}" build --release --locked --target "$target" --bin "$name" "${std[@]}" "$@")
    key=$(sha256sum "$built" | cut -c1-16)
    if [ "$(cat "$folder/$name.key" 2>/dev/null)" != "$key" ]; then
        rm -rf "$folder/$name.bound"
        "$bind" --target web --no-typescript --remove-name-section --remove-producers-section \
            --out-dir "$folder/$name.bound" --out-name labyrinth "$built"
        node --max-old-space-size=12000 "$opt" -Oz --enable-bulk-memory --enable-nontrapping-float-to-int \
            --enable-sign-ext --enable-mutable-globals --enable-reference-types --enable-multivalue \
            "$folder/$name.bound/labyrinth_bg.wasm" -o "$folder/$name.bound/opt.wasm"
        echo "$key" >"$folder/$name.key"
    fi
    node web/stamp.mjs --wasm "$folder/$name.bound/opt.wasm" --glue "$folder/$name.bound/labyrinth.js" --version 0 --out "$folder/$name.page"
}
page bare
page tilemap --features tilemap

cargo build --no-default-features --quiet
LABYRINTH=$(cd "${CARGO_TARGET_DIR:-target}/debug" && pwd)/labyrinth
export LABYRINTH
(cd tests/web && { cmp -s package-lock.json node_modules/.installed || { npm ci --ignore-scripts --no-audit --no-fund && cp package-lock.json node_modules/.installed; }; })
node tests/web/measure.mjs dist "$folder/bare.page" "$folder/tilemap.page" --rounds "$rounds" --json target/bench/web.json
