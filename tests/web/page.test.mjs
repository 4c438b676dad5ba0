// The page around the game: its keys, its size, and the places it can be put.
import assert from "node:assert/strict";
import test from "node:test";
import { DIST, Game, house } from "./game.mjs";
import { assertDrawn, difference } from "./picture.mjs";
import { Site } from "./site.mjs";

const at = house(test);

// Presses keys and says of which the browser was told to do nothing of its own.
async function prevented(game, keys) {
    await game.page.evaluate(() => {
        globalThis.pressed ??= [];
        // Last of all, so that it sees what everybody else did with the event.
        globalThis.listening ??= window.addEventListener("keydown", (event) => {
            globalThis.pressed.push({ key: event.key, prevented: event.defaultPrevented, on: event.target.id });
        });
        globalThis.pressed.length = 0;
    });
    await game.press(...keys);
    return game.page.evaluate(() => globalThis.pressed);
}

test("the game takes its own keys and leaves the browser its keys", async () => {
    const game = await Game.open(at.browser, at.site, "#seed=7&zone=dma");
    await game.screen("raid");
    const own = [
        "ArrowUp",
        "ArrowDown",
        " ",
        ".",
        "c",
        "Escape",
        ";",
        "Escape",
        "?",
        "Escape",
        "F1",
        "Escape",
        "+",
        "-",
        "=",
        "/",
        "Backspace",
        "7",
    ];
    for (const { key, prevented: kept, on } of await prevented(game, own)) {
        assert.equal(on, "game", `${key} goes to the game`);
        assert.ok(kept, `${key} is a key of the game, but the browser acts on it as well`);
    }
    const others = [
        "F5",
        "F11",
        "F12",
        "Control+r",
        "Control+l",
        "Control+c",
        "Control+Equal",
        "Alt+ArrowLeft",
        "Meta+r",
        "Home",
    ];
    for (const { key, prevented: kept } of await prevented(game, others)) assert.ok(!kept, `${key} is taken from the browser`);

    const [tab] = await prevented(game, ["Tab"]);
    assert.ok(!tab.prevented, "Tab is taken from the browser");
    assert.notEqual(await game.page.evaluate(() => document.activeElement.id), "game", "Tab leads out of the game");
    // While a button has the focus, keys are the button's.
    const elsewhere = await prevented(game, ["ArrowDown", "c"]);
    for (const { key, prevented: kept } of elsewhere) assert.ok(!kept, `${key} is taken from a button`);
    await game.press("Shift+Tab");
    await game.until("the game to have the focus again", () => document.activeElement.id === "game");
    game.assertNoComplaints();
    await game.close();
});

test("keys that are the browser's play no turn", async () => {
    const game = await Game.open(at.browser, at.site, "#seed=7&zone=dma");
    await game.screen("raid");
    const before = await game.state();
    await game.press("Control+c", "Control+d", "Control+a", "Control+b", "Alt+d", "Meta+.");
    await game.page.waitForTimeout(1500);
    assert.deepEqual(await game.state(), before);
    await game.close();
});

test("keys reach the rules once each", async () => {
    const game = await Game.open(at.browser, at.site, "#seed=7&zone=dma");
    await game.screen("raid");
    await game.press(".", ".", ".", ".", ".");
    assert.ok(await game.played(5, 30_000), "five turns");
    const turns = await game.page.evaluate(() =>
        watched.states.filter((state) => state.screen === "raid").map((state) => state.turn),
    );
    assert.equal(Math.max(...turns), 5);
    // A browser's own chord is no command.
    await game.press("Control+c", "Control+e");
    await game.press(".");
    assert.ok(await game.played(6, 30_000));
    await game.close();
});

