// Links: to a seed, to a replay, and those that are none.
import assert from "node:assert/strict";
import test from "node:test";
import { Game, house, TITLE } from "./game.mjs";
import { shortest } from "./journal.mjs";
import { assertDrawn } from "./picture.mjs";
import { codesIn, exported } from "./profile.mjs";

const at = house(test);

test("a finished raid has a replay link, and the link shows the raid to the same end", { timeout: 600_000 }, async () => {
    const journal = shortest("in NULL", (end) => end.word === "null");
    const game = await Game.open(at.browser, at.site, `#seed=${journal.seed}&zone=${journal.zone}`);
    await game.screen("raid");
    await game.play(journal);
    await game.screen("end");
    const codes = codesIn(await exported(game));
    assert.equal(codes.length, 1, `replay codes in the profile: ${codes}`);
    await game.close();

    // Somebody else, who has never been here.
    const other = await Game.open(at.browser, at.site, `#replay=${codes[0]}`);
    await other.screen("replay");
    assertDrawn(await other.picture(), "the replay");
    await other.until(
        "the end of the replay",
        (hash) => watched.states.some((state) => state.hash === hash && state.over),
        journal.end.hash,
        TITLE,
    );
    const told = await other.page.evaluate(() => watched.states);
    const hashes = [journal.start, ...journal.turns.map((turn) => turn.hash)];
    for (const state of told.filter((state) => state.screen === "replay")) {
        assert.equal(state.hash, hashes[state.turn], `the state hash after turn ${state.turn} of the replay`);
        assert.deepEqual([state.seed, state.zone], [journal.seed, journal.zone]);
    }
    assert.ok(new Set(told.map((state) => state.turn)).size > journal.turns.length / 2, "most turns are shown");
    other.assertNoComplaints();
    await other.close();
});

const damaged = "AQEGZG1hBAAAAAAAAAAAAAAAAAAAAAAA";
for (const [what, fragment, named] of [
    ["a replay that is no code", "#replay=%F0%9F%92%A5", /the link.*replay/],
    ["a replay with nothing in it", "#replay=", /the link.*replay/],
    ["a damaged replay", `#replay=${damaged}`, /the link.*replay/],
    ["a seed in words", "#seed=seven&zone=dma", /the link.*seed.*seven/],
    ["a seed too large", "#seed=99999999999999999999", /the link.*seed/],
    ["a zone that is nowhere", "#seed=7&zone=atlantis", /the link.*atlantis/],
    ["a key that nobody knows", "#sneed=7", /the link.*sneed/],
    ["markup", "#seed=<img src=x onerror=alert(1)>", /the link.*seed/],
]) {
    test(`${what}: a sentence and the title`, async () => {
        const game = await Game.open(at.browser, at.site, fragment);
        await game.screen("title");
        const sentence = await game.assertSaid(named);
        assert.ok(sentence.length < 400, `one sentence: ${sentence}`);
        game.assertNoComplaints();
        await game.close();
    });
}

test("a link with only a seed or only a zone starts a raid", async () => {
    for (const [fragment, zone, seed] of [
        ["#seed=12", "dma", 12],
        ["#zone=dma", "dma", undefined],
        ["#zone=dma&seed=0", "dma", 0],
    ]) {
        const game = await Game.open(at.browser, at.site, fragment);
        await game.screen("raid");
        const state = await game.state();
        assert.equal(state.zone, zone, fragment);
        if (seed !== undefined) assert.equal(state.seed, seed, fragment);
        await game.close();
    }
});

test("another link in the address bar leads there", async () => {
    const game = await Game.open(at.browser, at.site, "#seed=7&zone=dma");
    await game.screen("raid");
    await game.page.evaluate(() => (location.hash = "#seed=8&zone=dma"));
    await game.until("the other raid", () => globalThis.watched?.ready && globalThis.labyrinth?.seed === 8, undefined, TITLE);
    await game.screen("raid");
    game.assertNoComplaints();
    await game.close();
});

test("a very long link does no harm", async () => {
    const game = await Game.open(at.browser, at.site, `#replay=${"A".repeat(500_000)}`);
    await game.screen("title");
    assert.ok((await game.assertSaid(/the link.*replay/)).length < 400, "a short sentence");
    await game.close();
});
