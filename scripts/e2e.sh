#!/usr/bin/env bash
# Plays raids and lessons in the real window, on a virtual screen with a software graphics driver, with real key presses.
#
#   scripts/e2e.sh [BINARY]      default: the debug build
#
# A bot plays a raid without a window and keeps its journal; the same commands are then typed into
# the game, one key at a time, and the journal the game keeps must equal the bot's byte for byte. One
# raid is brought home, one is started at the title and ends in NULL. Pictures of each are checked not to
# be blank and to differ. Then every lesson is typed from its first step to its proof, and the proofs are verified.
# E2E_KEEP=FOLDER keeps pictures and journals there; E2E_ONLY=raids or E2E_ONLY=lessons plays only those.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ "$(uname -s)" != Linux ]; then
    echo "e2e: skipped: it needs Linux's X11 test server"
    exit 0
fi

game=${1:-${CARGO_TARGET_DIR:-target}/debug/labyrinth}
driver=
for file in /usr/share/vulkan/icd.d/lvp_icd*.json /etc/vulkan/icd.d/lvp_icd*.json; do
    [ -e "$file" ] && driver=$file && break
done

work=$(mktemp -d "${TMPDIR:-/tmp}/labyrinth-e2e.XXXXXX")
# A profile of its own: nobody's raids are touched, and no raid of theirs is in the way.
export LABYRINTH_HOME=$work/home
screen_pid=
game_pid=

say() { printf 'e2e: %s\n' "$*"; }

stop() {
    [ -n "$1" ] || return 0
    kill "$1" 2>/dev/null || true
    wait "$1" 2>/dev/null || true
}

cleanup() {
    stop "$game_pid"
    stop "$screen_pid"
    if [ -n "${E2E_KEEP:-}" ]; then
        mkdir -p "$E2E_KEEP"
        cp -r "$work"/. "$E2E_KEEP"/
    fi
    rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

fail() {
    say "FAILED: $*" >&2
    if [ -n "${DISPLAY:-}" ]; then import -window root "$work/failed.png" 2>/dev/null || true; fi
    if [ -s "$work/game.log" ]; then
        echo "--- the game's last words:" >&2
        tail -n 15 "$work/game.log" >&2
    fi
    exit 1
}

[ -x "$game" ] || fail "no game at $game; build it with: cargo build"
[ -n "$driver" ] || fail "no software Vulkan driver; run: scripts/setup.sh test"
for tool in Xvfb xdotool import identify compare; do
    command -v "$tool" >/dev/null || fail "$tool is missing; run: scripts/setup.sh test"
done

# Nothing of the desktop this may run on: no screen of its, no compositor, no real graphics card.
unset DISPLAY WAYLAND_DISPLAY WAYLAND_SOCKET XAUTHORITY VK_ICD_FILENAMES VK_DRIVER_FILES
export XDG_RUNTIME_DIR=$work/run XDG_DATA_HOME=$work/data XDG_CONFIG_HOME=$work/config RUST_BACKTRACE=1
mkdir -m 700 "$XDG_RUNTIME_DIR"

# ---- what is missing is said in a sentence -------------------------------------------------------

# one_sentence WHAT PHRASE COMMAND...: the command must fail within its time, with one line and no panic.
one_sentence() {
    local what=$1 phrase=$2 status=0
    shift 2
    timeout 60 "$@" >"$work/out.log" 2>"$work/game.log" || status=$?
    [ "$status" -ne 0 ] || fail "$what: the game ended as if all were well"
    [ "$status" -ne 124 ] || fail "$what: the game hung"
    [ "$status" -lt 128 ] || fail "$what: the game crashed with status $status"
    [ "$(wc -l <"$work/game.log")" -eq 1 ] || fail "$what: expected one line on standard error"
    grep -q "$phrase" "$work/game.log" || fail "$what: expected a line about \"$phrase\""
    if grep -q panicked "$work/game.log"; then fail "$what: a panic"; fi
    say "$what: $(cat "$work/game.log")"
}

one_sentence "no screen" "labyrinth raid --bot" "$game" --seed 7
one_sentence "a screen that is not there" "labyrinth raid --bot" env DISPLAY=:59999 "$game" --seed 7

# ---- the virtual screen --------------------------------------------------------------------------

Xvfb -displayfd 5 -screen 0 1280x720x24 -nolisten tcp -noreset 5>"$work/display" 2>"$work/screen.log" &
screen_pid=$!
for _ in $(seq 100); do
    [ -s "$work/display" ] && break
    kill -0 "$screen_pid" 2>/dev/null || fail "Xvfb did not start: $(tail -n 1 "$work/screen.log")"
    sleep 0.1
done
[ -s "$work/display" ] || fail "Xvfb named no display within 10 seconds"
DISPLAY=:$(cat "$work/display")
export DISPLAY
say "virtual screen $DISPLAY"

one_sentence "no graphics driver" "labyrinth raid --bot" \
    env VK_ICD_FILENAMES=/nonexistent VK_DRIVER_FILES=/nonexistent "$game" --seed 7

export VK_ICD_FILENAMES=$driver VK_DRIVER_FILES=$driver

# ---- a raid to type ------------------------------------------------------------------------------

# A turn in a journal: a command and the state hash after it.
turn_line='^(\.|[neswgix]|c[nesw]?|f0x[0-9a-f]+) [0-9a-f]{16}$'

turns_in() { grep -cE "$turn_line" "$1" 2>/dev/null || true; }

# working STORY: the turns after which work goes on by itself; false if the bot breaks off any of it.
working() {
    awk '/^ *[0-9]+ / { if (work != "" && ($1 != turn + 1 || $2 != work)) exit 1; turn = $1; command = $2; work = "" }
         / turns? more$/ { work = command; print turn }' "$1"
}

# find_raid ENDING BOT...: finds a raid that ends so, the shortest of a few seeds, and keeps its journal.
find_raid() {
    local ending=$1 best=1000000 bot seed turns
    shift
    for bot in "$@"; do
        for seed in $(seq 1 40); do
            "$game" raid --bot "$bot" --seed "$seed" --detail --journal "$work/try" >"$work/story" ||
                fail "labyrinth raid --bot $bot --seed $seed"
            grep -q "^end $ending " "$work/try" || continue
            # Giving back a block means choosing it by eye, which is not typed here.
            if grep -q '^f0x' "$work/try"; then continue; fi
            working "$work/story" >"$work/try.working" || continue
            turns=$(turns_in "$work/try")
            [ "$turns" -ge 10 ] && [ "$turns" -lt "$best" ] || continue
            best=$turns
            mv "$work/try" "$work/$ending.want"
            mv "$work/try.working" "$work/$ending.working"
            echo "$seed $turns $bot" >"$work/$ending.raid"
            if [ "$turns" -le 80 ]; then return 0; fi
        done
        if [ "$best" -lt 1000000 ]; then return 0; fi
    done
    fail "no raid of seeds 1 to 40 by $* ends in $ending"
}

# keys_of COMMAND: the keys a person presses for it.
keys_of() {
    case $1 in
    n) echo Up ;; e) echo Right ;; s) echo Down ;; w) echo Left ;;
    .) echo period ;;
    c) echo c c ;;
    cn) echo c Up ;; ce) echo c Right ;; cs) echo c Down ;; cw) echo c Left ;;
    g) echo g g ;;
    i) echo i i ;;
    x) echo e ;;
    *) return 1 ;;
    esac
}

