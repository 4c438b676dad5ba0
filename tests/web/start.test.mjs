// The page from the first byte to the title: progress, a picture, the state for teachers, nothing from elsewhere.
import assert from "node:assert/strict";
import test from "node:test";
import { Game, house, TITLE } from "./game.mjs";
import { assertDrawn, difference } from "./picture.mjs";

const at = house(test);

test("the progress bar counts the bytes that arrive, and gives way to the title", async () => {
    // The bar's figures, frame by frame; what a person would see of a download that takes some seconds.
    const watchBar = () => {
        globalThis.bar = [];
        const sample = () => {
            const bar = document.querySelector("[role=progressbar], progress");
            if (bar && bar.getClientRects().length > 0) {
                const now = Number(bar.getAttribute("aria-valuenow") ?? bar.value);
                const figure = document.getElementById("loading-figure")?.textContent ?? "";
                const last = globalThis.bar.at(-1);
                if (!last || last.now !== now || last.figure !== figure) globalThis.bar.push({ now, figure });
            }
            requestAnimationFrame(sample);
        };
        document.addEventListener("DOMContentLoaded", sample);
    };
    at.site.faults = [{ match: /\.wasm$/, rate: 6_000_000 }];
    const game = await Game.open(at.browser, at.site, "", { before: (context) => context.addInitScript(watchBar) });
    const bar = await game.page.evaluate(() => globalThis.bar);
    const values = bar.map(({ now }) => now);
    const between = new Set(values.filter((value) => value > 0 && value < 100));
    assert.ok(between.size >= 5, `the bar was seen at ${between.size} places between 0 and 100: ${values.join(" ")}`);
    for (let i = 1; i < values.length; i += 1) assert.ok(values[i] >= values[i - 1], `the bar went back: ${values.join(" ")}`);
    assert.ok(
        bar.some(({ figure }) => /\d+\.\d of \d+\.\d MB/.test(figure)),
        "the figures beside the bar",
    );

    // Gone for eyes and for screen readers alike, and the game has the keyboard.
    const loading = game.page.locator("#loading");
    await loading.waitFor({ state: "hidden" });
    assert.equal(await game.page.evaluate(() => document.activeElement?.id), "game");
    game.assertNoComplaints();
    await game.close();
});

test("the title is drawn and moves, nothing complains, and nothing comes from elsewhere", async () => {
    const began = Date.now();
    const game = await Game.open(at.browser, at.site);
    const took = Date.now() - began;
    const state = await game.state();
    assert.equal(state.screen, "title");
    assert.equal(typeof state.version, "string");
    assert.ok(Number.isInteger(state.rules));
    for (const field of ["turn", "position", "hash", "over"]) assert.equal(state[field] ?? null, null, `${field} on the title`);

    const title = await game.picture();
    assertDrawn(title, "the title");
    // Behind the title an allocator is at work; over some seconds something is seen to change.
    let changed = 0;
    for (const until = Date.now() + 30_000; changed === 0 && Date.now() < until;) {
        changed = difference(title, await game.picture());
    }
    assert.ok(changed > 0, "nothing moves on the title");

    game.assertNoComplaints();
    game.assertOwnHostOnly();
    const odd = at.site.requests.filter((path) => /\.(meta|map)$|undefined|null/.test(path));
    assert.deepEqual(odd, [], "requests for what no build has");
    assert.ok(took < TITLE, `the title took ${took} ms`);
    await game.close();
});

test("what a raid is about is in window.labyrinth, and nobody can change it from there", async () => {
    const game = await Game.open(at.browser, at.site, "#seed=7&zone=dma");
    await game.screen("raid");
    const state = await game.state();
    assert.equal(state.zone, "dma");
    assert.equal(state.seed, 7);
    assert.equal(state.turn, 0);
    assert.match(state.hash, /^[0-9a-f]{16}$/);
    for (const field of ["free", "min", "low", "high", "references", "pages", "watchdog"]) {
        assert.ok(Number.isInteger(state[field]), `${field} is ${state[field]}; expected a whole number`);
    }
    assert.ok(state.min <= state.low && state.low <= state.high, "the watermarks are in order");
    for (const field of ["pfn", "x", "y"]) assert.ok(Number.isInteger(state.position[field]), `position.${field}`);
    assert.equal(state.over, null);

    const tried = await game.page.evaluate(() => {
        "use strict";
        const refused = {};
        const attempt = (name, act) => {
            try {
                act();
                refused[name] = false;
            } catch (error) {
                refused[name] = error instanceof TypeError;
            }
        };
        attempt("assigning it", () => (window.labyrinth = { turn: 99 }));
        attempt("deleting it", () => delete window.labyrinth);
        attempt("defining it anew", () => Object.defineProperty(window, "labyrinth", { value: {} }));
        attempt("a field", () => (window.labyrinth.turn = 99));
        attempt("a new field", () => (window.labyrinth.mine = 1));
        attempt("a field within", () => (window.labyrinth.position.x = 99));
        return refused;
    });
    for (const [what, refused] of Object.entries(tried)) assert.ok(refused, `${what} is not refused`);
    assert.deepEqual(await game.state(), state);
    game.assertNoComplaints();
    await game.close();
});

test("what a person sees is also there as text, and what happens is said", async () => {
    const game = await Game.open(at.browser, at.site, "#seed=7&zone=dma");
    await game.screen("raid");
    await game.until("a description", () => document.getElementById("description").textContent.length > 40);
    const described = await game.page.locator("#description").textContent();
    const [before, lines] = [await game.page.locator("#log li").count(), (await game.said()).length];
    assert.equal(before, Math.min(lines, 200), "the log has what was said");
    assert.ok(before > 0, "an arrival is told");
    for (let turn = 1; turn <= 3; turn += 1) {
        await game.press(".");
        assert.ok(await game.played(turn, 30_000), `turn ${turn}`);
    }
    await game.until("another description", (old) => document.getElementById("description").textContent !== old, described);
    assert.equal(await game.page.locator("#say-polite").getAttribute("aria-live"), "polite");
    assert.equal(await game.page.locator("#say-urgent").getAttribute("aria-live"), "assertive");
    const canvas = game.page.locator("canvas#game");
    assert.equal(await canvas.getAttribute("role"), "application");
    assert.ok(await canvas.getAttribute("aria-label"), "the canvas has a name");
    game.assertNoComplaints();
    await game.close();
});
