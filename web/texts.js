// Texts that the game asks for when it needs them, and text that it hands out to be pasted elsewhere.

/** Names that the game uses, and the files of the build. */
const FILES = { lessons: "./lessons.json" };

async function textOf(name) {
    const file = FILES[name];
    if (!file) throw new Error("no such text");
    const answer = await fetch(new URL(file, document.baseURI));
    if (!answer.ok) throw new Error(`the server answers ${answer.status} ${answer.statusText}`.trim());
    return answer.text();
}

/** Copies without the clipboard's own interface, which pages without https lack. */
function copyByHand(text) {
    const area = document.createElement("textarea");
    area.value = text;
    area.style.position = "fixed";
    area.style.opacity = "0";
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
}

/** Gives the page what the game may call. `onText` is answered with the name, then `+` and the text or `-` and why not. */
export function serveTexts(page, canvas) {
    page.fetchText = (name) => {
        textOf(String(name)).then(
            (text) => page.onText?.(`${name}\n+${text}`),
            (error) => page.onText?.(`${name}\n-${error.message}`),
        );
    };
    page.copy = (text) => {
        const byHand = () => {
            copyByHand(String(text));
            canvas.focus({ preventScroll: true });
        };
        if (navigator.clipboard) navigator.clipboard.writeText(String(text)).catch(byHand);
        else byHand();
    };
}