press() {
    local key
    for key in "$@"; do
        xdotool key --clearmodifiers "$key"
        # Two keys of one command reach the game in different frames, as a person's would.
        [ $# -eq 1 ] || sleep 0.08
    done
}

# wait_for SECONDS COMMAND...: until it is true; false if it is not in time, or if the game is gone.
wait_for() {
    local until=$((${EPOCHREALTIME/[.,]/} + $1 * 1000000))
    shift
    until "$@"; do
        [ "${EPOCHREALTIME/[.,]/}" -lt "$until" ] || return 1
        kill -0 "$game_pid" 2>/dev/null || return 1
        sleep 0.02
    done
}

has_turns() { [ "$(turns_in "$work/got")" -ge "$1" ]; }

# picture NAME: what is on the screen, which must show something; a machine with much to do draws its first frame late.
picture() {
    local colours spread
    for _ in $(seq 20); do
        import -window root "$work/$1.png" || fail "no picture of the screen"
        read -r colours spread < <(identify -format '%k %[fx:int(1000*standard_deviation)]\n' "$work/$1.png")
        [ "$colours" -lt 16 ] || [ "$spread" -lt 10 ] || break
        sleep 1
    done
    [ "$colours" -ge 16 ] && [ "$spread" -ge 10 ] ||
        fail "picture $1 is blank: $colours colours, standard deviation $spread of 1000"
    say "picture $1: $colours colours, standard deviation $spread of 1000"
}

# differ A B: two pictures that must not be the same.
differ() {
    local pixels
    pixels=$(compare -metric AE "$work/$1.png" "$work/$2.png" null: 2>&1 || true)
    pixels=${pixels%% *}
    [ "${pixels%%[.e]*}" -ge 1000 ] || [[ $pixels == *e+* ]] || fail "pictures $1 and $2 differ in only $pixels pixels"
    say "pictures $1 and $2 differ in $pixels pixels"
}

ended() { grep -q '^end ' "$work/got"; }

# open_game OPTION...: starts the game and waits for its window.
open_game() {
    rm -f "$work/got"
    "$game" "$@" >"$work/game.log" 2>&1 </dev/null &
    game_pid=$!
    wait_for 120 xdotool search --onlyvisible --name 'Void Labyrinth' >"$work/window" || fail "no window within 120 seconds"
    # Nothing manages windows here, so keys go where they are told to; the pointer rests beside the map.
    xdotool windowfocus --sync "$(tail -n 1 "$work/window")" mousemove 1276 600
    sleep 2
}

close_game() {
    kill -0 "$game_pid" 2>/dev/null || fail "the game is gone"
    if grep -qiE 'panicked|error' "$work/game.log"; then fail "the game complained"; fi
    stop "$game_pid"
    game_pid=
}

# start_by option|title SEED: opens the game in a raid, by an option or by typing the seed at the title.
start_by() {
    local digits
    if [ "$1" = option ]; then
        open_game --seed "$2" --journal "$work/got"
    else
        open_game --journal "$work/got"
        picture title
        mapfile -t digits < <(grep -o . <<<"$2")
        press "${digits[@]}" Return
    fi
    wait_for 60 test -s "$work/got" || fail "the raid did not start: no journal within 60 seconds"
    sleep 1
}

# type_raid ENDING option|title: types the raid that was found, and compares the journals.
type_raid() {
    local ending=$1 seed turns bot turn command keys want got started
    local want_file=$work/$ending.want
    read -r seed turns bot <"$work/$ending.raid"
    say "seed $seed, started by $2, as the bot \"$bot\" played it: $turns turns, to $ending"
    start_by "$2" "$seed"
    picture "$ending-start"

    mapfile -t commands < <(grep -E "$turn_line" "$want_file" | cut -d' ' -f1)
    started=$SECONDS
    turn=0
    for command in "${commands[@]}"; do
        turn=$((turn + 1))
        # Work of several turns goes on by itself, unless bad news stops it.
        if grep -qx "$((turn - 1))" "$work/$ending.working"; then
            wait_for 3 has_turns "$turn" || true
        fi
        if ! has_turns "$turn"; then
            keys=$(keys_of "$command") || fail "turn $turn: no keys for \"$command\""
            # shellcheck disable=SC2086 # one argument a key
            press $keys
            wait_for 20 has_turns "$turn" || fail "turn $turn: nothing came of \"$keys\" (for \"$command\") within 20 seconds"
        fi
        want=$(sed -n "$((turn + 5))p" "$want_file")
        got=$(sed -n "$((turn + 5))p" "$work/got")
        [ "$want" = "$got" ] || fail "turn $turn: the game's journal says \"$got\", expected \"$want\""
        [ "$turn" -ne $((turns / 2)) ] || picture "$ending-middle"
        [ $((SECONDS - started)) -lt 600 ] || fail "only turn $turn of $turns after 10 minutes"
    done
    wait_for 20 ended || fail "the journal has no end"
    cmp "$work/got" "$want_file" || fail "the game's journal is not the bot's"
    "$game" replay "$work/got" || fail "the journal does not replay"
    cp "$work/got" "$work/$ending.got"
    say "$turns turns typed in $((SECONDS - started)) seconds; the journals are equal byte for byte"
    sleep 2
    picture "$ending-end"
    differ "$ending-start" "$ending-middle"
    differ "$ending-middle" "$ending-end"
}

fresh() { [ -s "$work/got" ] && [ "$(wc -l <"$work/got")" -eq 5 ]; }

# type_lessons: types what leads through each lesson, takes its proof, and goes on to the next.
type_lessons() {
    local lesson input word rest lessons done=0 started=$SECONDS
    mapfile -t lessons < <("$game" lesson | cut -d' ' -f1)
    [ "${#lessons[@]}" -ge 15 ] || fail "only ${#lessons[@]} lessons"
    open_game --lesson "${lessons[0]}"
    picture lesson-start
    for lesson in "${lessons[@]}"; do
        while read -r input; do
            word=${input%% *} rest=${input#* }
            case $word in
            next) press Return ;;
            choose) press $((rest + 1)) ;;
            # A frame is named, an answer and a call are typed.
            *) xdotool type --clearmodifiers --delay 25 "$rest" && press Return ;;
            esac
            sleep 0.1
        done < <("$game" lesson "$lesson" --answers)
        # Enter takes the proof.
        press Return
        done=$((done + 1))
        wait_for 20 has_proofs "$done" || fail "lesson $lesson: no proof within 20 seconds"
        press Down Return
        sleep 0.3
    done
    picture lesson-list
    differ lesson-start lesson-list
    close_game
    "$game" verify "$LABYRINTH_HOME/proofs" >"$work/verified" || fail "the proofs do not verify"
    for lesson in "${lessons[@]}"; do
        grep -q "^lesson $lesson " "$work/verified" || fail "no proof of lesson $lesson"
    done
    say "$done lessons typed in $((SECONDS - started)) seconds; $(wc -l <"$work/verified") proofs verify"
}

has_proofs() { [ "$(wc -l 2>/dev/null <"$LABYRINTH_HOME/proofs")" -ge "$1" ] 2>/dev/null; }

only=${E2E_ONLY:-}
case $only in
'' | raids | lessons) ;;
*) fail "E2E_ONLY is \"$only\", expected raids or lessons" ;;
esac

if [ "$only" != raids ]; then
    type_lessons
fi
if [ "$only" = lessons ]; then
    say "passed in $SECONDS seconds"
    exit 0
fi

find_raid extracted careful greedy novice
find_raid null greedy novice careful

type_raid extracted option
close_game

type_raid null title
press r
wait_for 20 fresh || fail "r at the end did not start the raid anew"
cmp "$work/got" <(head -n 5 "$work/null.want") || fail "r at the end started another raid than the same seed again"
say "the same seed again: the same start"
close_game

say "passed in $SECONDS seconds"
