// Gamepads: looked at once a frame of the screen while there is one, and told to the game when something on one changes.

/** Buttons of the browser's standard mapping that the game knows. */
const BUTTONS = 16;

/** What is held, as the game reads it: the buttons as bits, the left stick in thousandths. */
function held(pad) {
    let bits = 0;
    for (const [at, button] of pad.buttons.slice(0, BUTTONS).entries()) if (button.pressed) bits |= 1 << at;
    const [x, y] = [pad.axes[0] ?? 0, pad.axes[1] ?? 0].map((part) => Math.round(part * 1000) || 0);
    return `${bits} ${x} ${y}`;
}

/** Starts looking; stops while no pad is there. */
export function watch(page) {
    const last = new Map();
    let looking = false;
    const look = () => {
        const there = new Set();
        for (const pad of navigator.getGamepads()) {
            // Another mapping would put other meanings under the fingers.
            if (pad?.mapping !== "standard" || !pad.connected) continue;
            there.add(pad.index);
            const now = held(pad);
            if (last.get(pad.index) === now) continue;
            last.set(pad.index, now);
            page.gesture = true;
            page.onPad?.(`${pad.index} ${now}`);
        }
        for (const index of last.keys()) {
            if (there.has(index)) continue;
            last.delete(index);
            page.onPad?.(`${index} 0 0 0`);
        }
        looking = there.size > 0;
        if (looking) requestAnimationFrame(look);
    };
    const begin = () => {
        if (looking) return;
        looking = true;
        requestAnimationFrame(look);
    };
    addEventListener("gamepadconnected", begin);
    begin();
}
