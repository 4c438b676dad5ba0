// Keyboard and focus: the browser keeps its keys, the game gets its own, and the page says when it is not listening.

/** Keys of the game that may also do something in a browser (some search as one types), by `KeyboardEvent.key`. */
const GAME_KEYS = new Set([
    ..."abcdefghijklmnopqrstuvwxyz0123456789 .;+-_=?/",
    "Enter",
    "Backspace",
    "F1",
    "F2",
    "PageDown",
    "ArrowUp",
    "ArrowRight",
    "ArrowDown",
    "ArrowLeft",
]);

/** Whether the browser's own meaning of a key has to be held back. Tab never: it is the way out of the game. */
export function isGameKey(event, inFullscreen) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return false;
    // In full screen, Escape is the browser's way out.
    if (event.key === "Escape") return !inFullscreen;
    return GAME_KEYS.has(event.key.length === 1 ? event.key.toLowerCase() : event.key);
}

/** Starts listening. `canvas` is where the game listens; the game gets every key, prevented or not. */
export function guardKeys(canvas) {
    canvas.addEventListener("keydown", (event) => {
        if (isGameKey(event, document.fullscreenElement !== null)) event.preventDefault();
    });
    // A right click looks at a cell.
    canvas.addEventListener("contextmenu", (event) => event.preventDefault());

    // A ring shows that the game has the focus only if Tab brought it there, and only until it is used.
    let tabbed = false;
    document.addEventListener("keydown", (event) => (tabbed = event.key === "Tab"), true);
    document.addEventListener("pointerdown", () => (tabbed = false), true);
    canvas.addEventListener("focus", () => canvas.classList.toggle("ring", tabbed));
    for (const type of ["keydown", "pointerdown", "blur"]) {
        canvas.addEventListener(type, () => canvas.classList.remove("ring"));
    }
}

/** Shows "click to play" while keys would go nowhere: in a frame without the focus, or with the focus on nothing. */
export function watchFocus(canvas, hint) {
    const embedded = window.parent !== window;
    // A finger needs no focus.
    const fine = matchMedia("(any-pointer: fine)");
    const update = () => {
        const nowhere = document.activeElement === null || document.activeElement === document.body;
        const away = embedded && !document.hasFocus();
        const ready = document.documentElement.dataset.phase === "ready";
        hint.hidden = !(ready && fine.matches && (nowhere || away));
    };
    // The focus is between two elements while the event runs.
    const soon = () => setTimeout(update, 0);
    for (const type of ["focus", "blur"]) window.addEventListener(type, soon);
    for (const type of ["focusin", "focusout"]) document.addEventListener(type, soon);
    // This click brings the focus and does nothing in the game.
    hint.addEventListener("pointerdown", (event) => {
        event.preventDefault();
        window.focus();
        canvas.focus({ preventScroll: true });
        soon();
    });
    // With the focus on nothing, a key of the game brings it back.
    document.addEventListener("keydown", (event) => {
        if (event.target === document.body && !hint.hidden && isGameKey(event, false)) canvas.focus({ preventScroll: true });
    });
    update();
}
