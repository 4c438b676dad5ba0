// After the first visit the game needs no network, and a new version comes in whole, when the player wants it.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { cp, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { DIST, Game, house, TITLE } from "./game.mjs";
import { shortest } from "./journal.mjs";

const at = house(test);
const journal = shortest("in NULL", (end) => end.word === "null");

// Until the service worker has everything and is in charge of the next load.
async function kept(game) {
    await game.eventually("an active service worker with a build kept", async () => {
        const registration = await navigator.serviceWorker.getRegistration();
        const kept = await Promise.all((await caches.keys()).map(async (name) => (await (await caches.open(name)).keys()).length));
        return registration?.active?.state === "activated" && navigator.serviceWorker.controller && kept.some((files) => files > 0);
    });
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

// A copy of the build that is another build: another content of every file with a hash in its name, and so other names.
async function anotherBuild() {
    const folder = await mkdtemp(join(tmpdir(), "labyrinth-build-"));
    const page = await readFile(join(DIST, "index.html"), "utf8");
    const build = /data-build="([^"]+)"/.exec(page)[1];
    const next = build.replace(/./, (first) => (first === "f" ? "0" : "f"));
    // What was compressed beforehand is of the files before; the host does without.
    const names = (await readdir(DIST)).filter((name) => !/\.(br|gz)$/.test(name));
    const old = (name) => /\.([0-9a-f]{8,})\./.exec(name)?.[1];
    const hashes = new Map();
    const resolved = (text) => [...hashes].reduce((text, [from, to]) => text.replaceAll(from, to), text);
    let waiting = names.filter(old);
    assert.ok(waiting.length > 0, "hashed names in the build");
    while (waiting.length > 0) {
        const before = waiting.length;
        for (const name of [...waiting]) {
            let bytes = await readFile(join(DIST, name));
            if (name.endsWith(".wasm")) {
                // A section that says nothing.
                bytes = Buffer.concat([bytes, Buffer.of(0, 2, 1, 0x61)]);
            } else {
                const text = resolved(bytes.toString());
                // What it refers to has to have its new name first.
                if (waiting.some((other) => other !== name && text.includes(old(other)))) continue;
                bytes = Buffer.from(name.endsWith(".css") ? `${text}/* another */` : `${text}\n// another\n`);
            }
            const hash = createHash("sha256").update(bytes).digest("hex").slice(0, old(name).length);
            hashes.set(old(name), hash);
            await writeFile(join(folder, name.replace(old(name), hash)), bytes);
            waiting = waiting.filter((other) => other !== name);
        }
        assert.ok(waiting.length < before, `files that refer to each other: ${waiting}`);
    }
    for (const name of names.filter((name) => !old(name))) {
        if (!/\.(html|js|webmanifest)$/.test(name)) {
            await cp(join(DIST, name), join(folder, name));
            continue;
        }
        const text = resolved((await readFile(join(DIST, name), "utf8")).replaceAll(build, next));
        await writeFile(
            join(folder, name),
            text.replace(/data-bytes="(\d+)"/, (_, bytes) => `data-bytes="${Number(bytes) + 4}"`),
        );
    }
    return { folder, build, next };
}

test("what is kept and damaged is fetched anew, what is dropped is kept again", { timeout: 400_000 }, async () => {
    const game = await Game.open(at.browser, at.site);
    await kept(game);
    const before = await game.page.evaluate(async () => {
        const cache = await caches.open((await caches.keys())[0]);
        const urls = (await cache.keys()).map(({ url }) => url);
        const glue = urls.find((url) => /labyrinth\.[0-9a-f]+\.js$/.test(url));
        await cache.put(glue, new Response("this is no ( script", { headers: { "content-type": "text/javascript" } }));
        return { glue, files: urls.length };
    });
    await game.reload();
    await game.page.locator("#failure-retry").click({ timeout: TITLE });
    await game.ready();
    await game.screen("title");
    await game.eventually(
        "all to be kept again, whole",
        async ({ glue, files }) => {
            const cache = await caches.open((await caches.keys())[0]);
            const text = await (await cache.match(glue))?.text();
            return (await cache.keys()).length === files && !text.startsWith("this is no");
        },
        before,
    );
    await offline(game, true);
    await game.reload();
    await game.ready();
    await game.close();
});

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
        await game.eventually("one kept build", async () => (await caches.keys()).length === 1);
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
