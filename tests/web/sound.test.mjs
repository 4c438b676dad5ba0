// Sound in a page: after the first gesture and not before, made by the game and not downloaded, off and on, asleep when there is none.
import assert from "node:assert/strict";
import test from "node:test";
import { Game, TURN, house } from "./game.mjs";

const at = house(test);

const sound = (game) => game.page.evaluate(() => globalThis.labyrinthPage.sound);

// Waits until sound stands so; says how it stood if it never does.
async function until(game, what, holds) {
    const end = Date.now() + TURN;
    let now;
    do {
        now = await sound(game);
        if (holds(now)) return now;
        await game.page.waitForTimeout(100);
    } while (Date.now() < end);
    return assert.fail(`${what}: ${JSON.stringify(now)}`);
}

test("sound begins with the first gesture, and turns are heard", async () => {
    const game = await Game.open(at.browser, at.site, "#seed=7&zone=dma");
    await game.screen("raid");
    const before = await sound(game);
    assert.equal(before.state, "waiting", "nothing may sound before a gesture");
    assert.equal(before.played, 0);

    await game.press(".");
    await until(game, "the mixer runs", ({ state }) => state === "running");
    await until(game, "the drone is heard", ({ drone, level }) => drone > 0 && level > 0);
    await until(game, "all sounds are made in the end", ({ kept }) => kept >= 60);
    const { played } = await sound(game);
    await game.press("g");
    await until(game, "a preview or a refusal is heard", (now) => now.played > played);
    assert.deepEqual(game.complaints, [], "the console is quiet");
    await game.close();
});

test("b turns sound off and on, and the mixer sleeps while there is none", async () => {
    const game = await Game.open(at.browser, at.site, "#seed=7&zone=dma");
    await game.screen("raid");
    await game.press(".");
    await until(game, "the drone is wanted", ({ drone }) => drone > 0);
    await game.press("b");
    await until(game, "the drone ends", ({ drone }) => drone === 0);
    await until(game, "the mixer sleeps", ({ state }) => state === "suspended");
    const { played } = await sound(game);
    await game.press(".", ".");
    assert.equal((await sound(game)).played, played, "nothing sounds while it is off");
    await game.press("b");
    await until(game, "it is back", ({ state, drone }) => state === "running" && drone > 0);
    await game.close();
});

test("a browser without a mixer plays on in silence", async () => {
    const game = await Game.open(at.browser, at.site, "#seed=7&zone=dma", {
        before: (context) =>
            context.addInitScript(() => {
                delete globalThis.AudioContext;
                delete globalThis.webkitAudioContext;
            }),
    });
    await game.screen("raid");
    await game.press(".", ".");
    const now = await sound(game);
    assert.equal(now.state, "none");
    assert.equal(now.played, 0);
    await game.close();
});
