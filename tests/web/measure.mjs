// Measures the web build against bare Bevy pages, side by side in one run: what is downloaded, first frame, memory, frames.
//
//   node tests/web/measure.mjs GAME BARE TILEMAP [--rounds N] [--json FILE]
//
// GAME, BARE and TILEMAP are folders made by web/stamp.mjs; `make web-bench` builds them all and calls this. Rounds
// alternate between the pages, so that a machine that gets slower is slower for all. Figures are medians; what counts are
// the ratios. The browser draws in software.
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { launch } from "./game.mjs";
import { Site } from "./site.mjs";

const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { rounds: { type: "string", default: "5" }, json: { type: "string" } },
});
if (positionals.length !== 3) {
    console.error("usage: measure.mjs GAME BARE TILEMAP [--rounds N] [--json FILE]");
    process.exit(2);
}
const [game, bare, tilemap] = positionals;
const rounds = Number(values.rounds);
const JOURNAL = join(import.meta.dirname, "../data/journals");
const WINDOW = { width: 1280, height: 720 };

const median = (list) => {
    const sorted = [...list].sort((a, b) => a - b);
    const middle = sorted.length >> 1;
    return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/** Bytes of a build: the program alone, and in brotli all that is fetched before the title. */
function sizes(folder, fetched) {
    const wasm = readdirSync(folder).find((name) => name.endsWith(".wasm"));
    const packed = (name) => {
        try {
            return readFileSync(join(folder, `${name}.br`)).length;
        } catch {
            return readFileSync(join(folder, name)).length;
        }
    };
    return {
        raw: readFileSync(join(folder, wasm)).length,
        wasm: packed(wasm),
        all: [...fetched].reduce((sum, name) => sum + packed(name), 0),
    };
}

async function open(browser, folder, hash = "") {
    const site = await Site.open(folder);
    // A fresh context: nothing is cached, no worker fetches beside the page.
    const context = await browser.newContext({ viewport: WINDOW, serviceWorkers: "block" });
    const page = await context.newPage();
    const began = performance.now();
    await page.goto(`${site.url}${hash}`, { waitUntil: "commit" });
    await page.waitForFunction(() => document.documentElement.dataset.phase === "ready", undefined, {
        timeout: 180_000,
        polling: 20,
    });
    const first = performance.now() - began;
    const close = async () => {
        await context.close();
        await site.close();
    };
    return { site, context, page, first, close };
}

/** Bytes of the program's memory, and of all JavaScript has. */
async function memory({ page, context }) {
    const session = await context.newCDPSession(page);
    await session.send("HeapProfiler.enable");
    await session.send("HeapProfiler.collectGarbage");
    const { result } = await session.send("Runtime.evaluate", { expression: "WebAssembly.Memory.prototype" });
    const { objects } = await session.send("Runtime.queryObjects", { prototypeObjectId: result.objectId });
    const { result: linear } = await session.send("Runtime.callFunctionOn", {
        objectId: objects.objectId,
        functionDeclaration: "function () { return this.reduce((sum, memory) => sum + memory.buffer.byteLength, 0); }",
        returnByValue: true,
    });
    const { usedSize } = await session.send("Runtime.getHeapUsage");
    return linear.value + usedSize;
}

/** Milliseconds between frames of the page, while it draws for so long. */
async function frames(page, ms) {
    return page.evaluate(
        (length) =>
            new Promise((done) => {
                const gaps = [];
                const began = performance.now();
                let last = began;
                const next = (now) => {
                    gaps.push(now - last);
                    last = now;
                    if (now - began < length) requestAnimationFrame(next);
                    else done(gaps.slice(1));
                };
                requestAnimationFrame(next);
            }),
        ms,
    );
}

const path = readdirSync(JOURNAL).find((name) => /careful.*extracted|extracted/.test(name)) ?? readdirSync(JOURNAL)[0];
const { execFileSync } = await import("node:child_process");
const link = execFileSync(process.env.LABYRINTH ?? "labyrinth", ["link", join(JOURNAL, path)], { encoding: "utf8" }).trim();

const firsts = { game: [], bare: [] };
const memories = { game: [], bare: [] };
const gaps = { game: [], tilemap: [] };
let downloaded;
for (let round = 0; round < rounds; round += 1) {
    // A browser of its own for each page: nothing is left of the other's shaders.
    for (const [name, folder] of [
        ["game", game],
        ["bare", bare],
    ]) {
        const browser = await launch();
        const opened = await open(browser, folder);
        firsts[name].push(opened.first);
        if (name === "game" && !downloaded) {
            const own = new URL(opened.site.url).pathname;
            const names = opened.site.requests.map((request) => request.slice(own.length).split(/[?#]/)[0] || "index.html");
            downloaded = new Set(names.filter((file) => readdirSync(game).includes(file)));
        }
        if (name === "bare") memories.bare.push(await memory(opened));
        await opened.close();
        await browser.close();
    }
    {
        const browser = await launch();
        const opened = await open(browser, game, link);
        for (let i = 0; i < 4; i += 1) await opened.page.keyboard.press("ArrowUp");
        await opened.page.waitForTimeout(1500);
        gaps.game.push(...(await frames(opened.page, 6000)));
        await opened.page.waitForFunction(() => globalThis.labyrinth?.screen === "end", undefined, { timeout: 240_000 });
        memories.game.push(await memory(opened));
        await opened.close();
        await browser.close();
    }
    {
        const browser = await launch();
        const opened = await open(browser, tilemap);
        await opened.page.waitForTimeout(1500);
        gaps.tilemap.push(...(await frames(opened.page, 6000)));
        await opened.close();
        await browser.close();
    }
    console.error(`round ${round + 1} of ${rounds}`);
}

const size = sizes(game, downloaded);
const base = sizes(bare, []);
const figures = {
    raw_wasm_bytes: size.raw,
    brotli_wasm_bytes: size.wasm,
    brotli_all_before_title_bytes: size.all,
    baseline_raw_wasm_bytes: base.raw,
    baseline_brotli_wasm_bytes: base.wasm,
    download_ratio: size.all / base.wasm,
    first_frame_ms: median(firsts.game),
    baseline_first_frame_ms: median(firsts.bare),
    first_frame_ratio: median(firsts.game) / median(firsts.bare),
    memory_after_raid_bytes: median(memories.game),
    baseline_memory_bytes: median(memories.bare),
    memory_ratio: median(memories.game) / median(memories.bare),
    raid_frame_ms: median(gaps.game),
    tilemap_frame_ms: median(gaps.tilemap),
    frame_ratio: median(gaps.game) / median(gaps.tilemap),
};
const mb = (bytes) => `${(bytes / 1e6).toFixed(2)} MB`;
const row = (what, ours, theirs, ratio, limit) =>
    console.log(`${what.padEnd(34)} ${ours.padStart(11)} ${theirs.padStart(11)} ${ratio.toFixed(2).padStart(6)}   ${limit}`);
console.log(`${"".padEnd(34)} ${"game".padStart(11)} ${"bare page".padStart(11)} ${"ratio".padStart(6)}   wanted`);
row(
    "all before the title, brotli 11",
    mb(size.all),
    `${mb(base.wasm)}`,
    figures.download_ratio,
    "at most 0.95 (of the bare wasm alone)",
);
row("the wasm, raw", mb(size.raw), mb(base.raw), size.raw / base.raw, "at most 20 MB");
row(
    "navigation to first frame",
    `${figures.first_frame_ms.toFixed(0)} ms`,
    `${figures.baseline_first_frame_ms.toFixed(0)} ms`,
    figures.first_frame_ratio,
    "at most 1.2",
);
row(
    "memory after the first raid",
    mb(figures.memory_after_raid_bytes),
    mb(figures.baseline_memory_bytes),
    figures.memory_ratio,
    "at most 1.5",
);
row(
    "median frame, raid | tile map",
    `${figures.raid_frame_ms.toFixed(1)} ms`,
    `${figures.tilemap_frame_ms.toFixed(1)} ms`,
    figures.frame_ratio,
    "at most 1.6",
);
if (values.json) {
    mkdirSync(dirname(values.json), { recursive: true });
    writeFileSync(values.json, `${JSON.stringify(figures, null, 2)}\n`);
}
