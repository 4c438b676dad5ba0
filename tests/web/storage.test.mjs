// What is kept in the browser: raids and profiles survive, and trouble with storage is said and stops nothing.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test from "node:test";
import { Game, house } from "./game.mjs";
import { shortest } from "./journal.mjs";
import { exported, openMenu, shut, stored } from "./profile.mjs";

const at = house(test);
const journal = shortest("in NULL", (end) => end.word === "null");
const half = Math.floor(journal.turns.length / 2);

// Types the seed of the journal at the title and plays some of its turns.
async function begin(game, turns) {
    await game.screen("title");
    await game.press(...String(journal.seed), "Enter");
    await game.screen("raid");
    await game.play(journal, { to: turns });
}

async function assertResumed(game, turns) {
    await game.screen("raid");
    const { turn, hash, seed, zone } = await game.state();
    assert.deepEqual(
        { turn, hash, seed, zone },
        { turn: turns, hash: journal.turns[turns - 1].hash, seed: journal.seed, zone: journal.zone },
    );
}

test(
    "after a reload, a crash of the tab, or days, the unfinished raid goes on; a finished one does not",
    { timeout: 600_000 },
    async () => {
        const game = await Game.open(at.browser, at.site);
        await begin(game, half);
        await game.reload();
        await game.ready();
        await assertResumed(game, half);

        // A tab that is gone without a word: what was saved after the last turn is all there is.
        await game.play(journal, { from: half, to: half + 2 });
        await game.context.addInitScript(() => {
            window.addEventListener("pagehide", (event) => event.stopImmediatePropagation(), true);
            document.addEventListener("visibilitychange", (event) => event.stopImmediatePropagation(), true);
        });
        const session = await game.context.newCDPSession(game.page);
        session.send("Page.crash").catch(() => {});
        await new Promise((resolve) => game.page.once("crash", resolve));
        game.complaints.length = 0;
        await game.tab();
        // From the game's own address the title offers it.
        await game.goto();
        await game.ready();
        await game.screen("title");
        await game.assertSaid(/^Continue, marked$/);
        await game.press("Enter");
        await assertResumed(game, half + 2);

        await game.play(journal, { from: half + 2 });
        await game.screen("end");
        await game.goto();
        await game.ready();
        await game.screen("title");
        assert.ok(!(await game.words()).some((line) => /^Continue/.test(line)), "nothing is left to continue");
        game.assertNoComplaints();
        await game.close();
    },
);

const DENIED = () => {
    const refuse = () => {
        throw new DOMException("The operation is insecure.", "SecurityError");
    };
    for (const name of ["localStorage", "sessionStorage", "indexedDB"]) Object.defineProperty(window, name, { get: refuse });
};

const FULL = () => {
    try {
        for (let size = 1 << 22; size >= 1; size >>= 1) {
            try {
                for (let piece = 0; ; piece += 1) localStorage.setItem(`other ${size} ${piece}`, "x".repeat(size));
            } catch {
                // Smaller pieces may still fit.
            }
        }
    } catch {
        // Not a page with storage.
    }
};

// What the profile's keeper says of it.
const SENTENCE = /nothing is kept of what is played/i;

for (const [what, trouble] of [
    ["denied", DENIED],
    ["full", FULL],
]) {
    test(`storage that is ${what}: the game says so once and goes on`, async () => {
        const game = await Game.open(at.browser, at.site, "", { before: (context) => context.addInitScript(trouble) });
        await begin(game, 6);
        await game.assertSaid(SENTENCE);
        const again = (await game.said()).filter((line) => SENTENCE.test(line));
        assert.ok(again.length <= 1, `said once, not every turn: ${again.join(" | ")}`);
        game.assertNoComplaints();
        await game.close();
    });
}

test("a damaged profile is put aside, said, and not lost; the game goes on", async () => {
    const game = await Game.open(at.browser, at.site);
    await begin(game, 3);
    const [key] = Object.keys(await stored(game)).filter((key) => /profile$/.test(key));
    assert.ok(key, `a profile among ${Object.keys(await stored(game))}`);
    const broken = '{"version":1,"settings":{"reduced_mot';
    // As something else would have written it, after the page has saved for the last time.
    await game.context.addInitScript(
        ([key, broken]) => {
            if (sessionStorage.getItem("broken")) return;
            sessionStorage.setItem("broken", "yes");
            localStorage.setItem(key, broken);
        },
        [key, broken],
    );
    await game.goto();
    await game.ready();
    await game.screen("title");
    await game.assertSaid(/what was kept is damaged/i);
    const kept = Object.entries(await stored(game)).filter(([name, text]) => name !== key && text.includes(broken));
    assert.equal(kept.length, 1, "the damaged text is kept under another key");
    await begin(game, 3);
    await game.reload();
    await game.ready();
    await assertResumed(game, 3);
    game.assertNoComplaints();
    await game.close();
});

test("a profile goes out as a file and into another browser; what is no profile does not", { timeout: 300_000 }, async () => {
    const game = await Game.open(at.browser, at.site);
    await begin(game, half);
    const text = await exported(game);
    assert.equal(typeof JSON.parse(text).version, "number");
    await openMenu(game, "#tool-export");
    const [download] = await Promise.all([game.page.waitForEvent("download"), game.page.locator("#export-save").click()]);
    assert.equal(await readFile(await download.path(), "utf8"), text);
    await game.close();

    const other = await Game.open(at.browser, at.site);
    await other.screen("title");
    const before = await stored(other);
    for (const wrong of ["nonsense", "{}", text.slice(0, -20), text.replace(/"version":\s*\d+/, '"version":999')]) {
        await openMenu(other, "#tool-import");
        await other.page.locator("#import-text").fill(wrong);
        await other.page.locator("#import-take").click();
        const sentence = await other.page.locator("#import-said").textContent();
        assert.match(sentence, /^the profile.*\w/, `what is wrong with ${wrong.slice(0, 40)}: ${sentence}`);
        await shut(other, "#import");
    }
    assert.deepEqual(await stored(other), before, "a refused import changes nothing");

    await openMenu(other, "#tool-import");
    await other.page
        .locator("#import-file")
        .setInputFiles({ name: "profile.json", mimeType: "application/json", buffer: Buffer.from(text) });
    await other.until("the file to be read", (text) => document.getElementById("import-text").value === text, text);
    await Promise.all([other.page.waitForEvent("load"), other.page.locator("#import-take").click()]);
    await other.ready();
    await other.screen("title");
    await other.press("Enter");
    await assertResumed(other, half);
    other.assertNoComplaints();
    await other.close();
});
