// What a person cannot see is said: the log for screen readers, the screen as text, the state for teachers and tests.

/** Lines of the log that are kept. */
const KEPT = 200;
/** How long a line stays where a screen reader picks it up; then only the log has it. */
const SPOKEN_MS = 10_000;

const by = (id) => document.getElementById(id);

function deepFreeze(value) {
    if (value !== null && typeof value === "object") {
        Object.values(value).forEach(deepFreeze);
        Object.freeze(value);
    }
    return value;
}

/**
 * Adds say, describe and state to what the game may call, and the read-only `window.labyrinth`.
 *
 * New lines go into two live regions, which are empty again soon after; the log itself is not live, so that nothing is read
 * twice and it can be read again at leisure, newest line first. The screen as text is not live either: as a whole it would be read every turn.
 */
export function mirror(page) {
    const log = by("log");

    const speak = (text, urgent) => {
        const spoken = document.createElement("p");
        spoken.textContent = text;
        by(urgent ? "say-urgent" : "say-polite").append(spoken);
        setTimeout(() => spoken.remove(), SPOKEN_MS);
    };

    page.say = (line, urgent) => {
        const text = String(line);
        const entry = document.createElement("li");
        entry.textContent = text;
        if (urgent) entry.className = "urgent";
        log.prepend(entry);
        while (log.childElementCount > KEPT) log.lastElementChild.remove();

        speak(text, urgent);
    };
    // What a menu says is heard and not kept.
    page.announce = (line) => speak(String(line), false);

    let described = null;
    page.describe = (text) => {
        if (text === described) return;
        described = text;
        by("description").textContent = String(text);
    };

    let state = null;
    page.state = (json) => {
        try {
            state = deepFreeze(JSON.parse(json));
            // The page's menu keeps out of the way of what each screen has in its corners.
            document.documentElement.dataset.screen = state.screen;
        } catch (error) {
            console.error(`labyrinthPage.state: expected JSON: ${error.message}`);
        }
    };
    Object.defineProperty(window, "labyrinth", { get: () => state, enumerable: true, configurable: false });
}
