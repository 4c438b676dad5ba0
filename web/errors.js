// The error page: one function, labyrinthPage.fail(kind, details), for every way in which the game can end early.
// A classic script that loads before the modules, so that it can also say that those did not arrive; and in the language
// of 2017, so that browsers that cannot run the game can at least say so.
(() => {
    "use strict";

    // Each kind: what it is called, what happened, and what a person can try.
    const KINDS = {
        browser: {
            code: "no WebAssembly",
            title: "This browser is too old",
            what: "The game is a WebAssembly program with JavaScript modules, and this browser cannot run those.",
            tries: [
                "Update the browser: Chrome 97, Firefox 102, Safari 16 or newer will do.",
                "If it is new, WebAssembly may be switched off: in Safari by Lockdown Mode, in others by a policy or an extension.",
            ],
        },
        file: {
            code: "file://",
            title: "This page was opened as a file",
            what: "Browsers do not let a page that was opened from a file load programs. It has to come from a web server.",
            tries: ["In the folder of the source, run: make web-serve, and open the address it prints.", "Or put the folder on any web host."],
        },
        blocked: {
            code: "WebAssembly not allowed",
            title: "Programs are not allowed here",
            what: "The game is a WebAssembly program, and something forbids this page to run any. Nothing large was downloaded yet.",
            tries: [
                "Update the browser: Chrome 97, Firefox 102, Safari 16 or newer will do.",
                "Somebody's policy may forbid it: a school's or company's network, the host's headers (docs/web.md has those it needs), Lockdown Mode, an extension. Try another network or browser.",
            ],
        },
        sandbox: {
            code: "sandboxed frame",
            title: "This frame is shut too tightly",
            what: "The page that shows this one gave it no address of its own, so that browsers refuse to load its scripts.",
            tries: ["Open the game in a tab of its own.", "Whoever wrote that page: the frame's sandbox needs allow-scripts and allow-same-origin."],
        },
        webgl: {
            code: "no WebGL 2",
            title: "No graphics: WebGL 2 is missing",
            what: "The game draws with WebGL 2, and this browser offers none. Nothing was downloaded yet.",
            tries: [
                "Switch on hardware acceleration in the browser's settings and restart it.",
                "Update the graphics driver, or try another browser.",
                "On a remote desktop or in a virtual machine, graphics are often switched off.",
            ],
        },
        offline: {
            code: "offline",
            title: "No connection",
            what: "The game could not be downloaded because this device is offline. Once it was loaded, it also works offline.",
            tries: ["Connect to a network and try again."],
        },
        download: {
            code: "download failed",
            title: "The download failed",
            what: "A file of the game could not be fetched.",
            tries: [
                "Try again: a new version may have been put up just now.",
                "If you use an extension that blocks content, allow this page.",
            ],
        },
        truncated: {
            code: "download incomplete",
            title: "The download broke off",
            what: "The program did not arrive whole.",
            tries: ["Try again: it will be fetched afresh.", "If it happens again, the network or a proxy cuts it off; try another one."],
        },
        start: {
            code: "start failed",
            title: "The game did not start",
            what: "Everything was downloaded, but the program stopped before its first picture.",
            tries: ["Try again.", "Close other tabs: there may have been too little memory.", "Update the browser or the graphics driver."],
        },
        context: {
            code: "context lost",
            title: "The graphics were taken away",
            what: "The browser or the graphics driver took the drawing surface back. That happens after sleep, a driver update, or with too little graphics memory. An unfinished raid goes on where it was.",
            tries: ["Try again.", "If it happens often, close other tabs that draw."],
        },
        panic: {
            code: "kernel panic - not syncing",
            title: "The game has stopped",
            what: "It met something that must not happen, which is a fault of the game and not yours.",
            tries: ["Reload: a raid goes on from its last saved turn.", "Copy the report and send it along when you tell of this."],
            retry: "Reload",
        },
    };

    const root = document.documentElement;
    const by = (id) => document.getElementById(id);
    const page = (window.labyrinthPage = window.labyrinthPage || {});

    /** Puts text on the clipboard, by the old way where the new one is not allowed. Resolves to whether it worked. */
    page.copyText = (text, area) =>
        (navigator.clipboard ? navigator.clipboard.writeText(text) : Promise.reject(new Error("no clipboard"))).then(
            () => true,
            () => {
                const kept = area.value;
                area.value = text;
                area.focus();
                area.select();
                let done = false;
                try {
                    done = document.execCommand("copy");
                } catch (_) {
                    // Then the text stays selected, to be copied by hand.
                }
                if (kept !== text) area.value = kept;
                return done;
            }
        );

    /** Hands text to the browser as a download. */
    page.saveText = (text, name) => {
        const link = document.createElement("a");
        link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
        link.download = name;
        link.click();
        setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    };

    /**
     * Drops what is kept of the game's files for offline use, and fetches the small ones past the browser's own cache; the
     * program is fetched so by the next start. The profile is kept elsewhere. Resolves in any case, and soon.
     */
    page.forgetFiles = () => {
        const mine = `void-labyrinth ${new URL("./", document.baseURI).href} `;
        const forgotten = window.caches
            ? caches.keys().then((names) => Promise.all(names.filter((name) => name.startsWith(mine)).map((name) => caches.delete(name))))
            : Promise.resolve();
        const small = Array.from(document.querySelectorAll("script[src], link[rel=stylesheet], link[rel=modulepreload]"), (from) => from.src || from.href);
        small.push(new URL(by("bar").dataset.glue, document.baseURI).href);
        const afresh = (url) => fetch(url, { cache: "reload" }).then((answer) => answer.arrayBuffer());
        const fetched = () => Promise.all(small.map((url) => afresh(url).catch(() => {})));
        const soon = new Promise((resolve) => setTimeout(resolve, 8000));
        return Promise.race([forgotten.then(fetched, fetched), soon]);
    };

    /**
     * Shows the error page; the first failure wins.
     * details: detail (a line from the program or the browser), facts ([name, value] pairs), journal (text), journalName.
     */
    page.fail = (kind, details = {}) => {
        if (root.dataset.phase === "failed") return;
        const about = KINDS[kind];
        root.dataset.phase = "failed";
        root.dataset.failure = kind;
        const { detail = "", facts = [], journal = "", journalName = "void-labyrinth.journal" } = details;
        const show = (id, text) => {
            by(id).textContent = text;
            by(id).hidden = text === "";
        };
        show("failure-kind", about.code);
        show("failure-title", about.title);
        show("failure-what", journal === "" ? about.what : `${about.what} The journal below replays the raid up to this turn.`);
        show("failure-detail", detail);
        const add = (id, name, text) => {
            by(id).appendChild(document.createElement(name)).textContent = text;
        };
        for (const [name, value] of facts) {
            add("failure-facts", "dt", name);
            add("failure-facts", "dd", value);
        }
        by("failure-facts").hidden = facts.length === 0;
        for (const text of about.tries) add("failure-tries", "li", text);

        const area = by("failure-text");
        area.value = journal;
        by("failure-journal").hidden = journal === "";
        for (const id of ["failure-copy", "failure-save"]) by(id).hidden = journal === "";
        by("failure-report").hidden = kind !== "panic";
        const said = (text) => show("failure-said", text);
        said("");
        const copy = (text, what) =>
            page.copyText(text, area).then((done) => {
                said(done ? `${what} copied.` : "This browser does not let the page copy: select the text yourself.");
            });
        const report = () =>
            [
                `Void Labyrinth ${by("bar").dataset.version}, build ${root.dataset.build}`,
                `browser: ${navigator.userAgent}`,
                `message: ${detail}`,
                ...facts.map(([name, value]) => `${name}: ${value}`),
                "",
                journal
            ].join("\n");
        by("failure-copy").onclick = () => copy(journal, "Journal");
        by("failure-report").onclick = () => copy(report(), "Report");
        by("failure-save").onclick = () => page.saveText(journal, journalName);
        const retry = by("failure-retry");
        retry.textContent = about.retry || "Try again";
        retry.onclick = () => {
            const again = () => location.reload();
            if (kind !== "truncated" && kind !== "download") return again();
            // The next load does not trust what the browser kept, nor what the worker kept; the address stays as it is.
            history.replaceState({ fresh: true }, "");
            page.forgetFiles().then(again, again);
        };

        document.querySelectorAll("dialog[open]").forEach((dialog) => dialog.close());
        for (const id of ["stage", "tools", "text", "update", "loading"]) by(id).inert = true;
        by("loading").hidden = true;
        by("failure").hidden = false;
        by("failure-title").focus();
    };

    // What can be seen without a module: a page from a file, a browser that knows no modules, a script that did not arrive.
    if (location.protocol === "file:") {
        page.fail("file");
    } else if (!("noModule" in HTMLScriptElement.prototype) || typeof WebAssembly !== "object") {
        page.fail("browser");
    }
    // Scripts wait for style sheets, so by now it is there or failed.
    // A sheet is no proof: browsers make an empty one of an answer that was none. Its first colour is.
    const style = document.querySelector("link[rel=stylesheet]");
    if (style && getComputedStyle(root).getPropertyValue("--void") === "") page.fail(navigator.onLine ? "download" : "offline", { detail: style.href.split("/").pop() });
    const missing = (event) => {
        // A script that arrived damaged does not run, and can say no more than this.
        if (event instanceof ErrorEvent && root.dataset.phase === "loading") {
            const file = (event.filename || "").split("/").pop();
            page.fail("truncated", { detail: file ? `${file}: ${event.message}` : event.message });
            return;
        }
        const from = event.target;
        const source = from instanceof HTMLScriptElement && from.src;
        if (!source) return;
        const kind = window.origin === "null" ? "sandbox" : navigator.onLine ? "download" : "offline";
        page.fail(kind, { detail: source.split("/").pop() });
    };
    // A failed script is told to its element only, so listen on the way down; a broken one to the window.
    window.addEventListener("error", missing, true);
})();
