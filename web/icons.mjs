// Draws the logo, once, for everywhere: the SVG in the page, icon.svg and the PNG icons. Plain node, no dependency.
//
//   node web/icons.mjs            writes the icons and the logo between the marks in index.html
//   node web/icons.mjs --check    fails if one of them is not what this program would write
//
// The logo is a small labyrinth as the game draws it: 64 pages in Z-order, free, cached, in use and the kernel's.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { deflateSync, inflateSync } from "node:zlib";

const here = (name) => new URL(name, import.meta.url);

// ---- the drawing, in units of 1/128 of its side -------------------------------------------------

const GROUND = "#0B0E14";
const SKY = "#56B4E9";
const GREEN = "#1FB58A";
const VERMILLION = "#EE6C16";
const YELLOW = "#F0E442";
const WHITE = "#FFFFFF";
const WALL = "#6B7690";
const FAR = "#343D4E";

const fill = (x, y, w, h, color, alpha) => ({ kind: "fill", x, y, w, h, color, alpha });
const hatch = (x, y, w, h, color, alpha) => ({ kind: "hatch", x, y, w, h, color, alpha });
const cross = (x, y, w, h, color, alpha) => ({ kind: "cross", x, y, w, h, color, alpha });
const dots = (x, y, w, h, color, alpha) => ({ kind: "dots", x, y, w, h, color, alpha });
const wall = (x1, y1, x2, y2, color = WALL, width = 2) => ({ kind: "line", x1, y1, x2, y2, color, width });

// Each room: what lies in it. Each group fades in on its own in the page.
const ROOMS = [
    [fill(0, 0, 64, 64, SKY, 0.3)],
    [fill(64, 0, 64, 32, GREEN, 0.16), dots(64, 0, 64, 32, GREEN, 0.6)],
    [fill(64, 32, 32, 32, SKY, 0.08), hatch(64, 32, 32, 32, SKY, 0.4)],
    [fill(96, 32, 32, 16, SKY, 0.2)],
    [fill(96, 48, 32, 16, SKY, 0.08), hatch(96, 48, 32, 16, SKY, 0.4)],
    [fill(0, 64, 32, 32, GREEN, 0.16), dots(0, 64, 32, 32, GREEN, 0.6)],
    [fill(32, 64, 16, 16, SKY, 0.08), hatch(32, 64, 16, 16, SKY, 0.4)],
    [fill(48, 64, 16, 16, YELLOW, 0.24)],
    [fill(32, 80, 32, 16, SKY, 0.08), hatch(32, 80, 32, 16, SKY, 0.4)],
    [fill(0, 96, 64, 32, GREEN, 0.1), dots(0, 96, 64, 32, GREEN, 0.38)],
    [fill(64, 64, 32, 32, VERMILLION, 0.15), cross(64, 64, 32, 32, VERMILLION, 0.45)],
    [fill(96, 64, 32, 32, SKY, 0.05), hatch(96, 64, 32, 32, SKY, 0.2)],
];

const GLOW = { kind: "glow", x: 34, y: 33, r: 64, color: "#FFF4C8", alpha: 0.4 };

// Walls leave their doors open. The lit room's are white.
const WALLS = [
    // the edge of the zone
    wall(64, 0, 128, 0), wall(128, 0, 128, 100, WALL), wall(0, 64, 0, 128), wall(0, 128, 70, 128),
    // far off, hardly remembered
    wall(70, 128, 92, 128, FAR), wall(128, 100, 128, 112, FAR), wall(96, 96, 96, 104, FAR), wall(64, 96, 64, 108, FAR),
    wall(64, 118, 64, 128, FAR),
    // inside the north east
    wall(64, 32, 76, 32), wall(84, 32, 108, 32), wall(116, 32, 128, 32),
    wall(96, 32, 96, 37), wall(96, 43, 96, 64), wall(96, 48, 108, 48), wall(116, 48, 128, 48),
    // inside the south west
    wall(32, 64, 32, 68), wall(32, 76, 32, 96), wall(48, 64, 48, 80, YELLOW, 3), wall(32, 80, 37, 80), wall(43, 80, 48, 80),
    wall(48, 80, 64, 80, YELLOW, 3), wall(0, 96, 12, 96), wall(20, 96, 44, 96), wall(52, 96, 64, 96),
    // the south east
    wall(64, 64, 76, 64), wall(84, 64, 128, 64), wall(96, 64, 96, 76), wall(96, 84, 96, 96), wall(64, 96, 112, 96),
    wall(120, 96, 128, 96), wall(64, 80, 64, 96),
    // the lit room
    wall(0, 0, 64, 0, WHITE, 3), wall(0, 0, 0, 64, WHITE, 3),
    wall(64, 0, 64, 20, WHITE, 3), wall(64, 30, 64, 64, WHITE, 3),
    wall(0, 64, 16, 64, WHITE, 3), wall(26, 64, 64, 64, WHITE, 3),
    wall(64, 64, 64, 80, YELLOW, 3), wall(48, 64, 64, 64, YELLOW, 3),
];

