// Serves the web build on this machine only, as a good host would: right types, compressed files, long caching of hashed names.
//
//   node scripts/web-serve.mjs [PORT] [FOLDER]     port 8080 and dist unless told; port 0 takes a free one
//
// Plain node, no dependency. Tests import `serve`.

import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

const TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".ron": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
};
const HASHED = /\.[0-9a-f]{8,}\.(js|css|wasm|ron)$/;
/** What may be served in place of a file, best first. */
const CODINGS = [
    ["br", ".br"],
    ["gzip", ".gz"],
];

/** Whether an Accept-Encoding header takes a coding; `q=0` refuses it. */
function accepts(header, coding) {
    return header.split(",").some((part) => {
        const [name, ...rest] = part.split(";").map((word) => word.trim().toLowerCase());
        return (name === coding || name === "*") && !rest.some((word) => /^q=0(\.0*)?$/.test(word));
    });
}

const fileAt = async (path) => {
    const found = await stat(path).catch(() => null);
    return found?.isFile() ? found : null;
};

/** The file a request asks for, or null: nothing outside the root, nothing hidden. */
function pathOf(root, url) {
    let name;
    try {
        name = decodeURIComponent(new URL(url, "http://localhost").pathname);
    } catch {
        return null;
    }
    if (name.includes("\0") || name.includes("\\") || name.split("/").some((part) => part.startsWith("."))) return null;
    const path = resolve(root, `.${name.endsWith("/") ? `${name}index.html` : name}`);
    return path.startsWith(root + sep) ? path : null;
}

async function answer(root, request, response) {
    const end = (status, text, headers = {}) => {
        response.writeHead(status, { "content-type": "text/plain; charset=utf-8", ...headers });
        response.end(request.method === "HEAD" ? "" : `${text}\n`);
    };
    if (request.method !== "GET" && request.method !== "HEAD") {
        end(405, "only GET and HEAD", { allow: "GET, HEAD" });
        return;
    }
    const path = pathOf(root, request.url);
    const found = path && (await fileAt(path));
    if (!found) {
        end(404, "no such file");
        return;
    }
    const headers = {
        "content-type": TYPES[extname(path)] ?? "application/octet-stream",
        "cache-control": HASHED.test(path) ? "public, max-age=31536000, immutable" : "no-cache",
        "x-content-type-options": "nosniff",
        vary: "accept-encoding",
    };
    let [file, size, time] = [path, found.size, found.mtimeMs];
    for (const [coding, ending] of CODINGS) {
        const packed = accepts(request.headers["accept-encoding"] ?? "", coding) && (await fileAt(path + ending));
        // One that is older than what it stands for was left by an earlier build.
        if (packed && packed.mtimeMs >= found.mtimeMs) {
            headers["content-encoding"] = coding;
            [file, size, time] = [path + ending, packed.size, packed.mtimeMs];
            break;
        }
    }
    headers.etag = `"${size.toString(36)}-${Math.floor(time).toString(36)}"`;
    if (request.headers["if-none-match"] === headers.etag) {
        response.writeHead(304, headers);
        response.end();
        return;
    }
    response.writeHead(200, { ...headers, "content-length": size });
    if (request.method === "HEAD") {
        response.end();
        return;
    }
    const stream = createReadStream(file);
    stream.on("error", () => response.destroy());
    response.on("close", () => stream.destroy());
    stream.pipe(response);
}

/**
 * Serves `root` on 127.0.0.1. `before(request, response)` may answer a request itself by returning true: for tests.
 * Resolves to `{ url, port, server, close }` once it listens; rejects with a sentence if it cannot.
 */
export async function serve({ root = "dist", port = 8080, before } = {}) {
    const folder = resolve(root);
    if (!(await fileAt(join(folder, "index.html")))) {
        throw new Error(`${root} has no index.html: build the page first, with make web`);
    }
    const server = createServer((request, response) => {
        const own = async () => {
            if (await before?.(request, response)) return;
            await answer(folder, request, response);
        };
        own().catch((error) => {
            console.error(`web-serve: ${request.url}: ${error.message}`);
            response.destroy();
        });
    });
    await new Promise((done, failed) => {
        server.once("error", (error) => {
            const why = error.code === "EADDRINUSE" ? "is taken by another program: give another, or 0 for any free one" : error.message;
            failed(new Error(`port ${port} ${why}`));
        });
        server.listen(port, "127.0.0.1", done);
    });
    const own = server.address().port;
    const close = () =>
        new Promise((done) => {
            server.close(done);
            server.closeAllConnections();
        });
    return { url: `http://127.0.0.1:${own}/`, port: own, server, close };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    const [port = "8080", root = fileURLToPath(new URL("../dist", import.meta.url))] = process.argv.slice(2);
    if (!/^\d{1,5}$/.test(port) || Number(port) > 65535) {
        console.error(`web-serve: the port is "${port}", expected a number from 0 to 65535`);
        process.exit(2);
    }
    try {
        const { url } = await serve({ root, port: Number(port) });
        console.log(`Void Labyrinth: ${url}   (Ctrl+C ends it)`);
    } catch (error) {
        console.error(`web-serve: ${error.message}`);
        process.exit(1);
    }
}
