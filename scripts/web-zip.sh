#!/usr/bin/env bash
# Packs the web build for itch.io: index.html at the root, without the files that only web servers use.
# The same build gives the same bytes.
#
#   scripts/web-zip.sh [FILE]      target/void-labyrinth-web.zip unless told
set -euo pipefail
cd "$(dirname "$0")/.."

case ${1:-} in
/*) out=$1 ;;
*) out=$PWD/${1:-target/void-labyrinth-web.zip} ;;
esac
if [ ! -f dist/index.html ]; then
    echo "web-zip: dist has no index.html: build the page first, with make web" >&2
    exit 1
fi
if ! command -v zip >/dev/null; then
    echo "web-zip: zip is missing (Debian's package: zip)" >&2
    exit 1
fi

copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
(cd dist && find . -type f ! -name '*.br' ! -name '*.gz' ! -name '.*' -print0) | while IFS= read -r -d '' file; do
    mkdir -p "$copy/$(dirname "$file")"
    cp "dist/$file" "$copy/$file"
done
# Times, rights and order are the same everywhere.
find "$copy" -type d -exec chmod 755 {} +
find "$copy" -type f -exec chmod 644 {} +
find "$copy" -exec env TZ=UTC touch -t 202001010000 {} +
mkdir -p "$(dirname "$out")"
rm -f "$out"
(cd "$copy" && find . -type f | sed 's|^\./||' | LC_ALL=C sort | TZ=UTC zip -X -9 -q "$out" -@)

# itch.io's limits for a game that is played in the browser: 1000 files, 500 MB.
echo "web-zip: $out, $(wc -c <"$out") bytes"