// The player: an @, as arcs and lines, so that it needs no font.
const AT = { kind: "at", x: 34, y: 33, r: 17, width: 4.2, color: YELLOW };

// ---- as SVG ------------------------------------------------------------------------------------

const round = (n) => String(Math.round(n * 100) / 100);

/** The arcs and lines of an @: angles in turns clockwise from east. */
function strokesOfAt({ x, y, r }) {
    const inner = r * 0.42;
    const hook = (r + inner) / 2;
    return [
        { arc: true, x, y, r: inner, from: 0, sweep: 1 },
        { x1: x + inner, y1: y - inner * 1.05, x2: x + inner, y2: y + inner * 0.35 },
        { arc: true, x: x + hook, y: y + inner * 0.35, r: hook - inner, from: 0, sweep: 0.5 },
        { x1: x + r, y1: y, x2: x + r, y2: y + inner * 0.35 },
        { arc: true, x, y, r, from: 0.17, sweep: 0.83 },
    ];
}

const point = (s, turn) => [s.x + s.r * Math.cos(turn * 2 * Math.PI), s.y + s.r * Math.sin(turn * 2 * Math.PI)];

function pathOf(stroke) {
    if (!stroke.arc) return `M${round(stroke.x1)} ${round(stroke.y1)}L${round(stroke.x2)} ${round(stroke.y2)}`;
    const halves = [stroke.from + stroke.sweep / 2, stroke.from + stroke.sweep].map((turn) => point(stroke, turn));
    const [x, y] = point(stroke, stroke.from);
    const arcs = halves.map(([hx, hy]) => `A${round(stroke.r)} ${round(stroke.r)} 0 0 1 ${round(hx)} ${round(hy)}`);
    return `M${round(x)} ${round(y)}${arcs.join("")}`;
}

function svgOf(shape, ids) {
    const { kind, color } = shape;
    if (kind === "fill" || kind === "hatch" || kind === "cross" || kind === "dots") {
        const box = `x="${shape.x}" y="${shape.y}" width="${shape.w}" height="${shape.h}"`;
        if (kind === "fill") return `<rect ${box} fill="${color}" fill-opacity="${shape.alpha}"/>`;
        return `<rect ${box} fill="url(#${ids}-${kind}-${color.slice(1).toLowerCase()})" opacity="${shape.alpha}"/>`;
    }
    if (kind === "line") {
        return `<path d="M${shape.x1} ${shape.y1}L${shape.x2} ${shape.y2}" stroke="${color}" stroke-width="${shape.width}"/>`;
    }
    if (kind === "glow") return `<rect width="128" height="128" fill="url(#${ids}-glow)"/>`;
    const paths = strokesOfAt(shape).map(pathOf).join("");
    return `<path d="${paths}" fill="none" stroke="${color}" stroke-width="${shape.width}"/>`;
}

function patterns(ids) {
    const all = new Set(ROOMS.flat().filter((s) => s.kind !== "fill").map((s) => `${s.kind} ${s.color}`));
    const marks = {
        hatch: (c) => `<path d="M-2 2L2 -2M0 8L8 0M6 10L10 6" stroke="${c}" stroke-width="1.4"/>`,
        cross: (c) => `<path d="M0 8L8 0M0 0L8 8" stroke="${c}" stroke-width="1.4"/>`,
        dots: (c) => `<circle cx="4" cy="4" r="1.3" fill="${c}"/>`,
    };
    const list = [...all].map((key) => {
        const [kind, color] = key.split(" ");
        const id = `${ids}-${kind}-${color.slice(1).toLowerCase()}`;
        return `<pattern id="${id}" width="8" height="8" patternUnits="userSpaceOnUse">${marks[kind](color)}</pattern>`;
    });
    const glow = `<radialGradient id="${ids}-glow" gradientUnits="userSpaceOnUse" cx="${GLOW.x}" cy="${GLOW.y}" r="${GLOW.r}"><stop stop-color="${GLOW.color}" stop-opacity="${GLOW.alpha}"/>` +
        `<stop offset="1" stop-color="${GLOW.color}" stop-opacity="0"/></radialGradient>`;
    return `<defs>${list.join("")}${glow}</defs>`;
}

