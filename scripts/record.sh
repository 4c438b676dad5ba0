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

for bot in novice greedy careful; do
    for seed in 1 2 3 4; do
        "$game" raid --bot "$bot" --seed "$seed" --journal "$folder/dma-$bot-$seed.journal" >/dev/null
    done
done
for zone in DMA DMA32 Normal; do
    "$game" raid --bot careful --seed 5 --buddyinfo tests/data/buddyinfo.txt --buddyinfo-zone "$zone" \
        --journal "$folder/dma-buddyinfo-$zone.journal" >/dev/null
done
grep -H '^end ' "$folder"/*.journal
