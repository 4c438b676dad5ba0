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

test("another link in the address bar leads there, and gives up no raid unasked", async () => {
    const game = await Game.open(at.browser, at.site, "#seed=7&zone=dma");
    await game.screen("raid");
    await game.press(".");
    assert.ok(await game.played(1, 30_000));
    const { hash } = await game.state();
    const follow = async (fragment) => {
        await Promise.all([
            game.page.waitForEvent("load", { timeout: TITLE }),
            game.page.evaluate((fragment) => (location.hash = fragment), fragment),
        ]);
        await game.ready();
    };

    // The unfinished raid and the one the link names are both offered; Enter takes the first.
    await follow("#seed=8&zone=dma");
    await game.screen("title");
    await game.assertSaid(/^Continue, marked$/);
    await game.assertSaid(/^The raid asked for/);
    await game.press("Enter");
    await game.screen("raid");
    assert.equal((await game.state()).hash, hash);

    // Giving up the unfinished one takes a second press.
    await follow("#seed=8&zone=dma");
    await game.screen("title");
    await game.press("ArrowDown", "Enter");
    await game.until("a question", () => document.getElementById("description").textContent.includes("Give the other raid up?"));
    assert.equal((await game.state()).screen, "title");
    await game.press("Enter");
    await game.screen("raid");
    assert.deepEqual([(await game.state()).seed, (await game.state()).turn], [8, 0]);

    // A link to the very raid that is unfinished goes on with it.
    await game.press(".");
    assert.ok(await game.played(1, 30_000));
    const other = (await game.state()).hash;
    await game.goto();
    await game.goto("#seed=8&zone=dma");
    await game.ready();
    await game.screen("raid");
    assert.equal((await game.state()).hash, other);
    game.assertNoComplaints();
    await game.close();
});

test("a very long link does no harm", async () => {
    const game = await Game.open(at.browser, at.site, `#replay=${"A".repeat(500_000)}`);
    await game.screen("title");
    assert.ok((await game.assertSaid(/the link.*replay/)).length < 400, "a short sentence");
    await game.close();
});