function drawing(ids, indent) {
    const rooms = ROOMS.map((room, n) => `<g class="room room-${n}">${room.map((s) => svgOf(s, ids)).join("")}</g>`);
    const lines = [
        patterns(ids),
        ...rooms,
        svgOf(GLOW, ids),
        `<g class="walls" stroke-linecap="square">${WALLS.map((s) => svgOf(s, ids)).join("")}</g>`,
        `<g class="you">${svgOf(AT, ids)}</g>`,
    ];
    return lines.map((line) => `${indent}${line}\n`).join("");
}

const iconSvg = () =>
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-16 -16 160 160">\n` +
    `<rect x="-16" y="-16" width="160" height="160" rx="24" fill="${GROUND}"/>\n${drawing("i", "")}</svg>\n`;

// ---- as pixels ---------------------------------------------------------------------------------

const rgb = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));

function segmentDistance(px, py, { x1, y1, x2, y2 }) {
    const [dx, dy] = [x2 - x1, y2 - y1];
    const t = Math.max(0, Math.min(1, ((px - x1) * dx + (py - y1) * dy) / (dx * dx + dy * dy)));
    return Math.hypot(px - x1 - t * dx, py - y1 - t * dy);
}

function arcDistance(px, py, arc) {
    const turn = Math.atan2(py - arc.y, px - arc.x) / (2 * Math.PI);
    if ((((turn - arc.from) % 1) + 1) % 1 <= arc.sweep) return Math.abs(Math.hypot(px - arc.x, py - arc.y) - arc.r);
    const ends = [point(arc, arc.from), point(arc, arc.from + arc.sweep)];
    return Math.min(...ends.map(([ex, ey]) => Math.hypot(px - ex, py - ey)));
}

const AT_STROKES = strokesOfAt(AT);
const near8 = (n, offset) => Math.abs((((n - offset + 4) % 8) + 8) % 8 - 4);

/** How much of the shape's colour lies on a point, 0 to 1. */
function cover(shape, x, y) {
    const inside = () => x >= shape.x && x < shape.x + shape.w && y >= shape.y && y < shape.y + shape.h;
    switch (shape.kind) {
        case "fill":
            return inside() ? shape.alpha : 0;
        case "hatch":
            return inside() && near8(x + y, 0) < 0.99 ? shape.alpha : 0;
        case "cross":
            return inside() && (near8(x + y, 0) < 0.99 || near8(x - y, 0) < 0.99) ? shape.alpha : 0;
        case "dots":
            return inside() && Math.hypot(near8(x, 4), near8(y, 4)) < 1.3 ? shape.alpha : 0;
        case "glow":
            if (Math.min(x, y) < 0 || Math.max(x, y) > 128) return 0;
            return Math.max(0, 1 - Math.hypot(x - shape.x, y - shape.y) / shape.r) * shape.alpha;
        case "line": {
            const w = shape.width / 2;
            const [left, right] = [Math.min(shape.x1, shape.x2) - w, Math.max(shape.x1, shape.x2) + w];
            const [top, bottom] = [Math.min(shape.y1, shape.y2) - w, Math.max(shape.y1, shape.y2) + w];
            return x >= left && x <= right && y >= top && y <= bottom ? 1 : 0;
        }
        default: {
            const far = (s) => (s.arc ? arcDistance(x, y, s) : segmentDistance(x, y, s));
            return AT_STROKES.some((s) => far(s) <= shape.width / 2) ? 1 : 0;
        }
    }
}

const SHAPES = [...ROOMS.flat(), GLOW, ...WALLS, AT].map((shape) => ({ shape, color: rgb(shape.color) }));

