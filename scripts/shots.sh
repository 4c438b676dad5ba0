#!/usr/bin/env bash
# Takes the pictures of docs/ of the real game: shows stored raids in a window on a virtual screen, with real keys.
#
#   scripts/shots.sh [BINARY]      default: the debug build; SHOTS=FOLDER puts them elsewhere than docs/
#
# Needs what scripts/e2e.sh needs: Xvfb, xdotool, ImageMagick and a software Vulkan driver (scripts/setup.sh test).
set -euo pipefail
cd "$(dirname "$0")/.."

game=${1:-${CARGO_TARGET_DIR:-target}/debug/labyrinth}
out=${SHOTS:-docs}
journals=tests/data/journals
work=$(mktemp -d "${TMPDIR:-/tmp}/labyrinth-shots.XXXXXX")
screen_pid=
game_pid=

say() { printf 'shots: %s\n' "$*"; }
fail() {
    say "FAILED: $*" >&2
    exit 1
}
stop() {
    [ -n "$1" ] || return 0
    kill "$1" 2>/dev/null || true
    wait "$1" 2>/dev/null || true
}
cleanup() {
    stop "$game_pid"
    stop "$screen_pid"
    rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

driver=
for file in /usr/share/vulkan/icd.d/lvp_icd*.json /etc/vulkan/icd.d/lvp_icd*.json; do
    [ -e "$file" ] && driver=$file && break
done
[ -x "$game" ] || fail "no game at $game; build it with: cargo build"
[ -n "$driver" ] || fail "no software Vulkan driver; run: scripts/setup.sh test"
for tool in Xvfb xdotool import convert; do
    command -v "$tool" >/dev/null || fail "$tool is missing; run: scripts/setup.sh test"
done

export LABYRINTH_HOME=$work/home XDG_RUNTIME_DIR=$work/run VK_ICD_FILENAMES=$driver VK_DRIVER_FILES=$driver
mkdir -m 700 "$XDG_RUNTIME_DIR"
unset WAYLAND_DISPLAY WAYLAND_SOCKET XAUTHORITY
Xvfb -displayfd 5 -screen 0 1280x720x24 -nolisten tcp -noreset 5>"$work/display" 2>"$work/screen.log" &
screen_pid=$!
for _ in $(seq 100); do
    [ -s "$work/display" ] && break
    sleep 0.1
done
[ -s "$work/display" ] || fail "Xvfb named no display within 10 seconds"
DISPLAY=:$(cat "$work/display")
export DISPLAY

# open OPTIONS...: opens the game and waits until its window listens.
open() {
    stop "$game_pid"
    "$game" "$@" >"$work/game.log" 2>&1 &
    game_pid=$!
    for _ in $(seq 240); do
        xdotool search --onlyvisible --name 'Void Labyrinth' >"$work/window" 2>/dev/null && break
        kill -0 "$game_pid" 2>/dev/null || fail "the game ended: $(tail -n 1 "$work/game.log")"
        sleep 0.25
    done
    sleep 3
    # The mouse points at nothing.
    xdotool windowfocus --sync "$(tail -n 1 "$work/window")" mousemove 1276 600
}

key() {
    xdotool key --delay 60 "$@"
    sleep 0.25
}

# steps COUNT: shows so many turns more of a recording.
steps() {
    local left=$1
    while [ "$left" -gt 0 ]; do
        xdotool key Right
        sleep 0.07
        left=$((left - 1))
    done
    sleep 0.8
}

# picture NAME: the window, in few colours and without anything that differs from run to run.
picture() {
    import -window root "$work/$1.png"
    convert "$work/$1.png" -strip +dither -colors 200 -define png:compression-level=9 \
        -define png:exclude-chunks=date,time "PNG8:$out/$1.png"
    say "$out/$1.png, $(wc -c <"$out/$1.png") bytes"
}

# raid ENDING: the first stored raid that ends so, with as many turns before its first grab as make a film.
raid() {
    local file turns
    for file in "$journals"/dma-careful-*.journal "$journals"/dma-greedy-*.journal; do
        grep -q "^end $1 " "$file" || continue
        turns=$(before_grab "$file")
        [ -n "$turns" ] && [ "$turns" -ge 20 ] && echo "$file" && return 0
    done
    fail "no stored raid ends in $1 after a grab"
}

# Turns before the first grab of a journal.
before_grab() {
    grep -E '^(\.|[neswgix]|c[nesw]?|f0x[0-9a-f]+|u[^ ]*) [0-9a-f]{16}$' "$1" | grep -n '^g ' | head -1 | cut -d: -f1 |
        while read -r line; do echo $((line - 1)); done
}

mkdir -p "$out"
won=$(raid extracted)
lost=$(raid null)
say "shows $won and $lost"

# Pressing a key at the start pauses the recording wherever it is: the way back leads to its beginning.
watch() {
    open --watch "$1"
    key space
    for _ in $(seq 60); do xdotool key Left && sleep 0.03; done
    sleep 0.5
}

turns=$(before_grab "$won")
watch "$won"
# The last turns before the grab and the first after it, as a film.
steps $((turns - 11))
frame=100
film() {
    import -window root -resize 640x360 "$work/film-$frame.png"
    frame=$((frame + 1))
}
for _ in $(seq 11); do
    xdotool key Right
    film && film
    sleep 0.12
done
sleep 0.6
xdotool key Right
sleep 0.5
picture raid
for _ in 1 2 3 4 5 6; do film; done
for _ in $(seq 8); do
    xdotool key Right
    film && film
    sleep 0.12
done
convert -delay 20 -loop 0 "$work"/film-*.png -colors 32 +dither -layers OptimizePlus "$out/raid.gif"
say "$out/raid.gif, $(wc -c <"$out/raid.gif") bytes"
[ "$(wc -c <"$out/raid.gif")" -lt 1500000 ] || fail "the film is larger than 1.5 MB"
key m
sleep 0.6
picture overview
key m
key F2
sleep 0.6
picture codex

watch "$lost"
all=$(grep -cE ' [0-9a-f]{16}$' "$lost")
steps "$all"
sleep 2.5
picture end
