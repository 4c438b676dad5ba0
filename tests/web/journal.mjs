// The stored journals of bots' raids: read, chosen from, and turned into the keys a person presses.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

export const JOURNALS = join(import.meta.dirname, "../data/journals");

// A journal's text as an object: where it was played, the hash before the first turn, every turn, and the end.
export function parse(text, name = "a journal") {
    const lines = text.split(/\r?\n/).filter((line) => line !== "");
    const head = (word) => lines.find((line) => line.startsWith(`${word} `))?.slice(word.length + 1);
    const turns = [];
    for (const line of lines) {
        const turn = /^(\.|[neswgix]|c[nesw]?|f0x[0-9a-f]+) ([0-9a-f]{16})$/.exec(line);
        if (turn) turns.push({ command: turn[1], hash: turn[2] });
    }
    const end = /^(\w+) (\d+) ([0-9a-f]{16})$/.exec(head("end") ?? "");
    if (!lines[0]?.startsWith("labyrinth journal") || !end || turns.length === 0) {
        throw new Error(`${name}: expected a finished raid's journal`);
    }
    return {
        name,
        text,
        zone: head("zone"),
        seed: Number(head("seed")),
        layout: head("layout"),
        start: head("start"),
        turns,
        end: { word: end[1], pages: Number(end[2]), hash: end[3] },
    };
}

export function all() {
    const names = readdirSync(JOURNALS)
        .filter((name) => name.endsWith(".journal"))
        .sort();
    return names.map((name) => parse(readFileSync(join(JOURNALS, name), "utf8"), name));
}

// The shortest stored raid that ends so and can be typed: a link can start it, and no block is chosen by eye.
export function shortest(what, fits) {
    const found = all()
        .filter((journal) => journal.layout === undefined && fits(journal.end, journal.turns))
        .filter((journal) => journal.turns.every((turn) => !turn.command.startsWith("f")))
        .sort((a, b) => a.turns.length - b.turns.length);
    if (found.length === 0) throw new Error(`no stored journal ends ${what} and can be typed; record some: make journals`);
    return found[0];
}

const ARROWS = { n: "ArrowUp", e: "ArrowRight", s: "ArrowDown", w: "ArrowLeft" };

// What a person presses for a command. What has a preview wants its key twice.
export function keysOf(command) {
    if (ARROWS[command]) return [ARROWS[command]];
    if (command.length === 2 && command[0] === "c") return ["c", ARROWS[command[1]]];
    const keys = { ".": ["."], c: ["c", "c"], g: ["g", "g"], i: ["i", "i"], x: ["e"] }[command];
    if (!keys) throw new Error(`no keys for the command "${command}"`);
    return keys;
}
