// Makes the page of a build: stamps sizes and names into the templates, puts hashes into file names, compresses.
//
//   node web/stamp.mjs --wasm FILE --glue FILE --version X.Y.Z [--out dist]
//
// WASM and glue are wasm-bindgen's (`--target web`, the wasm after wasm-opt). Plain node, no dependency.
//
// Names: every .js and .css but sw.js is written as NAME.HASH.EXT, and `./NAME.EXT` in files that refer to it becomes that
// name; files that are referred to come first. What has no hash in its name (the page, worker, manifest, icons) must be
// served without long caching.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const WEB = fileURLToPath(new URL(".", import.meta.url));

/** Parts of the page's script that refer to no other, then those that do, in this order. */
const LEAVES = ["access.js", "errors.js", "gifts.js", "keys.js", "load.js", "offline.js", "pads.js", "sound.js", "texts.js", "tools.js", "style.css"];
const ENTRY = "boot.js";
/** Texts by the names that the game has for them, and where they lie. */
const TEXTS = [["glossary.ron", "../assets/text/glossary.ron"]];
/** Files that keep their names. */
const PLAIN = ["manifest.webmanifest", "icon.svg", "icon-192.png", "icon-512.png", "icon-maskable-512.png", "apple-touch-icon.png"];

/** What the game fetches when it needs it: the lessons, as names and texts of their files. */
const LESSONS = fileURLToPath(new URL("../levels/lessons/", import.meta.url));

function lessons() {
    const names = readdirSync(LESSONS).filter((name) => name.endsWith(".ron"));
    return JSON.stringify(names.sort().map((name) => [name, readFileSync(join(LESSONS, name), "utf8")]));
}

const hashOf = (bytes) => createHash("sha256").update(bytes).digest("hex").slice(0, 12);

/** Puts values in the place of @NAME@; a name without a value is an error. */
function filled(name, text, values) {
    return text.replace(/@([A-Z_]+)@/g, (mark, key) => {
        if (!(key in values)) throw new Error(`web/${name}: unknown placeholder ${mark}`);
        return values[key];
    });
}

/** Writes a build into `out`. Returns the names of its files, without the compressed ones. */
export function stamp({ wasm, glue, version, out }) {
    const program = readFileSync(wasm);
    const code = readFileSync(glue);
    if (/^\s*import\s[^;]*from\s*['"]\.\/snippets\//m.test(code.toString())) {
        throw new Error(`${glue}: imports snippets, which this build does not carry`);
    }
    /** File name in the build -> content. */
    const files = new Map();
    /** Reference as the templates write it -> as the build writes it. */
    const names = new Map();
    const hashed = (name, bytes) => {
        const at = name.lastIndexOf(".");
        const made = `${name.slice(0, at)}.${hashOf(bytes)}${name.slice(at)}`;
        files.set(made, bytes);
        return made;
    };
    const template = (name) => {
        let text = readFileSync(join(WEB, name), "utf8");
        for (const [from, to] of names) text = text.replaceAll(`"./${from}"`, `"./${to}"`);
        return text;
    };

    const wasmName = hashed("labyrinth.wasm", program);
    const glueName = hashed("labyrinth.js", code);
    names.set("lessons.json", hashed("lessons.json", Buffer.from(lessons())));
    // Texts that the game fetches when they are first wanted; `texts.js` refers to them.
    for (const [name, from] of TEXTS) names.set(name, hashed(name, readFileSync(join(WEB, from))));
    for (const name of [...LEAVES, ENTRY]) names.set(name, hashed(name, Buffer.from(template(name))));
    for (const name of PLAIN) files.set(name, readFileSync(join(WEB, name)));

    const values = { WASM: wasmName, WASM_BYTES: String(program.length), GLUE: glueName, VERSION: version };
    const page = filled("index.html", template("index.html"), { ...values, BUILD: "@BUILD@" });
    const worker = template("sw.js");
    // The build is named by all that is in it, but for its name.
    const listed = ["index.html", ...files.keys()].sort();
    const whole = createHash("sha256").update(page).update(worker);
    for (const name of listed) whole.update(`${name}\0`).update(files.get(name) ?? "");
    const build = whole.digest("hex").slice(0, 12);
    const last = { BUILD: build, FILES: JSON.stringify(listed) };
    files.set("sw.js", Buffer.from(filled("sw.js", worker, last)));
    files.set("index.html", Buffer.from(filled("index.html", page, last)));

    const left = readdirSync(WEB).filter((name) => /\.(js|css|html|svg|png|webmanifest)$/.test(name));
    const known = new Set([...LEAVES, ENTRY, ...PLAIN, "index.html", "sw.js"]);
    const strange = left.filter((name) => !known.has(name));
    if (strange.length > 0) throw new Error(`web/${strange[0]} is not listed in web/stamp.mjs`);

    write(out, files);
    return [...files.keys()];
}

/** Writes the files and their compressed forms, the page last, and removes what an earlier build left. */
function write(out, files) {
    mkdirSync(out, { recursive: true });
    const wanted = new Set();
    for (const [name, bytes] of files) {
        const path = join(out, name);
        wanted.add(name);
        const same = existsSync(path) && readFileSync(path).equals(bytes);
        if (!same) writeFileSync(path, bytes);
        if (name.endsWith(".png")) continue;
        for (const [ending, pack] of [
            [".br", brotli],
            [".gz", (data) => gzipSync(data, { level: 9 })],
        ]) {
            wanted.add(name + ending);
            if (!same || !existsSync(path + ending)) writeFileSync(path + ending, pack(bytes));
        }
    }
    for (const name of readdirSync(out)) if (!wanted.has(name)) rmSync(join(out, name), { recursive: true });
}

function brotli(data) {
    return brotliCompressSync(data, {
        params: {
            [constants.BROTLI_PARAM_QUALITY]: 11,
            [constants.BROTLI_PARAM_LGWIN]: 24,
            [constants.BROTLI_PARAM_SIZE_HINT]: data.length,
        },
    });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    try {
        const text = { type: "string" };
        const { values } = parseArgs({ options: { wasm: text, glue: text, version: text, out: { ...text, default: "dist" } } });
        for (const name of ["wasm", "glue", "version"]) if (!values[name]) throw new Error(`--${name} is missing`);
        const made = stamp(values);
        console.log(`${values.out}: ${made.length} files, ${made.find((name) => name.endsWith(".wasm"))}`);
    } catch (error) {
        console.error(`${basename(process.argv[1])}: ${error.message}`);
        process.exitCode = 1;
    }
}
