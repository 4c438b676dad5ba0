#!/usr/bin/env bash
# Records the journals that the tests replay, with the rules as they are now.
#
#   scripts/record.sh [BINARY]
#
# Run it when the rules have changed on purpose, and raise RULES_VERSION in src/raid/rules.rs with it.
set -euo pipefail
cd "$(dirname "$0")/.."

game=${1:-${CARGO_TARGET_DIR:-target}/debug/labyrinth}
folder=tests/data/journals
mkdir -p "$folder"
rm -f "$folder"/*.journal

# Seeds 1 to 4, and then for each bot raids of every ending it comes to; `labyrinth simulate --csv` finds others.
for raid in novice:1 novice:2 novice:3 novice:4 greedy:1 greedy:2 greedy:3 greedy:4 careful:1 careful:2 careful:3 careful:4 \
    novice:5 novice:34 novice:61 greedy:11 greedy:12 greedy:15 greedy:45 greedy:126 \
    careful:7 careful:10 careful:13 careful:39 careful:98 careful:117 oracle:1 oracle:2; do
    bot=${raid%:*} seed=${raid#*:}
    "$game" raid --bot "$bot" --seed "$seed" --journal "$folder/dma-$bot-$seed.journal" >/dev/null
done
for zone in dma32 normal; do
    for bot in novice greedy careful; do
        "$game" raid --bot "$bot" --zone "$zone" --seed 1 --journal "$folder/$zone-$bot-1.journal" >/dev/null
    done
done
for zone in DMA DMA32 Normal; do
    "$game" raid --bot careful --seed 5 --buddyinfo tests/data/buddyinfo.txt --buddyinfo-zone "$zone" \
        --journal "$folder/dma-buddyinfo-$zone.journal" >/dev/null
done
grep -H '^end ' "$folder"/*.journal
