// The game in a browser, as the tests see it: opened, watched, played with keys, and photographed.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { chromium } from "playwright-core";
import { keysOf } from "./journal.mjs";
import { measure } from "./picture.mjs";
import { Site } from "./site.mjs";

// The build under test.
export const DIST = process.env.DIST ?? join(import.meta.dirname, "../../dist");

// Software rendering on two shared cores: a title within seconds, with room for a busy machine.
export const TITLE = 120_000;
export const TURN = 30_000;

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

export function findChromium() {
    if (process.env.CHROMIUM) {
        assert.ok(existsSync(process.env.CHROMIUM), `CHROMIUM is ${process.env.CHROMIUM}: there is no such file`);
        return process.env.CHROMIUM;
    }
    for (const folder of (process.env.PATH ?? "").split(delimiter)) {
        const found = NAMES.map((name) => join(folder, name)).find(existsSync);
        if (found) return found;
    }
    throw new Error(`no Chromium: expected one of ${NAMES.join(", ")} on PATH, or CHROMIUM=FILE; Debian's package is chromium`);
}

const FLAGS = [
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--no-sandbox",
    // No name is looked up: whatever asks for another host fails, and is seen to ask.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];

export async function launch(flags = []) {
    return chromium.launch({ executablePath: findChromium(), args: [...FLAGS, ...flags] });
}

// What the browser says of its own, whatever page it shows.
const BROWSERS_OWN = [
    /GPU stall due to ReadPixels/,
    /Automatic fallback to software WebGL has been deprecated/,
    /software WebGL/i,
];

// Kept in the page: every state the game has told, and when it was ready. Set up between the page's own code, which
// defines `labyrinthPage`, and the game, which is still being downloaded then.
function watch() {
    const watched = { states: [], said: [], described: [], ready: false };
    Object.defineProperty(globalThis, "watched", { value: watched });
    document.addEventListener("DOMContentLoaded", () => {
        const page = globalThis.labyrinthPage;
        if (!page) return;
        const { state, say, describe, ready } = page;
        page.state = (json) => {
            watched.states.push(JSON.parse(json));
            return state?.call(page, json);
        };
        page.say = (line, urgent) => {
            watched.said.push({ line, urgent });
            return say?.call(page, line, urgent);
        };
        page.describe = (text) => {
            watched.described.push(text);
            return describe?.call(page, text);
        };
        page.ready = () => {
            watched.ready = true;
            return ready?.call(page);
        };
        watched.installed = true;
    });
}

export class Game {
    // Everything the console said that is the page's or the game's, and errors nobody caught.
    complaints = [];
    // Addresses asked for by the page, its frames and its service worker.
    asked = [];

    // Opens a page in a fresh profile. What is left out of `options` is as for most visitors.
    static async open(browser, site, fragment = "", options = {}) {
        const { viewport = { width: 640, height: 360 }, before, start = true, path = "", ...context } = options;
        const game = new Game();
        game.site = site;
        game.context = await browser.newContext({ viewport, deviceScaleFactor: 1, ...context });
        game.context.setDefaultTimeout(TURN);
        game.context.on("request", (request) => game.asked.push(request.url()));
        await game.context.addInitScript(watch);
        if (before) await before(game.context);
        await game.tab();
        if (start) {
            await game.goto(fragment, path);
            await game.ready();
        }
        return game;
    }

    // Another tab of the same profile takes the place of the one that was shown.
    async tab() {
        if (this.page) await this.page.close();
        this.page = await this.context.newPage();
        // Where the game is: the page itself, unless a test puts it into a frame.
        this.frame = this.page.mainFrame();
        this.page.on("console", (message) => {
            if (!["error", "warning", "assert"].includes(message.type())) return;
            const text = message.text();
            if (!BROWSERS_OWN.some((own) => own.test(text))) this.complaints.push(`${message.type()}: ${text}`);
        });
        this.page.on("pageerror", (error) => this.complaints.push(`uncaught: ${error.stack ?? error}`));
        this.page.on("crash", () => this.complaints.push("the tab crashed"));
    }

    async goto(fragment = "", path = "") {
        await this.page.goto(this.site.url + path + fragment, { waitUntil: "domcontentloaded" });
    }

    async reload() {
        await this.page.reload({ waitUntil: "domcontentloaded" });
    }

    // Until the game says its first frames are drawn.
    async ready() {
        await this.until("the game to be ready", () => globalThis.watched?.ready === true, undefined, TITLE);
        await this.until("a first state", () => globalThis.labyrinth != null);
    }

    // Waits, within bounds, for something in the page; says what was waited for and what was there instead.
    async until(what, test, argument, timeout = TURN) {
        try {
            return await this.frame.waitForFunction(test, argument, { timeout, polling: 40 });
        } catch (error) {
            if (!/Timeout/.test(error.message)) throw error;
            const state = await this.frame.evaluate(() => JSON.stringify(globalThis.labyrinth ?? null)).catch(String);
            const text = await this.frame.evaluate(() => document.body.innerText.slice(0, 600)).catch(String);
            const said = this.complaints.join("\n") || "nothing";
            throw new Error(`waited ${timeout / 1000} s for ${what}; state ${state}; the page reads:\n${text}\nconsole: ${said}`);
        }
    }

    // The same for what the page has to wait for itself: the browser's driver takes any promise for a yes.
    async eventually(what, test, argument, timeout = TITLE) {
        for (const until = Date.now() + timeout; Date.now() < until; await sleep(100)) {
            // While another page comes there is nobody to ask.
            if (await this.frame.evaluate(test, argument).catch(() => false)) return;
        }
        assert.fail(`waited ${timeout / 1000} s for ${what}`);
    }

    async state() {
        return this.frame.evaluate(() => globalThis.labyrinth);
    }

    async screen(name, timeout = TURN) {
        await this.until(`the screen "${name}"`, (name) => globalThis.labyrinth?.screen === name, name, timeout);
    }

    // What the game told of a turn, if it has been played.
    async told(turn) {
        return this.frame.evaluate(
            (turn) => globalThis.watched.states.find((state) => state.screen !== "title" && state.turn === turn) ?? null,
            turn,
        );
    }

    async said() {
        return this.frame.evaluate(() => globalThis.watched.said.map((said) => said.line));
    }

    // All that was put in words since the page was loaded: lines of the log, and lines of the screen as text.
    async words() {
        return this.frame.evaluate(() => {
            const lines = [...watched.said.map((said) => said.line), ...watched.described.flatMap((text) => text.split("\n"))];
            return [...new Set(lines)];
        });
    }

    // Fails if nothing like this was put in words; gives the line.
    async assertSaid(pattern) {
        const words = await this.words();
        const line = words.find((line) => pattern.test(line));
        assert.ok(line, `a sentence with ${pattern} among:\n${words.join("\n")}`);
        return line;
    }

    async press(...keys) {
        for (const key of keys) await this.page.keyboard.press(key, { delay: 10 });
    }

    // True once the turn has been played, within so many milliseconds.
    async played(turn, patience) {
        const until = Date.now() + patience;
        while (!(await this.told(turn))) {
            if (Date.now() >= until) return false;
            await sleep(30);
        }
        return true;
    }

    // Plays a journal's turns by keys, or by `act`, and compares every state hash. `from` turns have been played.
    async play(journal, { from = 0, to = journal.turns.length, act } = {}) {
        const give = act ?? ((command) => this.press(...keysOf(command)));
        for (let turn = from + 1; turn <= to; turn += 1) {
            const { command, hash } = journal.turns[turn - 1];
            // Work of several turns goes on by itself; a key would only get in its way.
            const working = command === journal.turns[turn - 2]?.command && (await this.told(turn - 1))?.busy;
            if (!working) {
                await give(command, turn);
            }
            const done = await this.played(turn, TURN);
            assert.ok(
                done,
                `turn ${turn} of ${journal.name}: nothing came of "${command}" within ${TURN / 1000} s; ` +
                    `${JSON.stringify(await this.state())}; ${this.complaints.join("; ")}`,
            );
            const told = await this.told(turn);
            assert.equal(told.hash, hash, `the state hash after turn ${turn} of ${journal.name} (${command})`);
        }
    }

    // A picture of what is shown, as the compositor has it, with figures about it.
    async picture(clip) {
        return measure(await this.page.screenshot({ clip, timeout: TURN }));
    }

    assertNoComplaints() {
        assert.deepEqual(this.complaints, [], "errors and warnings on the console");
    }

    assertOwnHostOnly() {
        const foreign = this.asked.filter((url) => !url.startsWith(this.site.origin) && !/^(data|blob|about):/.test(url));
        assert.deepEqual(foreign, [], "requests to other hosts");
    }

    // Until the page shows its error page of this kind, which names what happened and what to try.
    async failure(kind) {
        await this.until(`the error page "${kind}"`, (kind) => document.documentElement.dataset.failure === kind, kind, TITLE);
        const failure = this.page.locator("#failure");
        await failure.waitFor({ state: "visible" });
        assert.equal(await failure.getAttribute("role"), "alertdialog");
        const text = (id) => this.page.locator(id).textContent();
        assert.match(await text("#failure-title"), /\S/, "a title");
        assert.match(await text("#failure-what"), /\w.*\.$/s, "a sentence");
        assert.ok((await this.page.locator("#failure-tries li").count()) > 0, "something to try");
        assert.ok(await this.page.locator("#failure-retry").isVisible(), "a button to try again");
        return text("#failure-detail");
    }

    async close() {
        await this.context.close();
    }
}

// A browser and a host for the tests of a file; both go when its tests are over.
export function house(test, options = {}) {
    const house = { flags: options.flags ?? [] };
    test.before(async () => {
        assert.ok(existsSync(join(DIST, "index.html")), `no build at ${DIST}; make one: make web`);
        house.browser = await launch(house.flags);
        house.site = await Site.open(options.root ?? DIST, options);
    });
    test.afterEach(async () => {
        // What a failed test left open would go on drawing, and slow down the tests after it.
        for (const context of house.browser?.contexts() ?? []) await context.close();
        house.site.faults = [];
        house.site.pages = {};
    });
    test.after(async () => {
        await house.browser?.close();
        await house.site?.close();
    });
    return house;
}
