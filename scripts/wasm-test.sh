#!/usr/bin/env bash
# Runs the tests that need no engine as wasm32 under node, and shows that the rules compute there what they compute here.
#
#   scripts/wasm-test.sh [NAME...]      default: the library's unit tests and every test that does not start the program
#
# A page's code is wasm32: 32-bit addresses, no threads, a panic that aborts. The same code is built here for
# wasm32-wasip1, which differs only in having files and a clock, so that the tests themselves can run. The target comes
# from rustup; where rustup is missing or has nothing to fetch from, from Debian's rustc-web with the standard library
# built from source. WASM_TOOLCHAIN=rustup or =debian asks for one of them.
#
# After the tests every stored journal, and raids that are stored nowhere, are replayed by the desktop's program and by
# the same program as wasm32: each turn's state hash must be the recorded one on both, and all they print must be equal.
set -euo pipefail
cd "$(dirname "$0")/.."

# What cannot run there, as part of a test's name, and why.
left_out=(
    'storage::tests::|files are replaced by way of a name made from the process id, and wasm32 has no processes'
    'a_folder_|the same: profiles in a folder are such files; a page keeps them in its storage'
    'many_at_once_do_not_corrupt_a_folder|the same, and it starts threads, which wasm32 has none of'
)

target=wasm32-wasip1
mkdir -p "${CARGO_TARGET_DIR:-target}"
folder=$(cd "${CARGO_TARGET_DIR:-target}" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/labyrinth-wasm.XXXXXX")
trap 'rm -rf "$work"' EXIT
export PATH="$PATH:${CARGO_HOME:-$HOME/.cargo}/bin"
started=$SECONDS

say() { printf 'wasm-test: %s\n' "$*"; }
fail() {
    printf 'wasm-test: FAILED: %s\n' "$*" >&2
    exit 1
}

# ---- node and a compiler -------------------------------------------------------------------------

command -v node >/dev/null || fail "node is missing; install node 20 or newer (Debian's package: nodejs)"
node -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 20 ? 0 : 1)' ||
    fail "node is $(node --version), expected 20 or newer"

has_std() { compgen -G "$("$1" --print target-libdir --target $target 2>/dev/null)/libstd-*.rlib" >/dev/null; }
debian_packages='rustc-web cargo-web rust-web-src rust-web-llvm lld-22 wasi-libc'
has_debian() { [ -x /usr/bin/rustc ] && [ -x /usr/bin/cargo ] && [ -d /usr/lib/rustlib/src ] && [ -d /usr/lib/wasm32-wasi ]; }

choose_toolchain() {
    if command -v rustc >/dev/null && has_std rustc; then
        echo rustup
    elif command -v rustup >/dev/null && rustup target add $target >&2; then
        echo rustup
    elif has_debian; then
        echo debian
    else
        echo none
    fi
}

toolchain=${WASM_TOOLCHAIN:-$(choose_toolchain)}
case $toolchain in
rustup)
    has_std rustc || rustup target add $target || fail "rustup cannot add the target $target"
    cargo=(cargo)
    build_std=()
    wasm_folder=$folder
    ;;
debian)
    has_debian || fail "Debian's compiler for $target is missing; install: $debian_packages"
    # Of another version than the desktop's, so its own folder.
    wasm_folder=$folder/debian
    # rustup brings its own C library for WASI; Debian's is older than the standard library and lacks a few functions
    # (threads, realpath, fchmod). They become imports, and the runner ends a program that calls one.
    wasi_libc=/usr/lib/wasm32-wasi
    flags=(-Clink-self-contained=no "-Clink-arg=$wasi_libc/crt1-command.o" "-Lnative=$wasi_libc" -Clink-arg=--allow-undefined)
    export CARGO_TARGET_WASM32_WASIP1_RUSTFLAGS="${flags[*]}"
    cargo=(env "RUSTC=/usr/bin/rustc" "RUSTC_BOOTSTRAP=1" /usr/bin/cargo)
    build_std=(-Zbuild-std=std,panic_abort,test)
    ;;
none) fail "no compiler for $target: rustup cannot add it, and Debian's packages are missing: $debian_packages" ;;
*) fail "WASM_TOOLCHAIN is \"$toolchain\"; expected rustup or debian" ;;
esac
say "node $(node --version), $("${cargo[@]}" --version), target $target ($toolchain)"

runner=(node --disable-warning=ExperimentalWarning tests/web/wasi-run.mjs)
export CARGO_TARGET_WASM32_WASIP1_RUNNER="${runner[*]}"

# ---- the tests -----------------------------------------------------------------------------------

