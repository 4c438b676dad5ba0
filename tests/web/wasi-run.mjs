// Runs a wasm32-wasip1 program under node, as cargo's runner: `node wasi-run.mjs PROGRAM.wasm ARGS...`.
//
// The program sees the folder it is started from (cargo starts tests in the package's root) and a temporary
// folder of its own, each under its real path, and the variables of the environment that tests read. Its exit
// status is passed on; a panic, which aborts there, becomes 134 as on a desktop.
import { readFileSync, mkdtempSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { WASI } from "node:wasi";

// Node's short cut from wasm into its own functions lets memory be collected in the midst of them: a write may then free
// the very WASI it is made on, and node aborts (seen with 20.20, in four of ten runs of a program that writes much).
setFlagsFromString("--no-turbo-fast-api-calls");

const ABORTED = 134;
const UNUSABLE = 2;

function complain(line) {
    writeSync(2, `wasi-run: ${line}\n`);
}

function environment(temporary) {
    const passed = /^(CARGO_|RUST_|PROPTEST_|LABYRINTH_|NO_COLOR$|COLUMNS$)/;
    const kept = Object.entries(process.env).filter(([name]) => passed.test(name));
    return { ...Object.fromEntries(kept), TMPDIR: temporary, PWD: process.cwd() };
}

// What the program was linked without, where the C library is an old one: an error once it is called, and not before.
function withMissing(module, imports) {
    for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
        if (kind !== "function" || imports[from]?.[name]) continue;
        imports[from] ??= {};
        imports[from][name] = () => {
            throw new WebAssembly.RuntimeError(`it called ${name}, which it was linked without`);
        };
    }
    return imports;
}

function run(program, args) {
    let module;
    try {
        module = new WebAssembly.Module(readFileSync(program));
    } catch (error) {
        complain(`${program}: ${error.message}; expected a WebAssembly program`);
        return UNUSABLE;
    }
    const temporary = mkdtempSync(join(tmpdir(), "labyrinth-wasi-"));
    try {
        const wasi = new WASI({
            version: "preview1",
            args: [basename(program), ...args],
            env: environment(temporary),
            // The folder it is started from is also `.`, so that relative paths mean what they mean on a desktop.
            preopens: { ".": process.cwd(), [process.cwd()]: process.cwd(), [temporary]: temporary },
            returnOnExit: true,
        });
        const instance = new WebAssembly.Instance(module, withMissing(module, wasi.getImportObject()));
        return wasi.start(instance);
    } catch (error) {
        if (!(error instanceof WebAssembly.RuntimeError) && !(error instanceof RangeError)) throw error;
        complain(`${basename(program)} was aborted: ${error.message}`);
        return ABORTED;
    } finally {
        rmSync(temporary, { recursive: true, force: true });
    }
}

const [program, ...args] = process.argv.slice(2);
if (program === undefined) {
    complain("no program given; expected: node wasi-run.mjs PROGRAM.wasm [ARGUMENT...]");
    process.exit(UNUSABLE);
}
process.exitCode = run(program, args);
