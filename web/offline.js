// Keeps the game for offline use by a service worker, and says when a new version is there. Without one, nothing happens.

const by = (id) => document.getElementById(id);

/** Asks a worker which build it brings. */
const buildOf = (worker) =>
    new Promise((resolve) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = (event) => resolve(event.data);
        // A worker of another page does not answer.
        setTimeout(resolve, 5000, null);
        worker.postMessage("build?", [port2]);
    });

/** Registers the worker; called when the game runs, so that nothing competes with its download. */
export async function keepOffline(page) {
    try {
        const registration = await navigator.serviceWorker.register("sw.js", { updateViaCache: "none" });
        const mine = document.documentElement.dataset.build;
        const consider = async (worker) => {
            const build = await buildOf(worker);
            if (build === null) return;
            // This page already is that build: its files come from the network until the worker takes over.
            if (build === mine) worker.postMessage("activate");
            else offer(page, worker);
        };
        registration.addEventListener("updatefound", () => {
            const worker = registration.installing;
            worker?.addEventListener("statechange", () => {
                if (worker.state === "installed" && registration.active) consider(worker);
            });
        });
        registration.active?.postMessage("complete");
        // One that waits since an earlier visit counts only if the server has none that is newer still.
        await registration.update().catch(() => {});
        if (registration.waiting && !registration.installing) await consider(registration.waiting);
        // A page that stays open for days looks again when it is looked at.
        document.addEventListener("visibilitychange", () => {
            if (document.visibilityState === "visible") registration.update().catch(() => {});
        });
    } catch {
        // No worker here: file, plain http, a frame that forbids it, private browsing. The game needs none.
    }
}

/** Offers the new version; a raid is saved before the page goes. */
function offer(page, worker) {
    by("update").hidden = false;
    by("update-later").onclick = () => {
        by("update").hidden = true;
        by("game").focus({ preventScroll: true });
    };
    by("update-reload").onclick = () => {
        navigator.serviceWorker.addEventListener("controllerchange", () => page.reload(), { once: true });
        worker.postMessage("activate");
        // It may have become active meanwhile, through another tab.
        setTimeout(() => page.reload(), 2000);
    };
}
