#!/usr/bin/env bash
# Counts the frames drawn in five seconds in which nobody does anything, in a real window: at the title and in a raid.
#
#   scripts/idle.sh [BINARY]      default: the debug build
#
# On a virtual screen with a software graphics driver. Fails if more than one frame a second is drawn.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ "$(uname -s)" != Linux ]; then
    echo "idle: skipped: it needs Linux's X11 test server"
    exit 0
fi

game=${1:-${CARGO_TARGET_DIR:-target}/debug/labyrinth}
most=5
work=$(mktemp -d "${TMPDIR:-/tmp}/labyrinth-idle.XXXXXX")
export LABYRINTH_HOME=$work/home
# Nothing of the desktop this may run on.
unset DISPLAY WAYLAND_DISPLAY WAYLAND_SOCKET XAUTHORITY
for file in /usr/share/vulkan/icd.d/lvp_icd*.json /etc/vulkan/icd.d/lvp_icd*.json; do
    [ ! -e "$file" ] || export VK_ICD_FILENAMES=$file VK_DRIVER_FILES=$file
done
screen_pid=
game_pid=

stop() {
    [ -n "$1" ] || return 0
    kill "$1" 2>/dev/null || true
    wait "$1" 2>/dev/null || true
}
trap 'stop "$game_pid"; stop "$screen_pid"; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

fail() {
    echo "idle: FAILED: $*" >&2
    [ ! -s "$work/log" ] || tail -n 15 "$work/log" >&2
    exit 1
}

[ -x "$game" ] || fail "no game at $game; build it with: cargo build"
for tool in Xvfb xdotool; do command -v "$tool" > /dev/null || fail "$tool is missing: make setup"; done

exec 3> "$work/number"
Xvfb -displayfd 3 -screen 0 1280x720x24 -nolisten tcp > /dev/null 2>&1 &
screen_pid=$!
for _ in $(seq 100); do [ ! -s "$work/number" ] || break; sleep 0.1; done
[ -s "$work/number" ] || fail "no virtual screen"
DISPLAY=:$(cat "$work/number")
export DISPLAY

# Frames of the last five seconds of so many, and the processor's time in them, in hundredths of a second.
measure() { # NAME SECONDS ARGUMENT...
    local name=$1 seconds=$2 before after frames all
    shift 2
    "$game" --frames "$@" > /dev/null 2> "$work/log" &
    game_pid=$!
    sleep "$((seconds - 5))"
    before=$(awk '{ print $14 + $15 }' "/proc/$game_pid/stat") || fail "$name: the game is gone"
    sleep 5
    after=$(awk '{ print $14 + $15 }' "/proc/$game_pid/stat") || fail "$name: the game is gone"
    frames=$(grep '^second ' "$work/log" | tail -n 5 | awk '{ sum += $3 } END { print sum + 0 }')
    all=$(grep '^second ' "$work/log" | awk '{ sum += $3 } END { print sum + 0 }')
    stop "$game_pid"
    game_pid=
    [ "$all" -gt 0 ] || fail "$name: no frame was ever drawn"
    printf 'idle: %-6s %3s frames in 5 s, %3s hundredths of a second of processor time (%s frames since the start)\n' \
        "$name" "$frames" "$((after - before))" "$all"
    [ "$frames" -le "$most" ] || fail "$name: $frames frames in 5 s, expected at most $most"
}

# Half a minute after the last key the labyrinth behind the title rests.
measure title 50
measure raid 20 --seed 7
