// What a person gives the page: files that are dropped or chosen, texts that are pasted. The game is told by `onGift`.

/** More than a browser's tab should hold twice: a trace of a few hundred thousand events. */
const LARGEST = 64 * 1024 * 1024;

const GZIP = [0x1f, 0x8b];
const XZ = [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00];
const ZSTD = [0x28, 0xb5, 0x2f, 0xfd];

const begins = (bytes, head) => head.every((byte, at) => bytes[at] === byte);

/** Reads a stream to its end as text, but no further than the page can bear. */
async function textOf(stream) {
    const decoder = new TextDecoder();
    const reader = stream.getReader();
    let text = "";
    for (;;) {
        const { done, value } = await reader.read();
        if (done) return text + decoder.decode();
        text += decoder.decode(value, { stream: true });
        if (text.length > LARGEST) {
            await reader.cancel();
            throw new Error(`found more than ${LARGEST} bytes of text, expected at most so many; the desktop's game reads larger files`);
        }
    }
}

/** The text of a file, unpacked if the browser can. */
export async function read(file) {
    const head = new Uint8Array(await file.slice(0, 6).arrayBuffer());
    if (begins(head, XZ) || begins(head, ZSTD)) {
        throw new Error("found a file packed by xz or zstd, expected a text or one packed by gzip; the desktop's game unpacks all three");
    }
    if (!begins(head, GZIP)) return textOf(file.stream());
    if (!("DecompressionStream" in globalThis)) {
        throw new Error("found a file packed by gzip, which this browser cannot unpack; expected a text");
    }
    return textOf(file.stream().pipeThrough(new DecompressionStream("gzip")));
}

/** Starts listening. `page` is labyrinthPage, `canvas` is where the game has the keys. */
export function wireGifts(page, canvas) {
    const give = async (file) => {
        // A name is one line.
        const name = file.name.replaceAll("\n", " ") || "file";
        let text;
        try {
            text = await read(file);
        } catch (error) {
            page.onGiftFailed?.(`${name}: ${error.message}`);
            return;
        }
        page.onGift?.(`${name}\n${text}`);
        canvas.focus({ preventScroll: true });
    };
    const inDialog = () => document.querySelector("dialog[open]") !== null;

    addEventListener("dragover", (event) => {
        if (!inDialog() && event.dataTransfer?.types.includes("Files")) event.preventDefault();
    });
    addEventListener("drop", (event) => {
        const [file] = event.dataTransfer?.files ?? [];
        if (inDialog() || !file) return;
        event.preventDefault();
        give(file);
    });
    document.addEventListener("paste", (event) => {
        const text = event.clipboardData?.getData("text/plain") ?? "";
        if (inDialog() || text === "" || text.length > LARGEST) return;
        // What the page's own fields are given is theirs.
        if (event.target instanceof Element && event.target.closest("input, textarea")) return;
        event.preventDefault();
        page.onGift?.(`\n${text}`);
    });

    const chooser = document.createElement("input");
    chooser.type = "file";
    chooser.addEventListener("change", () => {
        const [file] = chooser.files;
        if (file) give(file);
        chooser.value = "";
    });
    page.chooseFile = () => chooser.click();
}
