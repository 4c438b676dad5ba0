// The page around the game: what the game may call (`labyrinthPage`), and the order in which things start.

import { mirror } from "./access.js";
import { wireGifts } from "./gifts.js";
import { guardKeys, watchFocus } from "./keys.js";
import { hasWebGl2, LoadError, start, whyNoProgram } from "./load.js";
import { keepOffline } from "./offline.js";
import { wireSound } from "./sound.js";
import { wireTexts } from "./texts.js";
import { toggleFullscreen, wireTools } from "./tools.js";

const root = document.documentElement;
const by = (id) => document.getElementById(id);
const canvas = by("game");
const page = globalThis.labyrinthPage;
// That comes from the script before this one, as does every error page.
if (!page) {
    by("loading-what").textContent = "A part of the page did not arrive whole. Reload it to try again.";
    throw new Error("errors.js did not arrive");
}
const motion = matchMedia("(prefers-reduced-motion: reduce)");

/** Lets the game save. A game that has failed is not asked: what it holds may be broken, and every turn was saved. */
function save() {
    if (root.dataset.phase === "failed") return;
    try {
        page.onHide?.();
    } catch (error) {
        console.error(`onHide: ${error.message}`);
    }
}

let leaving = false;

/** Loads the page anew, once; the game saves first unless what it holds is to be forgotten. */
page.reload = ({ save: wanted = true } = {}) => {
    if (leaving) return;
    if (wanted) save();
    leaving = true;
    location.reload();
};

/** The first picture is drawn. */
page.ready = () => {
    if (root.dataset.phase === "ready" || root.dataset.phase === "failed") return;
    root.dataset.phase = "ready";
    by("loading").inert = true;
    setTimeout(() => (by("loading").hidden = true), motion.matches ? 0 : 400);
    wireTools(page, canvas);
    wireGifts(page, canvas);
    canvas.focus({ preventScroll: true });
    watchFocus(canvas, by("hint"));
    keepOffline(page);
};

page.fullscreen = toggleFullscreen;

/** Called by the panic hook. A panic after the graphics were taken away is that, not a fault of the rules. */
page.crashed = (message, seed, zone, turn, journal) => {
    // Outside a raid there is no zone, and the rest says nothing.
    const facts = zone ? Object.entries({ seed, zone, turn }).map(([name, value]) => [name, String(value)]) : [];
    const lost = canvas.getContext("webgl2")?.isContextLost() ?? false;
    page.fail(lost ? "context" : "panic", {
        detail: String(message ?? "no message"),
        facts,
        journal: String(journal ?? ""),
        journalName: `void-labyrinth-${facts.map(([, value]) => value.replace(/[^\w-]+/g, "_")).join("-") || "raid"}.journal`,
    });
};

Object.defineProperty(page, "reducedMotion", { get: () => motion.matches, enumerable: true });
page.maxPixelRatio = 2;
clampPixels(page.maxPixelRatio);
page.fingers = matchMedia("(pointer: coarse)").matches;
page.gesture = false;
mirror(page);
wireSound(page);
wireTexts(page, canvas);

// Browsers allow sound only after a first gesture.
const gestures = ["pointerdown", "keydown", "touchend"];
const gestured = () => {
    for (const type of gestures) removeEventListener(type, gestured, true);
    page.gesture = true;
};
for (const type of gestures) addEventListener(type, gestured, true);

// What is needed to read gamepads is fetched where there is one.
addEventListener("gamepadconnected", async () => (await import("./pads.js")).watch(page), { once: true });
// While nothing moves the game draws nothing, and looks at nothing.
motion.addEventListener("change", () => page.onWake?.());

addEventListener("pagehide", () => !leaving && save());
document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && !leaving) save();
});
// A link to another raid in the address bar: the game reads it when it starts.
addEventListener("hashchange", () => page.reload());

guardKeys(canvas);
canvas.addEventListener("webglcontextlost", () => {
    if (!leaving) page.fail("context");
});
// What the program throws without a word from its panic hook, for example when memory runs out.
const thrown = (reason) => {
    const running = root.dataset.phase === "ready" || root.dataset.phase === "starting";
    if (running && reason instanceof WebAssembly.RuntimeError) page.crashed(reason.message);
};
addEventListener("error", (event) => thrown(event.error));
addEventListener("unhandledrejection", (event) => thrown(event.reason));

/**
 * Draws no more pixels than that for one CSS pixel: more costs a phone much and shows nothing more. The program asks the
 * window for the ratio, and sizes its canvas by it once the observer's own figure of device pixels is out of the way.
 */
function clampPixels(most) {
    const ratio = Object.getOwnPropertyDescriptor(window, "devicePixelRatio")?.get;
    if (!ratio || !(window.devicePixelRatio > most)) return;
    Object.defineProperty(window, "devicePixelRatio", { configurable: true, get: () => Math.min(ratio.call(window), most) });
    delete ResizeObserverEntry.prototype.devicePixelContentBoxSize;
}

async function main() {
    if (root.dataset.phase === "failed") return;
    const forbidden = whyNoProgram();
    if (forbidden !== "") {
        page.fail("blocked", { detail: forbidden });
        return;
    }
    if (!hasWebGl2()) {
        page.fail("webgl");
        return;
    }
    // Set by the retry button after a broken download.
    const fresh = history.state?.fresh === true;
    if (fresh) history.replaceState(null, "");
    const { wasm, glue, bytes } = by("bar").dataset;
    try {
        await start({ wasm, glue, bytes: Number(bytes), fresh });
    } catch (error) {
        const known = error instanceof LoadError;
        page.fail(known ? error.kind : "start", { detail: error.message });
    }
}

main();
