// What the game keeps in a browser, looked at from outside.

// All that is stored under the game's name: { key: text }.
export async function stored(game) {
    return game.frame.evaluate(() => {
        const keys = Object.keys(localStorage).filter((key) => key.startsWith("void-labyrinth/"));
        return Object.fromEntries(keys.map((key) => [key, localStorage.getItem(key)]));
    });
}

// The profile as the page's menu exports it.
export async function exported(game) {
    await openMenu(game, "#tool-export");
    const area = game.page.locator("#export-text");
    await area.waitFor({ state: "visible" });
    const text = await area.inputValue();
    await shut(game, "#export");
    return text;
}

// Opens the page's menu and chooses from it, by keys alone.
export async function openMenu(game, tool) {
    const toggle = game.page.locator("#tools-toggle");
    await toggle.press("Enter");
    await game.until("the menu", () => document.getElementById("tools-toggle").getAttribute("aria-expanded") === "true");
    await game.page.locator(tool).press("Enter");
    await game.until("a dialog", () => document.querySelector("dialog[open]") !== null);
}

// Shuts a dialog of the page; the game has the keys again then.
export async function shut(game, dialog) {
    await game.page.locator(`${dialog} [data-close]`).click();
    await game.until("the game to have the focus", () => document.activeElement?.id === "game");
}

// Every replay code in a profile: the values that look like one.
export function codesIn(profile) {
    const found = new Set();
    const walk = (value, key) => {
        if (typeof value === "string" && /code|replay/i.test(key) && /^[\w-]{24,}$/.test(value)) found.add(value);
        else if (value && typeof value === "object") {
            for (const [name, inner] of Object.entries(value)) walk(inner, Array.isArray(value) ? key : name);
        }
    };
    walk(JSON.parse(profile), "");
    return [...found];
}
