// The service worker: keeps one build whole for offline use, and never serves parts of two.
//
// The page comes from the network if it answers soon, else from this build's cache. Everything else of a build has the hash of
// its content in its name, or comes from the cache that the page came from, so a page always gets the files it was made with.

"use strict";

const BUILD = "@BUILD@";
const FILES = JSON.parse('@FILES@');

const PAGE = "index.html";
/** How long the network may take to answer for the page before the kept one is shown. */
const PATIENCE_MS = 4000;

// Several games may live on one host: the scope tells their caches apart.
const SCOPE = self.registration.scope;
const PREFIX = `void-labyrinth ${SCOPE} `;
const CACHE = PREFIX + BUILD;

const urlOf = (name) => new URL(name, SCOPE).href;
const NAMES = new Map(FILES.map((name) => [urlOf(name), name]));
const hasHash = (url) => /\.[0-9a-f]{8,}\.(js|css|wasm|ron|json)$/.test(url);

/** The same answer without the mark of a redirect, which a browser refuses for a page. */
async function plain(answer) {
    if (!answer.redirected) return answer;
    return new Response(await answer.blob(), { headers: answer.headers });
}

/** Whether this content is what the hash in the name promises: a host or a hotel's door may answer with something else. */
async function isWhole(name, answer) {
    const promised = /\.([0-9a-f]{8,})\.\w+$/.exec(name)?.[1];
    if (promised === undefined) return true;
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await answer.arrayBuffer()));
    const found = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
    return found.startsWith(promised);
}

async function keep(cache, name) {
    const hashed = hasHash(name);
    // What has no hash in its name must come from the server, not from some cache on the way.
    const answer = await fetch(urlOf(name), { cache: hashed ? "default" : "no-cache" });
    if (!answer.ok) throw new Error(`${name}: the server answers ${answer.status}`);
    if (name === PAGE && !(await answer.clone().text()).includes(`data-build="${BUILD}"`)) {
        throw new Error("the page on the server is of another build");
    }
    if (!(await isWhole(name, answer.clone()))) throw new Error(`${name}: what the server sends is something else`);
    await cache.put(urlOf(name), await plain(answer));
}

/** Fetches what should be kept and is not: a browser that needs room may have dropped it. */
async function complete() {
    const cache = await caches.open(CACHE);
    for (const name of new Set([PAGE, ...FILES])) {
        if (!(await cache.match(urlOf(name)))) await keep(cache, name);
    }
}

self.addEventListener("install", (event) => {
    event.waitUntil(
        (async () => {
            const cache = await caches.open(CACHE);
            try {
                await Promise.all([...new Set([PAGE, ...FILES])].map((name) => keep(cache, name)));
            } catch (error) {
                // All or nothing; the browser tries again at a later visit.
                await caches.delete(CACHE);
                throw error;
            }
        })(),
    );
});

self.addEventListener("activate", (event) => {
    event.waitUntil(
        (async () => {
            const old = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE);
            await Promise.all(old.map((name) => caches.delete(name)));
            await self.clients.claim();
        })(),
    );
});

self.addEventListener("message", (event) => {
    if (event.data === "build?") event.ports[0]?.postMessage(BUILD);
    if (event.data === "activate") self.skipWaiting();
    // Without a network this waits for the next visit.
    if (event.data === "complete") event.waitUntil(complete().catch(() => {}));
});

async function page(request) {
    const kept = await (await caches.open(CACHE)).match(urlOf(PAGE));
    if (!kept) return fetch(request);
    const patience = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, kept));
    // A server in trouble is no better than none. A redirect looks like neither; the browser follows it.
    const answer = fetch(request).then((answer) => (answer.ok || answer.type === "opaqueredirect" ? answer : kept));
    return Promise.race([answer.catch(() => kept), patience]);
}

async function file(request, url) {
    const cache = await caches.open(CACHE);
    if (request.cache === "reload") {
        // After a broken download: what is kept may be what is broken.
        const answer = await fetch(request);
        if (answer.ok && NAMES.has(url)) await cache.put(url, answer.clone());
        return answer;
    }
    // A hash in the name makes any build's copy the right one: that of a build which waits to become active counts too.
    const kept = (await cache.match(url)) ?? (hasHash(url) ? await caches.match(url) : undefined);
    return kept ?? fetch(request);
}

self.addEventListener("fetch", (event) => {
    const { request } = event;
    const url = new URL(request.url);
    url.hash = "";
    url.search = "";
    if (request.method !== "GET" || !url.href.startsWith(SCOPE)) return;
    if (request.mode === "navigate") {
        if (url.href === SCOPE || url.href === urlOf(PAGE)) event.respondWith(page(request));
    } else if (NAMES.has(url.href) || hasHash(url.href)) {
        event.respondWith(file(request, url.href));
    }
});
