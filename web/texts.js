// Texts that the game fetches when somebody first wants to read them, from beside this file and from nowhere else.

const FILES = { "glossary.ron": "./glossary.ron", "lessons.json": "./lessons.json" };

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

/** Answers `page.fetchText(name)` with `page.onText`: the name, `ok` or `failed`, and the text or the reason, line by line. */
export function wireTexts(page, canvas) {
    page.fetchText = async (name) => {
        const tell = (how, rest) => page.onText?.(`${name}\n${how}\n${rest}`);
        try {
            const file = FILES[name];
            if (!file) throw new Error(`there is no text "${name}"`);
            const answer = await fetch(new URL(file, import.meta.url));
            if (!answer.ok) throw new Error(`the server answers ${answer.status}`);
            tell("ok", await answer.text());
        } catch (error) {
            tell("failed", String(error?.message ?? error));
        }
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
