// A phone held upright: the raids that keys can play can be played with a finger, to the same state hashes.
import assert from "node:assert/strict";
import test from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Game, house, TURN } from "./game.mjs";
import { shortest } from "./journal.mjs";
import { assertDrawn, difference } from "./picture.mjs";

const PHONE = { width: 390, height: 844 };
const at = house(test);

async function openOnPhone(fragment) {
    return Game.open(at.browser, at.site, fragment, { viewport: PHONE, hasTouch: true, isMobile: true });
}

// Where the player is drawn, once the map has come to rest.
async function drawn(game) {
    let last;
    for (const until = Date.now() + TURN; Date.now() < until;) {
        const { drawn } = await game.state();
        if (drawn && last && drawn.x === last.x && drawn.y === last.y && drawn.cell === last.cell) return drawn;
        last = drawn;
        await sleep(120);
    }
    throw new Error(`the map comes not to rest with the player on it: ${JSON.stringify(last)}`);
}

const WAY = { n: [0, -1], e: [1, 0], s: [0, 1], w: [-1, 0] };

// Taps the cell beside the player, or the player's own.
async function tapCell(game, [dx, dy]) {
    const { x, y, cell } = await drawn(game);
    await game.page.touchscreen.tap(x + dx * cell, y + dy * cell);
}

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
    for (let y = height - 14; y > height * 0.5 && names.some((name) => !found[name]); y -= 14) {
        for (let x = 14; x < width; x += 26) {
            const before = await game.state();
            await game.page.touchscreen.tap(x, y);
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
        const tap = (name) => {
            assert.ok(buttons?.[name], `no button for "${name}" was found`);
            return game.page.touchscreen.tap(...buttons[name]);
        };
        if (WAY[command]) {
            await tapCell(game, WAY[command]);
            // A step with a price asks to be tapped again.
            if (!(await soon(game, arrived, 2500))) await tapCell(game, WAY[command]);
        } else if (command === "g") {
            await tapCell(game, [0, 0]);
            assert.ok(await soon(game, (state) => state.mode === "confirm", TURN), `turn ${turn}: a preview of the grab`);
            await tapCell(game, [0, 0]);
        } else if (command === "x") {
            await tapCell(game, [0, 0]);
        } else if (command === "i") {
            await tap("isolate");
            assert.ok(await soon(game, (state) => state.mode === "confirm", TURN), `turn ${turn}: a preview of isolating`);
            await tap("isolate");
        } else if (command === ".") {
            await tap("wait");
        } else if (command[0] === "c") {
            await tap("clear");
            assert.ok(await soon(game, (state) => state.mode === "clear", TURN), `turn ${turn}: which room to clear`);
            await tapCell(game, WAY[command[1]] ?? [0, 0]);
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
    await game.screen("raid");
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
    await other.screen("raid");
    const buttons = await findButtons(other);
    other.assertNoComplaints();
    await other.close();
    for (const name of ["clear", "isolate", "wait", "help", "back", "larger", "smaller"])
        assert.ok(buttons[name], `a button "${name}" among ${JSON.stringify(buttons)}`);

    const game = await openOnPhone(`#seed=${journal.seed}&zone=${journal.zone}`);
    await game.screen("raid");
    // The first touch makes room for fingers.
    await game.page.touchscreen.tap(...buttons.help);
    await game.play(journal, { act: fingers(game, journal, buttons) });
    await game.screen("end");
    const state = await game.state();
    assert.deepEqual([state.hash, state.pages], [journal.end.hash, journal.end.pages]);
    game.assertNoComplaints();
    await game.close();
});

test("a long tap looks, two fingers zoom, and the page neither scrolls nor zooms", { timeout: 300_000 }, async () => {
    const game = await openOnPhone("#seed=7&zone=dma");
    await game.screen("raid");
    const session = await game.context.newCDPSession(game.page);
    const touch = (type, ...points) =>
        session.send("Input.dispatchTouchEvent", { type, touchPoints: points.map(([x, y], id) => ({ x, y, id })) });
    const { x, y, cell } = await drawn(game);

    await touch("touchStart", [x, y]);
    assert.ok(await soon(game, (state) => state.mode === "look", 10_000), "a long tap looks");
    await touch("touchEnd");
    await game.press("Escape");
    assert.ok(await soon(game, (state) => state.mode === "walk", 10_000));

    await touch("touchStart", [x - 20, y], [x + 20, y]);
    for (let apart = 20; apart <= 110; apart += 10) {
        await touch("touchMove", [x - apart, y], [x + apart, y]);
        await sleep(60);
    }
    await touch("touchEnd");
    assert.ok(await soon(game, (state) => (state.drawn?.cell ?? 0) > cell, 10_000), "two fingers make it larger");
    const page = await game.page.evaluate(() => [visualViewport.scale, window.scrollX, window.scrollY]);
    assert.deepEqual(page, [1, 0, 0]);
    assert.equal((await game.state()).turn, 0, "looking and zooming cost no turn");
    game.assertNoComplaints();
    await game.close();
});
