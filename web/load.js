// Brings the program: downloads it with an honest progress bar, compiles it while it arrives, and starts it.

/** How many cells the bar has; a power of two, because they merge as buddies do. */
const CELLS = 32;

/** A failure of loading, with the kind of error page it asks for. */
export class LoadError extends Error {
    constructor(kind, detail, cause) {
        super(detail, { cause });
        this.kind = kind;
    }
}

/** Whether a WebGL 2 context can be had; asked before anything large is fetched. */
export function hasWebGl2() {
    try {
        const context = document.createElement("canvas").getContext("webgl2");
        if (!context) return false;
        // Browsers allow few contexts at once: give this one back.
        context.getExtension("WEBGL_lose_context")?.loseContext();
        return true;
    } catch {
        return false;
    }
}

/** Why no program may run here; "" if one may. A policy may forbid what the browser can do. */
export function whyNoProgram() {
    try {
        new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
        return "";
    } catch (error) {
        return String(error?.message ?? error);
    }
}

const megabytes = (bytes) => (bytes / 1e6).toFixed(1);

/** The progress bar: pages that fill, and merge with their buddies when both are full. */
export class Progress {
    #bar = document.getElementById("bar");
    #fill = document.getElementById("bar-fill");
    #what = document.getElementById("loading-what");
    #figure = document.getElementById("loading-figure");
    #walls = [];
    #got = 0;
    #drawing = false;

    constructor(bytes) {
        this.bytes = bytes;
        const walls = document.getElementById("bar-walls");
        for (let at = 1; at < CELLS; at += 1) {
            const wall = document.createElement("span");
            // The wall parts two buddies of this size, and falls when the later one is full.
            const size = at & -at;
            wall.style.left = `${(at / CELLS) * 100}%`;
            walls.append(wall);
            this.#walls.push({ wall, falls: at + size });
        }
        this.#draw();
    }

    /** This many bytes have arrived. */
    at(got) {
        this.#got = got;
        if (this.#drawing) return;
        this.#drawing = true;
        requestAnimationFrame(() => {
            this.#drawing = false;
            this.#draw();
        });
    }

    #draw() {
        const part = Math.min(1, this.#got / this.bytes);
        const percent = Math.floor(part * 100);
        this.#fill.style.transform = `scaleX(${part})`;
        for (const { wall, falls } of this.#walls) wall.classList.toggle("fallen", part * CELLS >= falls);
        if (document.documentElement.dataset.phase !== "loading") return;
        this.#figure.textContent = `${megabytes(this.#got)} of ${megabytes(this.bytes)} MB`;
        this.#bar.setAttribute("aria-valuenow", String(percent));
        this.#bar.setAttribute("aria-valuetext", `${percent} percent`);
    }

    /** All has arrived; the program makes its first picture, which nobody can measure from here. */
    starting() {
        if (document.documentElement.dataset.phase !== "loading") return;
        this.#draw();
        document.documentElement.dataset.phase = "starting";
        this.#what.textContent = "starting";
        this.#figure.textContent = "";
        this.#bar.setAttribute("aria-valuenow", "100");
        this.#bar.setAttribute("aria-valuetext", "loaded, starting");
    }
}

/** Fetches the glue code, which is small, and is given the program. */
async function glueFrom(name) {
    try {
        return await import(new URL(name, document.baseURI).href);
    } catch (cause) {
        throw new LoadError(navigator.onLine ? "download" : "offline", `${name}: ${cause.message}`, cause);
    }
}

/**
 * Fetches the program. The answer's stream counts the decoded bytes on their way to the compiler and breaks if they are
 * not as many as were stamped into the page; Content-Length would be the compressed size, or missing.
 */
async function programFrom(name, { bytes, fresh, progress, broke }) {
    let answer;
    try {
        answer = await fetch(new URL(name, document.baseURI), { cache: fresh ? "reload" : "default" });
    } catch (cause) {
        throw new LoadError(navigator.onLine ? "download" : "offline", `${name}: ${cause.message}`, cause);
    }
    if (!answer.ok || !answer.body) {
        throw new LoadError("download", `${name}: the server answers ${answer.status} ${answer.statusText}`.trim());
    }
    let got = 0;
    const reader = answer.body.getReader();
    const fail = (controller, why, cause) => {
        broke.error = new LoadError("truncated", `${name}: ${why}`, cause);
        controller.error(broke.error);
    };
    const counted = new ReadableStream({
        async pull(controller) {
            let step;
            try {
                step = await reader.read();
            } catch (cause) {
                fail(controller, `the connection broke after ${got} of ${bytes} bytes`, cause);
                return;
            }
            if (step.done) {
                if (got === bytes) controller.close();
                else fail(controller, `${got} bytes arrived, expected ${bytes}`);
                return;
            }
            got += step.value.byteLength;
            if (got > bytes) {
                fail(controller, `more than the expected ${bytes} bytes arrived`);
                reader.cancel().catch(() => {});
                return;
            }
            progress.at(got);
            if (got === bytes) progress.starting();
            controller.enqueue(step.value);
        },
        cancel: (reason) => reader.cancel(reason),
    });
    return new Response(counted, { headers: { "content-type": "application/wasm" } });
}

/**
 * Loads and starts the game; resolves when its `main` has returned to the browser.
 * Throws a LoadError, whose kind names the error page to show.
 */
export async function start({ wasm, glue, bytes, fresh }) {
    const broke = {};
    const program = programFrom(wasm, { bytes, fresh, progress: new Progress(bytes), broke });
    // Both at once; whichever fails first is reported.
    const [code, answer] = await Promise.all([glueFrom(glue), program]);
    try {
        await code.default({ module_or_path: answer });
    } catch (cause) {
        if (broke.error) throw broke.error;
        // Bytes that are no program were damaged on the way; anything else went wrong while it ran.
        const damaged = cause instanceof WebAssembly.CompileError;
        throw new LoadError(damaged ? "truncated" : "start", String(cause?.message ?? cause), cause);
    }
}
