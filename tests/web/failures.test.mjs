// When something is missing or breaks, the page says so in a sentence, and trying again leads back into the game.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test from "node:test";
import { Game, house, launch } from "./game.mjs";
import { shortest } from "./journal.mjs";

const at = house(test);

const WASM = /\.wasm$/;
const GLUE = /labyrinth[^/]*\.js$/;

for (const [what, fault, kind, detail] of [
    ["a program that is not there", { match: WASM, status: 404 }, "download", /404/],
    ["a host that has broken down", { match: WASM, status: 503 }, "download", /503/],
    ["glue code that is not there", { match: GLUE, status: 404 }, "download", /\.js/],
    ["a host that hangs up", { match: WASM, refuse: true }, "download", /\.wasm/],
    ["a program cut short", { match: WASM, cut: 0.6 }, "truncated", /\d+ bytes arrived, expected \d+/],
    ["a connection that breaks", { match: WASM, hangUp: 0.4 }, "truncated", /broke/],
    ["a damaged program", { match: WASM, damage: true }, "truncated", /./],
    ["a damaged script of the page", { match: /boot[^/]*\.js$/, cut: 0.7 }, "truncated", /boot/],
]) {
    test(`${what}: an error page, and then the game`, async () => {
        at.site.faults = [fault];
        const game = await Game.open(at.browser, at.site, "", { start: false });
        await game.goto();
        assert.match(await game.failure(kind), detail);
        at.site.faults = [];
        await game.page.locator("#failure-retry").click();
        await game.ready();
        await game.screen("title");
        await game.close();
    });
}

test("without WebGL nothing large is downloaded, and the page says what is missing", async () => {
    const browser = await launch(["--disable-3d-apis"]);
    try {
        at.site.requests.length = 0;
        const game = await Game.open(browser, at.site, "", { start: false });
        await game.goto();
        await game.failure("webgl");
        assert.match(await game.page.locator("#failure-title").textContent(), /WebGL 2/);
        assert.deepEqual(
            at.site.requests.filter((path) => WASM.test(path)),
            [],
            "the program was asked for",
        );
        await game.close();
    } finally {
        await browser.close();
    }
});

test("where a policy forbids programs nothing large is downloaded, and the page says that", async () => {
    at.site.faults = [{ match: /\/$/, headers: { "content-security-policy": "script-src 'self'" } }];
    at.site.requests.length = 0;
    const game = await Game.open(at.browser, at.site, "", { start: false });
    await game.goto();
    await game.failure("blocked");
    const asked = at.site.requests.filter((path) => WASM.test(path));
    at.site.faults = [];
    assert.deepEqual(asked, [], "the program was asked for");
    await game.close();
});

test("a style sheet that is not there: an error page", async () => {
    at.site.faults = [{ match: /\.css$/, status: 404 }];
    const game = await Game.open(at.browser, at.site, "", { start: false });
    await game.goto();
    assert.match(await game.failure("download"), /\.css/);
    at.site.faults = [];
    await game.close();
});

test("without WebAssembly the page says so", async () => {
    const game = await Game.open(at.browser, at.site, "", {
        start: false,
        before: (context) => context.addInitScript(() => delete globalThis.WebAssembly),
    });
    await game.goto();
    await game.failure("browser");
    await game.close();
});

test("without scripts the page says what it needs", async () => {
    const context = await at.browser.newContext({ javaScriptEnabled: false, viewport: { width: 640, height: 360 } });
    const page = await context.newPage();
    await page.goto(at.site.url);
    const sentence = page.locator("noscript p");
    await sentence.waitFor({ state: "visible", timeout: 30_000 });
    assert.match(await sentence.textContent(), /needs JavaScript and WebAssembly/);
    await context.close();
});

test("a lost context: an error page, and the raid goes on where it was", { timeout: 300_000 }, async () => {
    const journal = shortest("in NULL", (end) => end.word === "null");
    const game = await Game.open(at.browser, at.site);
    await game.press(...String(journal.seed), "Enter");
    await game.screen("raid");
    await game.play(journal, { to: 5 });
    await game.page.evaluate(() =>
        document.getElementById("game").getContext("webgl2").getExtension("WEBGL_lose_context").loseContext(),
    );
    await game.failure("context");
    await game.page.locator("#failure-retry").click();
    await game.ready();
    await game.screen("raid");
    const state = await game.state();
    assert.deepEqual([state.turn, state.hash], [5, journal.turns[4].hash]);
    await game.close();
});

test("a panic: what happened, and the journal to copy and to keep", async () => {
    const journal = shortest("in NULL", (end) => end.word === "null");
    const game = await Game.open(at.browser, at.site, "", { permissions: ["clipboard-read", "clipboard-write"] });
    const { page } = game;
    const message = "assertion failed at src/raid/mod.rs:1: <b>not bold</b>";
    await page.evaluate(
        ([message, seed, text]) => labyrinthPage.crashed(message, seed, "dma", 19, text),
        [message, journal.seed, journal.text],
    );
    assert.equal(await game.failure("panic"), message);
    assert.equal(await page.locator("#failure b").count(), 0, "a message is text and no markup");
    const facts = await page.locator("#failure-facts").innerText();
    for (const fact of [String(journal.seed), "dma", "19"]) assert.ok(facts.includes(fact), `${fact} in: ${facts}`);
    assert.equal(await page.locator("#failure-text").inputValue(), journal.text);
    await page.locator("#failure-copy").click();
    await page.waitForFunction(async (text) => (await navigator.clipboard.readText()) === text, journal.text, {
        timeout: 10_000,
    });
    const [download] = await Promise.all([page.waitForEvent("download"), page.locator("#failure-save").click()]);
    assert.match(download.suggestedFilename(), /\.journal$/);
    assert.equal(await readFile(await download.path(), "utf8"), journal.text);
    await game.close();
});
