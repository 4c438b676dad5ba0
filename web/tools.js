// The page's own few buttons: full screen, the screen as text, and the profile out of and into this browser.

/** More than any profile: what is larger is some other file. */
const LARGEST = 8 * 1024 * 1024;

const by = (id) => document.getElementById(id);

/** Enters or leaves full screen. The whole page goes, so that its buttons, regions and errors come along. */
export function toggleFullscreen() {
    const root = document.documentElement;
    const failed = (error) => console.info(`full screen: ${error?.message ?? "refused"}`);
    if (document.fullscreenElement) document.exitFullscreen().catch(failed);
    else root.requestFullscreen?.({ navigationUI: "hide" }).catch(failed);
}

/** Wires the menu in the corner. `page` is labyrinthPage: the game leaves its functions there. */
export function wireTools(page, canvas) {
    const tools = by("tools");
    const toggle = by("tools-toggle");
    const back = () => canvas.focus({ preventScroll: true });

    // A mouse opens the menu by pointing at the corner; keyboard and finger by the button there.
    const open = (wanted) => {
        tools.classList.toggle("open", wanted);
        toggle.setAttribute("aria-expanded", String(wanted));
    };
    toggle.addEventListener("click", () => open(!tools.classList.contains("open")));
    tools.addEventListener("focusout", (event) => {
        if (event.relatedTarget && !tools.contains(event.relatedTarget)) open(false);
    });
    tools.addEventListener("keydown", (event) => {
        if (event.key !== "Escape") return;
        open(false);
        back();
    });
    document.addEventListener("pointerdown", (event) => {
        if (!tools.contains(event.target)) open(false);
    });
    // After a click the game has the keyboard again; someone who came by Tab stays where they are.
    const act = (button, action) =>
        button.addEventListener("click", (event) => {
            action();
            if (event.detail === 0) return;
            open(false);
            back();
        });

    const full = by("tool-fullscreen");
    full.hidden = !document.fullscreenEnabled;
    act(full, toggleFullscreen);
    document.addEventListener("fullscreenchange", () => {
        full.setAttribute("aria-pressed", String(document.fullscreenElement !== null));
    });

    const text = by("tool-text");
    act(text, () => {
        const shown = document.body.classList.toggle("with-text");
        text.setAttribute("aria-pressed", String(shown));
        // What scrolls must be reachable by keyboard.
        if (shown) by("text-scroll").tabIndex = 0;
        else by("text-scroll").removeAttribute("tabindex");
    });

    for (const dialog of [by("export"), by("import")]) {
        dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
        dialog.addEventListener("close", () => {
            open(false);
            back();
        });
    }
    wireExport(page);
    wireImport(page);
    tools.hidden = false;
}

function wireExport(page) {
    const area = by("export-text");
    const said = by("export-said");
    by("tool-export").addEventListener("click", () => {
        said.textContent = "";
        area.value = "";
        try {
            area.value = page.onExport();
        } catch (error) {
            said.textContent = `The profile cannot be read: ${error.message}`;
        }
        for (const id of ["export-save", "export-copy"]) by(id).disabled = area.value === "";
        by("export").showModal();
    });
    by("export-save").addEventListener("click", () => {
        const day = new Date().toISOString().slice(0, 10);
        page.saveText(area.value, `void-labyrinth-profile-${day}.json`);
        said.textContent = "Handed to the browser's downloads. Where a frame forbids downloads, use Copy.";
    });
    by("export-copy").addEventListener("click", async () => {
        const done = await page.copyText(area.value, area);
        said.textContent = done ? "Copied." : "This browser does not let the page copy: select the text yourself.";
    });
}

function wireImport(page) {
    const area = by("import-text");
    const file = by("import-file");
    const said = by("import-said");
    by("tool-import").addEventListener("click", () => {
        said.textContent = "";
        area.value = "";
        file.value = "";
        by("import").showModal();
    });
    file.addEventListener("change", async () => {
        said.textContent = "";
        const [chosen] = file.files;
        if (!chosen) return;
        if (chosen.size > LARGEST) {
            said.textContent = `${chosen.name} has ${chosen.size} bytes; a profile has at most ${LARGEST}.`;
            return;
        }
        try {
            area.value = await chosen.text();
        } catch (error) {
            said.textContent = `${chosen.name} cannot be read: ${error.message}`;
        }
    });
    by("import-take").addEventListener("click", () => {
        said.textContent = "";
        if (area.value.trim() === "") {
            said.textContent = "Choose a file or paste a profile first.";
            return;
        }
        let wrong;
        try {
            wrong = page.onImport(area.value);
        } catch (error) {
            wrong = `The profile was not taken: ${error.message}`;
        }
        if (wrong) said.textContent = wrong;
        else page.reload({ save: false });
    });
}
