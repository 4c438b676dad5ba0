// A host for the build under test: the project's own server, with a door before it that can misbehave on request.
//
// A test sees the build as its visitors would, under a folder of the host if it asks for one; and it can make files
// missing, cut, slow, or the host unreachable, for pages and service workers alike.
import { createServer, request } from "node:http";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { serve } from "../../scripts/web-serve.mjs";

const HOST = "127.0.0.1";

// What goes wrong with a file, by the first rule that matches its path:
//   { match, status }        the host answers with this status
//   { match, cut: 0.5 }      the answer ends well, but with only this part of the body
//   { match, hangUp: 0.5 }   the connection breaks after this part of the body
//   { match, damage: true }  all of it comes, with some bytes changed
//   { match, rate }          so many bytes a second
//   { match, refuse: true }  the connection breaks before an answer
//   { match, headers }       it comes whole, with these headers too
async function spoil(fault, answer, body, reply) {
    if (fault.status) {
        reply.writeHead(fault.status, { "content-type": "text/plain" });
        return reply.end(`${fault.status}\n`);
    }
    const headers = { ...answer.headers, ...fault.headers };
    if (fault.headers) {
        reply.writeHead(answer.statusCode, { ...headers, "content-length": body.length });
        return reply.end(body);
    }
    if (fault.cut !== undefined) {
        const part = body.subarray(0, Math.floor(body.length * fault.cut));
        reply.writeHead(answer.statusCode, { ...headers, "content-length": part.length });
        return reply.end(part);
    }
    reply.writeHead(answer.statusCode, { ...headers, "content-length": body.length });
    if (fault.hangUp !== undefined) {
        reply.write(body.subarray(0, Math.floor(body.length * fault.hangUp)), () => reply.destroy());
        return undefined;
    }
    if (fault.damage) {
        for (let byte = body.length >> 1; byte < (body.length >> 1) + 4096; byte += 1) body[byte] ^= 0xff;
        return reply.end(body);
    }
    const step = Math.max(1, Math.floor(fault.rate / 20));
    for (let at = 0; at < body.length && !reply.destroyed; at += step) {
        reply.write(body.subarray(at, at + step));
        await sleep(50);
    }
    return reply.end();
}

export class Site {
    // Requests that came, as paths; tests look for what was and was not asked for.
    requests = [];
    // What goes wrong; see spoil().
    faults = [];
    // Pages of the host that are not the build's: { path: html }.
    pages = {};

    static async open(root, { prefix = "/" } = {}) {
        const site = new Site();
        site.prefix = prefix;
        site.upstream = await serve({ root, port: 0 });
        site.server = createServer((ask, reply) => {
            site.answer(ask, reply).catch(() => reply.destroy());
        });
        site.server.listen(0, HOST);
        await once(site.server, "listening");
        site.origin = `http://${HOST}:${site.server.address().port}`;
        site.url = site.origin + prefix;
        return site;
    }

    // Puts another build in the place of the one that was served.
    async deploy(root) {
        const old = this.upstream;
        this.upstream = await serve({ root, port: 0 });
        await old.close();
    }

    async answer(ask, reply) {
        const { pathname } = new URL(ask.url, this.origin);
        this.requests.push(pathname);
        const page = this.pages[pathname];
        if (page !== undefined) {
            reply.writeHead(200, { "content-type": "text/html; charset=utf-8" });
            return reply.end(page);
        }
        if (!ask.url.startsWith(this.prefix)) {
            reply.writeHead(404);
            return reply.end();
        }
        const fault = this.faults.find((fault) => fault.match.test(pathname));
        if (fault?.refuse) return reply.destroy();
        const headers = { ...ask.headers, host: `${HOST}:${this.upstream.port}` };
        // What is cut or slowed is sent as it is: a part of it should be a part of the file.
        if (fault) delete headers["accept-encoding"];
        const path = `/${ask.url.slice(this.prefix.length)}`;
        const onward = request({ host: HOST, port: this.upstream.port, method: ask.method, path, headers });
        onward.end();
        const [answer] = await once(onward, "response");
        if (!fault) {
            reply.writeHead(answer.statusCode, answer.headers);
            answer.pipe(reply);
            return undefined;
        }
        const parts = [];
        for await (const part of answer) parts.push(part);
        return spoil(fault, answer, Buffer.concat(parts), reply);
    }

    async close() {
        this.server.closeAllConnections();
        this.server.close();
        await this.upstream.close();
    }
}
