// A phone held upright: the raids that keys can play can be played with a finger, to the same state hashes.
import assert from "node:assert/strict";
import test from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Game, house, TURN } from "./game.mjs";
import { shortest } from "./journal.mjs";
import { assertDrawn, difference } from "./picture.mjs";

const PHONE = { width: 390, height: 844 };
const at = house(test);

/** How long a finger stays down for a tap, in milliseconds. */
const TAP = 90;

/** Opens the game and lays a finger on the panel, where nothing is: from then on there are buttons for fingers. */
async function openOnPhone(fragment) {
    const game = await Game.open(at.browser, at.site, fragment, { viewport: PHONE, hasTouch: true, isMobile: true });
    await game.screen("raid");
    game.fingers = await game.context.newCDPSession(game.page);
    await tap(game, PHONE.width / 2, PHONE.height * 0.49);
    return game;
}

const touch = (game, type, ...points) =>
    game.fingers.send("Input.dispatchTouchEvent", { type, touchPoints: points.map(([x, y], id) => ({ x, y, id })) });

async function tap(game, x, y) {
    await touch(game, "touchStart", [x, y]);
    await sleep(TAP);
    await touch(game, "touchEnd");
}

// Where the player is drawn, once the map has come to rest: the same place for some frames.
async function drawn(game) {
    const place = await game.page.evaluate(async () => {
        let last = "";
        let same = 0;
        for (let frame = 0; frame < 400; frame += 1) {
            await new Promise(requestAnimationFrame);
            const now = JSON.stringify(labyrinth.drawn ?? null);
            same = now === last ? same + 1 : 0;
            last = now;
            if (same >= 5 && labyrinth.drawn) return labyrinth.drawn;
        }
        return null;
    });
    assert.ok(place, `the map comes not to rest with the player on it: ${JSON.stringify(await game.state())}`);
    return place;
}

const WAY = { n: [0, -1], e: [1, 0], s: [0, 1], w: [-1, 0] };

// Taps the cell beside the player, or the player's own, until the state is as wanted. Again only for a reason: on a slow
// machine the finger was down for so long that the tap was a look, or the step has a price and asks for a second tap.
async function tapCell(game, [dx, dy], wanted) {
    for (let tries = 0; tries < 6; tries += 1) {
        if ((await game.state()).mode === "look") {
            await game.press("Escape");
            assert.ok(await soon(game, (state) => state.mode === "walk", TURN), "Escape ends a look");
        }
        const { x, y, cell } = await drawn(game);
        const asked = (await game.said()).filter((line) => ASKS.test(line)).length;
        await tap(game, x + dx * cell, y + dy * cell);
        for (const until = Date.now() + TURN; Date.now() < until; await sleep(40)) {
            const state = await game.state();
            if (wanted(state)) return;
            if (state.mode === "look") break;
            if ((await game.said()).filter((line) => ASKS.test(line)).length > asked) break;
        }
    }
}

/** What the game says when the way has a price. */
const ASKS = /again to go$/;

// True once the state is as wanted, within so many milliseconds.
async function soon(game, wanted, patience) {
    for (const until = Date.now() + patience; Date.now() < until;) {
        if (wanted(await game.state())) return true;
        await sleep(40);
    }
    return false;
}

// Finds the buttons under the map by what they do, as somebody would who cannot read: { name: [x, y] }.
async function findButtons(game) {
    const found = {};
    const names = ["clear", "isolate", "wait", "help", "back", "larger", "smaller"];
    const { width, height } = PHONE;
    // Buttons are as large as fingertips, so that wide a net misses none.
    for (let y = height - 14; y > height * 0.5 && names.some((name) => !found[name]); y -= 28) {
        for (let x = 14; x < width; x += 26) {
            const before = await game.state();
            await tap(game, x, y);
            await soon(game, (state) => JSON.stringify(state) !== JSON.stringify(before), 350);
            const after = await game.state();
            const keep = (name) => (found[name] ??= [x, y]);
            if (after.turn > before.turn) keep("wait");
            else if (after.overlay === "help") keep("help");
            else if (after.overlay === "pause") keep("back");
            else if (after.mode === "clear") keep("clear");
            // There is nothing to grab where a raid begins, and nothing to give back.
            else if (after.mode === "confirm") keep("isolate");
            else if (after.drawn && before.drawn && after.drawn.cell > before.drawn.cell) keep("larger");
            else if (after.drawn && before.drawn && after.drawn.cell < before.drawn.cell) keep("smaller");
            // Exploring goes on by itself until somebody stops it.
            if (after.turn > before.turn) await game.press("Escape");
            // Whatever came of it is taken back by a key, so that the search goes on from the same screen.
            for (let tries = 0; tries < 3; tries += 1) {
                const { mode, overlay } = await game.state();
                if (mode === "walk" && !overlay) break;
                await game.press("Escape");
                await soon(game, (state) => state.mode === "walk" && !state.overlay, 1500);
            }
        }
    }
    return found;
}