test("the canvas follows the window: wide, tall, small, and no larger than twice its points", async () => {
    const game = await Game.open(at.browser, at.site, "#seed=7&zone=dma");
    await game.screen("raid");
    for (const [width, height] of [
        [900, 500],
        [390, 844],
        [320, 480],
        [1280, 300],
        [640, 360],
    ]) {
        await game.page.setViewportSize({ width, height });
        await game.until(
            `a canvas of ${width} by ${height}`,
            ([width, height]) => {
                const canvas = document.getElementById("game");
                const box = canvas.getBoundingClientRect();
                const close = (one, two) => Math.abs(one - two) <= 1;
                return (
                    close(box.left, 0) &&
                    close(box.top, 0) &&
                    close(box.width, width) &&
                    close(box.height, height) &&
                    close(canvas.width, width) &&
                    close(canvas.height, height)
                );
            },
            [width, height],
        );
        const scrolls = await game.page.evaluate(() => {
            window.scrollTo(50, 50);
            return [window.scrollX, window.scrollY];
        });
        assert.deepEqual(scrolls, [0, 0], `${width} by ${height}: the page scrolls`);
        // The frame after the change may still be on its way.
        let picture = await game.picture();
        for (const until = Date.now() + 20_000; (picture.colours < 16 || picture.spread < 3) && Date.now() < until;)
            picture = await game.picture();
        assert.deepEqual([picture.width, picture.height], [width, height]);
        assertDrawn(picture, `${width} by ${height}`);
    }
    game.assertNoComplaints();
    await game.close();

    const dense = await Game.open(at.browser, at.site, "", { viewport: { width: 320, height: 480 }, deviceScaleFactor: 3 });
    const size = await dense.page.evaluate(() => [document.getElementById("game").width, labyrinthPage.maxPixelRatio]);
    assert.equal(size[1], 2);
    assert.ok(size[0] > 320 && size[0] <= 640, `a canvas of ${size[0]} pixels for 320 points at three pixels a point`);
    assertDrawn(await dense.picture(), "a dense screen");
    dense.assertNoComplaints();
    await dense.close();
});

test("reduced motion is known to the game, also when it changes", async () => {
    const game = await Game.open(at.browser, at.site, "", { reducedMotion: "reduce" });
    const reduced = () => game.page.evaluate(() => labyrinthPage.reducedMotion);
    assert.equal(await reduced(), true);
    await game.page.emulateMedia({ reducedMotion: "no-preference" });
    await game.until("motion", () => labyrinthPage.reducedMotion === false);
    await game.close();
});

test("under a folder of a host nothing is asked for outside of it", async () => {
    const site = await Site.open(DIST, { prefix: "/games/labyrinth/" });
    try {
        const game = await Game.open(at.browser, site, "#seed=7&zone=dma");
        await game.screen("raid");
        await game.page.evaluate(() => navigator.serviceWorker.ready.then(() => {}));
        game.assertNoComplaints();
        game.assertOwnHostOnly();
        const outside = site.requests.filter((path) => !path.startsWith(site.prefix) && path !== "/favicon.ico");
        assert.deepEqual(outside, []);
        const named = await Game.open(at.browser, site, "", { path: "index.html" });
        await named.screen("title");
        await named.close();
        await game.close();
    } finally {
        await site.close();
    }
});

test("in a frame on another host a click gives it the keys", async () => {
    const other = await Site.open(DIST);
    try {
        other.pages["/shelf.html"] = `<!doctype html><title>A shelf of games</title><link rel="icon" href="data:,">
      <p><button id="theirs">Theirs</button></p>
      <iframe id="frame" src="${at.site.url}#seed=7&zone=dma" width="600" height="300" allow="fullscreen"
        sandbox="allow-scripts allow-same-origin allow-forms"></iframe>`;
        const game = await Game.open(at.browser, other, "", { start: false });
        await game.page.goto(`${other.origin}/shelf.html`);
        game.frame = await (await game.page.waitForSelector("#frame")).contentFrame();
        await game.ready();
        await game.screen("raid");
        await game.page.locator("#theirs").click();
        const box = await game.page.locator("#frame").boundingBox();
        assertDrawn(await game.picture(box), "the frame");
        const hint = game.frame.locator("#hint");
        await hint.waitFor({ state: "visible" });
        await hint.click();
        await hint.waitFor({ state: "hidden" });
        await game.press(".");
        assert.ok(await game.played(1, 30_000), "a key in the frame");
        game.assertNoComplaints();
        await game.close();
    } finally {
        await other.close();
    }
});

test("the screen as text opens beside the game and the game keeps its place", async () => {
    const game = await Game.open(at.browser, at.site, "#seed=7&zone=dma");
    await game.screen("raid");
    const before = await game.picture();
    await game.page.locator("#tools-toggle").click();
    await game.page.locator("#tool-text").click();
    await game.page.locator("#description").waitFor({ state: "visible" });
    assert.equal(await game.page.locator("#tool-text").getAttribute("aria-pressed"), "true");
    assert.ok(difference(before, await game.picture()) > 500, "the text is to be seen");
    // A click leads back into the game and shuts the menu.
    assert.equal(await game.page.evaluate(() => document.activeElement.id), "game");
    await game.press(".");
    assert.ok(await game.played(1, 30_000), "a key after the menu");
    await game.page.locator("#tools-toggle").click();
    await game.page.locator("#tool-text").click();
    await game.page.locator("#description").waitFor({ state: "hidden" });
    game.assertNoComplaints();
    await game.close();
});