/** RGBA pixels: `margin` is the ground around the drawing, `corner` the radius of the ground's corners, in its units. */
function pixels(side, margin, corner) {
    const data = Buffer.alloc(side * side * 4);
    const whole = 128 + 2 * margin;
    const sub = side > 300 ? 3 : 5;
    const ground = rgb(GROUND);
    for (let row = 0; row < side; row += 1) {
        for (let column = 0; column < side; column += 1) {
            const sum = [0, 0, 0, 0];
            for (let n = 0; n < sub * sub; n += 1) {
                const x = ((column + ((n % sub) + 0.5) / sub) * whole) / side - margin;
                const y = ((row + (Math.floor(n / sub) + 0.5) / sub) * whole) / side - margin;
                const edge = Math.min(x, y, 128 - x, 128 - y) + margin;
                if (edge < corner) {
                    const past = (v) => Math.max(0, corner - margin - v, v - 128 - margin + corner);
                    if (Math.hypot(past(x), past(y)) > corner) continue;
                }
                let color = ground;
                for (const { shape, color: ink } of SHAPES) {
                    const c = cover(shape, x, y);
                    if (c > 0) color = color.map((v, i) => v + (ink[i] - v) * c);
                }
                color.forEach((v, i) => (sum[i] += v));
                sum[3] += 1;
            }
            const at = (row * side + column) * 4;
            if (sum[3] > 0) for (let i = 0; i < 3; i += 1) data[at + i] = Math.round(sum[i] / sum[3]);
            data[at + 3] = Math.round((sum[3] / (sub * sub)) * 255);
        }
    }
    return data;
}

function crc32(bytes) {
    let crc = ~0;
    for (const byte of bytes) {
        crc ^= byte;
        for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return ~crc >>> 0;
}

function chunk(type, body) {
    const out = Buffer.alloc(12 + body.length);
    out.writeUInt32BE(body.length, 0);
    out.write(type, 4, "latin1");
    body.copy(out, 8);
    out.writeUInt32BE(crc32(out.subarray(4, 8 + body.length)), 8 + body.length);
    return out;
}

function png(side, margin, corner) {
    const data = pixels(side, margin, corner);
    const head = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 6, 0, 0, 0]);
    head.writeUInt32BE(side, 0);
    head.writeUInt32BE(side, 4);
    const rows = Buffer.alloc(side * (side * 4 + 1));
    for (let y = 0; y < side; y += 1) data.copy(rows, y * (side * 4 + 1) + 1, y * side * 4, (y + 1) * side * 4);
    const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
    return Buffer.concat([
        signature,
        chunk("IHDR", head),
        chunk("IDAT", deflateSync(rows, { level: 9 })),
        chunk("IEND", Buffer.alloc(0)),
    ]);
}

// ---- all of it ---------------------------------------------------------------------------------

function page() {
    const text = readFileSync(here("index.html"), "utf8");
    const between = /( *)(<!-- logo: written by icons\.mjs -->\n)[^]*?( *<!-- \/logo -->)/;
    if (!between.test(text)) throw new Error("web/index.html has no place for the logo between <!-- logo … --> and <!-- /logo -->");
    return text.replace(between, (_, indent, open, close) => `${indent}${open}${drawing("l", indent)}${close}`);
}

const outputs = {
    "icon.svg": iconSvg,
    // A maskable icon may lose everything outside the middle circle of 80 %.
    "icon-192.png": () => png(192, 16, 24),
    "icon-512.png": () => png(512, 16, 24),
    "icon-maskable-512.png": () => png(512, 52, 0),
    "apple-touch-icon.png": () => png(180, 20, 0),
    "index.html": page,
};

/** What a PNG of this program's shows: its rows, unpacked. Another zlib may pack the same rows otherwise. */
function rowsOf(file) {
    const at = file.indexOf("IDAT");
    if (at < 4) return Buffer.alloc(0);
    return inflateSync(file.subarray(at + 4, at + 4 + file.readUInt32BE(at - 4)));
}

function same(name, found, wanted) {
    try {
        return name.endsWith(".png") ? rowsOf(found).equals(rowsOf(wanted)) : found.equals(wanted);
    } catch {
        return false;
    }
}

const check = process.argv.includes("--check");
for (const [name, make] of Object.entries(outputs)) {
    const wanted = Buffer.from(make());
    if (!check) {
        writeFileSync(here(name), wanted);
    } else if (!existsSync(here(name)) || !same(name, readFileSync(here(name)), wanted)) {
        console.error(`web/${name} is not what web/icons.mjs draws: run node web/icons.mjs`);
        process.exitCode = 1;
    }
}