// Gives a command with a finger; `buttons` as findButtons() found them.
function fingers(game, journal, buttons) {
    return async (command, turn) => {
        const arrived = (state) => state.turn >= turn;
        const button = (name) => {
            assert.ok(buttons?.[name], `no button for "${name}" was found`);
            return tap(game, ...buttons[name]);
        };
        if (WAY[command]) {
            await tapCell(game, WAY[command], arrived);
        } else if (command === "g") {
            await tapCell(game, [0, 0], (state) => state.mode === "confirm");
            await tapCell(game, [0, 0], arrived);
        } else if (command === "x") {
            await tapCell(game, [0, 0], arrived);
        } else if (command === "i") {
            await button("isolate");
            assert.ok(await soon(game, (state) => state.mode === "confirm", TURN), `turn ${turn}: a preview of isolating`);
            await button("isolate");
        } else if (command === ".") {
            await button("wait");
        } else if (command[0] === "c") {
            await button("clear");
            assert.ok(await soon(game, (state) => state.mode === "clear", TURN), `turn ${turn}: which room to clear`);
            await tapCell(game, WAY[command[1]] ?? [0, 0], arrived);
        } else {
            throw new Error(`no gesture for the command "${command}"`);
        }
    };
}

test("a raid by taps on the map, to NULL", { timeout: 600_000 }, async () => {
    const journal = shortest(
        "in NULL by steps and grabs",
        (end, turns) => end.word === "null" && turns.every(({ command }) => /^[neswg]$/.test(command)),
    );
    const game = await openOnPhone(`#seed=${journal.seed}&zone=${journal.zone}`);
    assert.equal((await game.state()).hash, journal.start);
    const start = await game.picture();
    assertDrawn(start, "the start");
    await game.play(journal, { act: fingers(game, journal) });
    await game.screen("end");
    assert.equal((await game.state()).hash, journal.end.hash);
    const end = await game.picture();
    assertDrawn(end, "the end");
    assert.ok(difference(start, end) > 1000, "the end is another picture");
    game.assertNoComplaints();
    await game.close();
});

test("a raid by taps on the map and on buttons, to an extraction with loot", { timeout: 900_000 }, async () => {
    const journal = shortest(
        "with loot, by what fingers do",
        (end, turns) =>
            end.word === "extracted" && end.pages > 0 && turns.every(({ command }) => /^([neswgix.]|c[nesw]?)$/.test(command)),
    );
    // The buttons are found in a raid that nobody minds.
    const other = await openOnPhone("#seed=9&zone=dma");
    const buttons = await findButtons(other);
    other.assertNoComplaints();
    await other.close();
    for (const name of ["clear", "isolate", "wait", "help", "back", "larger", "smaller"])
        assert.ok(buttons[name], `a button "${name}" among ${JSON.stringify(buttons)}`);

    const game = await openOnPhone(`#seed=${journal.seed}&zone=${journal.zone}`);
    await game.screen("raid");
    await game.play(journal, { act: fingers(game, journal, buttons) });
    await game.screen("end");
    const state = await game.state();
    assert.deepEqual([state.hash, state.pages], [journal.end.hash, journal.end.pages]);
    game.assertNoComplaints();
    await game.close();
});

test("a long tap looks, two fingers zoom, and the page neither scrolls nor zooms", { timeout: 300_000 }, async () => {
    const game = await openOnPhone("#seed=7&zone=dma");
    const { x, y, cell } = await drawn(game);

    await touch(game, "touchStart", [x, y]);
    assert.ok(await soon(game, (state) => state.mode === "look", 10_000), "a long tap looks");
    await touch(game, "touchEnd");
    await game.press("Escape");
    assert.ok(await soon(game, (state) => state.mode === "walk", 10_000));

    await touch(game, "touchStart", [x - 20, y], [x + 20, y]);
    for (let apart = 20; apart <= 110; apart += 10) {
        await touch(game, "touchMove", [x - apart, y], [x + apart, y]);
        await sleep(60);
    }
    await touch(game, "touchEnd");
    assert.ok(await soon(game, (state) => (state.drawn?.cell ?? 0) > cell, 10_000), "two fingers make it larger");
    const page = await game.page.evaluate(() => [visualViewport.scale, window.scrollX, window.scrollY]);
    assert.deepEqual(page, [1, 0, 0]);
    assert.equal((await game.state()).turn, 0, "looking and zooming cost no turn");
    game.assertNoComplaints();
    await game.close();
});

test("a tap that is over before the next frame is a tap", async () => {
    const game = await openOnPhone("#seed=7&zone=dma");
    // Towards one side at least a step has no price, and so needs no second tap.
    let stepped = false;
    for (const [dx, dy] of Object.values(WAY)) {
        const { x, y, cell } = await drawn(game);
        await game.page.touchscreen.tap(x + dx * cell, y + dy * cell);
        stepped ||= await soon(game, (state) => state.turn > 0, 4_000);
        if (stepped) break;
    }
    assert.ok(stepped, "a step");
    game.assertNoComplaints();
    await game.close();
});
