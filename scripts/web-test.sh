#!/usr/bin/env bash
# Tests the web build in a real browser: loads it, plays raids in it, breaks what can break.
#
#   scripts/web-test.sh [FILE.test.mjs...]     default: every file of tests/web
#
# It needs a build (make web), node, and a Chromium, which is found on PATH or named by CHROMIUM=FILE. The library that
# drives it, npm's playwright-core, is installed at the version that tests/web/package-lock.json fixes; it brings no browser.
# DIST=FOLDER tests another build than dist/.
set -euo pipefail
cd "$(dirname "$0")/.."

fail() {
    printf 'web-test: %s\n' "$*" >&2
    exit 1
}

dist=${DIST:-dist}
[ -s "$dist/index.html" ] || fail "no build at $dist; make one: make web"
DIST=$(cd "$dist" && pwd)
export DIST

command -v node >/dev/null || fail "node is missing; install node 20.11 or newer (Debian's package: nodejs)"
node -e 'const [major, minor] = process.versions.node.split(".").map(Number); process.exit(major > 20 || (major === 20 && minor >= 11) ? 0 : 1)' ||
    fail "node is $(node --version), expected 20.11 or newer"

if [ -n "${CHROMIUM:-}" ]; then
    [ -x "$CHROMIUM" ] || fail "CHROMIUM is \"$CHROMIUM\"; expected a browser's program"
else
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        CHROMIUM=$(command -v $name) && break
    done
    [ -n "${CHROMIUM:-}" ] || fail "no Chromium: install it (Debian's package: chromium; Ubuntu: chromium-browser), or name one with CHROMIUM=FILE"
fi
export CHROMIUM

cd tests/web
# Installed once; again when the lock file asks for something else.
if ! cmp -s package-lock.json node_modules/.installed; then
    command -v npm >/dev/null || fail "npm is missing; it comes with node (Debian's package: npm)"
    npm ci --ignore-scripts --no-audit --no-fund || fail "npm ci in tests/web failed; it needs the network once"
    cp package-lock.json node_modules/.installed
fi

files=("$@")
[ $# -gt 0 ] || files=(*.test.mjs)
printf 'web-test: %s, playwright-core %s, build %s\n' "$("$CHROMIUM" --version 2>/dev/null || echo "$CHROMIUM")" \
    "$(node -p 'require("playwright-core/package.json").version')" "$DIST"

# One file after the other: each has a browser of its own, which draws without a graphics card.
exec node --test --test-concurrency=1 --test-reporter=spec "${files[@]}"
