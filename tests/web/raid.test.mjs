// Raids typed in the browser are the bots' raids of the desktop: the state hash after every turn is the recorded one.
import assert from "node:assert/strict";
import test from "node:test";
import { Game, house, TURN } from "./game.mjs";
import { shortest } from "./journal.mjs";
import { assertDrawn, difference } from "./picture.mjs";

const at = house(test);

// The end is told a moment after the last turn.
async function assertEnded(game, journal) {
    await game.screen("end");
    const state = await game.state();
    assert.equal(state.over, journal.end.word);
    assert.equal(state.turn, journal.turns.length);
    assert.equal(state.hash, journal.end.hash);
    if (journal.end.word === "extracted") assert.equal(state.pages, journal.end.pages);
}

test("a raid from a link, by keys, to an extraction with loot", { timeout: 900_000 }, async () => {
    const journal = shortest("with loot", (end) => end.word === "extracted" && end.pages > 0);
    const game = await Game.open(at.browser, at.site, `#seed=${journal.seed}&zone=${journal.zone}`);
    await game.screen("raid");
    assert.equal((await game.state()).hash, journal.start, "the state hash before the first turn");
    const start = await game.picture();
    assertDrawn(start, "the start");
    const half = Math.floor(journal.turns.length / 2);
    await game.play(journal, { to: half });
    const middle = await game.picture();
    assertDrawn(middle, "the middle");
    await game.play(journal, { from: half });
    await assertEnded(game, journal);
    const end = await game.picture();
    assertDrawn(end, "the end");
    assert.ok(difference(start, middle) > 1000 && difference(middle, end) > 1000, "the pictures differ");
    game.assertNoComplaints();
    game.assertOwnHostOnly();
    await game.close();
});

test("a raid whose seed is typed at the title, by keys, to NULL; then the same seed again", { timeout: 600_000 }, async () => {
    const journal = shortest("in NULL", (end) => end.word === "null");
    const game = await Game.open(at.browser, at.site);
    await game.screen("title");
    await game.press(...String(journal.seed), "Enter");
    await game.screen("raid");
    assert.equal((await game.state()).hash, journal.start, "the state hash before the first turn");
    await game.play(journal);
    await assertEnded(game, journal);
    assertDrawn(await game.picture(), "the end");

    await game.press("r");
    await game.until(
        "turn 0 of the same raid",
        (start) => labyrinth.screen === "raid" && labyrinth.turn === 0 && labyrinth.hash === start,
        journal.start,
        TURN,
    );
    assert.equal((await game.state()).seed, journal.seed);
    game.assertNoComplaints();
    await game.close();
});
