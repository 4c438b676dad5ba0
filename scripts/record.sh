#!/usr/bin/env bash
# Records the journals that the tests replay, with the rules as they are now.
#
#   scripts/record.sh [BINARY]
#
# Run it when the rules have changed on purpose, and raise RULES_VERSION in src/raid/rules/mod.rs with it.
set -euo pipefail
cd "$(dirname "$0")/.."

game=${1:-${CARGO_TARGET_DIR:-target}/debug/labyrinth}
folder=tests/data/journals
mkdir -p "$folder"
# What people played (hand-*.journal) cannot be recorded again: where it no longer replays, take it out and play anew.
find "$folder" -name '*.journal' ! -name 'hand-*' -delete

# Seeds 1 to 4, and then for each bot raids of every ending it comes to; `labyrinth simulate --csv` finds others.
for raid in novice:1 novice:2 novice:3 novice:4 greedy:1 greedy:2 greedy:3 greedy:4 careful:1 careful:2 careful:3 careful:4 \
    novice:37 novice:41 novice:75 novice:87 greedy:12 greedy:50 greedy:61 greedy:107 greedy:116 \
    careful:6 careful:8 careful:30 careful:39 careful:51 careful:53 careful:108 oracle:1; do
    bot=${raid%:*} seed=${raid#*:}
    "$game" raid --bot "$bot" --seed "$seed" --journal "$folder/dma-$bot-$seed.journal" >/dev/null
done
for zone in dma32 normal; do
    for bot in novice greedy careful; do
        "$game" raid --bot "$bot" --zone "$zone" --seed 1 --journal "$folder/$zone-$bot-1.journal" >/dev/null
    done
done
# With kits and under modifiers: every item and every parameter is in one of them.
while read -r name kit modifiers; do
    options=()
    for modifier in ${modifiers//,/ }; do options+=(--modifier "$modifier"); done
    "$game" raid --bot careful --seed 12 --kit "$kit" "${options[@]}" --journal "$folder/dma-$name-12.journal" >/dev/null
done <<'KITS'
kit-made scan,page_lock,drop_caches page_poison=1,init_on_alloc=1
kit-swap swapon,get_page,compact_memory init_on_free=1,watchdog_thresh=9
kit-safe mempool,oom_score_adj,isolate nosmp,hugepages=4
kit-loud kill,fork,touch_watchdog mem=14M,panic_on_oom=1
kit-marks min_free_kbytes,nr_hugepages,scan nosmp,mem=15M
KITS
for zone in DMA DMA32 Normal; do
    "$game" raid --bot careful --seed 5 --buddyinfo tests/data/buddyinfo.txt --buddyinfo-zone "$zone" \
        --journal "$folder/dma-buddyinfo-$zone.journal" >/dev/null
done
grep -H '^end ' "$folder"/*.journal