if [ $# -gt 0 ]; then
    chosen=()
    for name in "$@"; do chosen+=(--test "$name"); done
else
    chosen=(--lib)
    for file in tests/*.rs; do
        # WASI has no way to start one.
        if grep -q CARGO_BIN_EXE_ "$file"; then
            say "left out: $file: it starts the program"
        else
            chosen+=(--test "$(basename "$file" .rs)")
        fi
    done
fi

skip=()
for entry in "${left_out[@]}"; do skip+=(--skip "${entry%%|*}"); done

wasm_test() {
    CARGO_TARGET_DIR=$wasm_folder "${cargo[@]}" test --no-default-features --target $target "${build_std[@]}" \
        --no-fail-fast "${chosen[@]}" -- --no-capture "$@"
}

status=0
wasm_test "${skip[@]}" 2>&1 | tee "$work/tests.log" || status=$?

if [ $# -eq 0 ]; then
    wasm_test --list >"$work/list.log" 2>/dev/null || fail "the tests cannot be listed"
    for entry in "${left_out[@]}"; do
        count=$(grep -c -F -- "${entry%%|*}" "$work/list.log" || true)
        say "left out: $count tests named ${entry%%|*}: ${entry#*|}"
        [ "$count" -gt 0 ] || fail "no test is named ${entry%%|*} any more; take it off the list in scripts/wasm-test.sh"
    done
fi

# A program that is aborted prints no result line; then it is the status that tells.
read -r passed failed programs < <(awk '/^test result: / { passed += $4; failed += $6; programs++ }
    END { print passed + 0, failed + 0, programs + 0 }' "$work/tests.log")
[ "$status" -eq 0 ] || fail "$passed tests passed, $failed failed in $programs programs that came to their end; status $status"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ] || fail "$passed tests passed, $failed failed"
if [ $# -gt 0 ]; then
    say "$passed tests passed in $programs programs in $((SECONDS - started)) seconds"
    exit 0
fi
grep -qE '^test the_stored_journals_replay \.\.\. ok$' "$work/tests.log" || fail "the_stored_journals_replay did not run"

# ---- the same raids here and there ---------------------------------------------------------------

CARGO_TARGET_DIR=$folder cargo build --no-default-features --quiet
here=$folder/debug/labyrinth
there=$wasm_folder/$target/debug/labyrinth.wasm
[ -s "$there" ] || fail "there is no $there"
on_wasm() { "${runner[@]}" "$there" "$@"; }

# equal WHAT ARGUMENT...: the program must say the same here and there, and end well.
equal() {
    local what=$1
    shift
    "$here" "$@" >"$work/here" 2>&1 || fail "$what, on the desktop: $(tail -n 1 "$work/here")"
    on_wasm "$@" >"$work/there" 2>&1 || fail "$what, as wasm32: $(tail -n 1 "$work/there")"
    cmp "$work/here" "$work/there" || fail "$what: the desktop and wasm32 differ"
}

replayed=0
turns=0
for journal in tests/data/journals/*.journal; do
    equal "$journal" replay "$journal"
    grep -q 'all state hashes equal' "$work/there" || fail "$journal: $(cat "$work/there")"
    replayed=$((replayed + 1))
    turns=$((turns + $(sed -n 's/^\([0-9]*\) turns replayed.*/\1/p' "$work/there")))
done
[ "$replayed" -ge 12 ] || fail "only $replayed journals are stored"
say "$replayed stored journals, $turns turns: the state hash of every turn is the recorded one, here and there"

# Raids that are stored nowhere: told turn by turn, with all the allocator did in sight and the report at the end.
told=0
for bot in novice greedy careful; do
    for seed in 101 102 103 999999999; do
        equal "the bot $bot with seed $seed" raid --bot "$bot" --seed "$seed" --detail
        told=$((told + 1))
    done
done
say "$told other raids: the same story here and there, line by line"

# That equality says something: a journal with one wrong digit must be refused there as here.
sample=$(find tests/data/journals -name '*.journal' | LC_ALL=C sort | head -n 1)
mkdir "$work/wrong"
awk 'NR == 20 { last = substr($0, length($0)); $0 = substr($0, 1, length($0) - 1) (last == "0" ? "1" : "0") } { print }' \
    "$sample" >"$work/wrong/wrong.journal"
house=$PWD
cd "$work/wrong"
"$here" replay wrong.journal >here 2>&1 && fail "a journal with a wrong state hash was accepted here"
node --disable-warning=ExperimentalWarning "$house/tests/web/wasi-run.mjs" "$there" replay wrong.journal >there 2>&1 &&
    fail "a journal with a wrong state hash was accepted as wasm32"
cmp here there || fail "a wrong state hash is refused otherwise here than there"
grep -q 'line 20' here || fail "a wrong state hash in line 20 was refused as: $(cat here)"
cd "$house"
say "a wrong digit in line 20 of a journal is refused here and there"

say "passed: $passed tests in $programs programs, $replayed journals, $told other raids; $((SECONDS - started)) seconds"
