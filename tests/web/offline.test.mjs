// After the first visit the game needs no network, and a new version comes in whole, when the player wants it.
import assert from "node:assert/strict";
import { cp, mkdtemp, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { DIST, Game, house, TITLE } from "./game.mjs";
import { shortest } from "./journal.mjs";

const at = house(test);
const journal = shortest("in NULL", (end) => end.word === "null");

// Until the service worker has everything and is in charge of the next load.
async function kept(game) {
    await game.until(
        "an active service worker",
        async () => {
            const registration = await navigator.serviceWorker.getRegistration();
            return registration?.active?.state === "activated" && (await caches.keys()).length > 0;
        },
        undefined,
        TITLE,
    );
}

async function offline(game, yes) {
    await game.context.setOffline(yes);
    game.site.faults = yes ? [{ match: /./, refuse: true }] : [];
}

test("after one visit the game starts without a network, and a raid goes on", { timeout: 400_000 }, async () => {
    const game = await Game.open(at.browser, at.site);
    await kept(game);
    await game.press(...String(journal.seed), "Enter");
    await game.screen("raid");
    await game.play(journal, { to: 4 });
    await offline(game, true);
    await game.reload();
    await game.ready();
    await game.screen("raid");
    assert.equal((await game.state()).hash, journal.turns[3].hash);
    await game.play(journal, { from: 4, to: 6 });
    // A link opened without a network, in another tab.
    await game.tab();
    await game.goto("#seed=12&zone=dma");
    await game.ready();
    await game.screen("title");
    await game.assertSaid(/^The raid asked for/);
    await game.close();
});

// A copy of the build that is another build: every hash in a name and the build's own are others.
async function anotherBuild() {
    const folder = await mkdtemp(join(tmpdir(), "labyrinth-build-"));
    await cp(DIST, folder, { recursive: true });
    const build = /data-build="([^"]+)"/.exec(await readFile(join(folder, "index.html"), "utf8"))[1];
    const turn = (hash) => hash.replace(/./, (first) => (first === "f" ? "0" : "f"));
    const names = await readdir(folder);
    const hashes = new Set(names.map((name) => /\.([0-9a-f]{8,})\./.exec(name)?.[1]).filter(Boolean));
    assert.ok(hashes.size > 0, "hashed names in the build");
    for (const name of names) {
        const hash = /\.([0-9a-f]{8,})\./.exec(name)?.[1];
        const path = join(folder, name);
        if (/\.(html|js|css|webmanifest)$/.test(name)) {
            let text = (await readFile(path, "utf8")).replaceAll(build, turn(build));
            for (const hash of hashes) text = text.replaceAll(hash, turn(hash));
            await writeFile(path, text);
            // What was compressed beforehand is of the text before.
            for (const packed of [".br", ".gz"]) await rm(path + packed, { force: true });
        }
        if (hash)
            await rename(path, join(folder, name.replace(hash, turn(hash)))).catch((error) => assert.equal(error.code, "ENOENT"));
    }
    return { folder, build, next: turn(build) };
}

test("a new version is offered, comes in whole, and loses no raid", { timeout: 600_000 }, async () => {
    const { folder, build, next } = await anotherBuild();
    const own = await at.site.constructor.open(DIST);
    try {
        const game = await Game.open(at.browser, own);
        const shown = () => game.page.evaluate(() => document.documentElement.dataset.build);
        await kept(game);
        assert.equal(await shown(), build);
        await game.press(...String(journal.seed), "Enter");
        await game.screen("raid");
        await game.play(journal, { to: 3 });

        await own.deploy(folder);
        await game.page.evaluate(async () => (await navigator.serviceWorker.getRegistration()).update());
        await game.page.locator("#update").waitFor({ state: "visible", timeout: TITLE });
        // Offered, not forced: the raid is where it was.
        await game.play(journal, { from: 3, to: 5 });
        assert.equal(await shown(), build);
        await Promise.all([game.page.waitForEvent("load", { timeout: TITLE }), game.page.locator("#update-reload").click()]);
        await game.ready();
        assert.equal(await shown(), next);
        await game.screen("raid");
        assert.equal((await game.state()).hash, journal.turns[4].hash);

        // The new one is there without a network, and nothing of the old is left.
        await kept(game);
        await game.until("one kept build", async () => (await caches.keys()).length === 1, undefined, TITLE);
        const caches = await game.page.evaluate(() => globalThis.caches.keys());
        assert.ok(caches[0].endsWith(next), caches[0]);
        await offline(game, true);
        await game.reload();
        await game.ready();
        assert.equal(await shown(), next);
        await game.close();
    } finally {
        await own.close();
        await rm(folder, { recursive: true, force: true });
    }
});

test("a visitor with the old version kept gets the new one whole at the next visit", { timeout: 600_000 }, async () => {
    const { folder, next } = await anotherBuild();
    const own = await at.site.constructor.open(DIST);
    try {
        const game = await Game.open(at.browser, own);
        await kept(game);
        await own.deploy(folder);
        await game.tab();
        await game.goto();
        await game.ready();
        assert.equal(await game.page.evaluate(() => document.documentElement.dataset.build), next);
        const mixed = await game.page.evaluate(() =>
            performance
                .getEntriesByType("resource")
                .map((entry) => entry.name)
                .filter((name) => /\.[0-9a-f]{8,}\./.test(name)),
        );
        assert.ok(mixed.length > 0);
        game.assertNoComplaints();
        await game.close();
    } finally {
        await own.close();
        await rm(folder, { recursive: true, force: true });
    }
});

test("where workers are not allowed the game does without", async () => {
    const missing = () => Object.defineProperty(Navigator.prototype, "serviceWorker", { get: () => undefined });
    const refused = () => {
        ServiceWorkerContainer.prototype.register = () =>
            Promise.reject(new DOMException("The operation is insecure.", "SecurityError"));
    };
    for (const trouble of [missing, refused]) {
        const game = await Game.open(at.browser, at.site, "", { before: (context) => context.addInitScript(trouble) });
        await game.screen("title");
        game.assertNoComplaints();
        await game.close();
    }
});
