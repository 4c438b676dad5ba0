// Pictures of what a browser shows: decoded, measured, compared.
import assert from "node:assert/strict";
import { inflateSync } from "node:zlib";

// Undoes a row's filter (PNG, 9.2); `above` is the row before it, already undone.
function unfilter(kind, row, above, step) {
    for (let at = 0; at < row.length; at += 1) {
        const left = at >= step ? row[at - step] : 0;
        const up = above[at];
        const corner = at >= step ? above[at - step] : 0;
        const nearest = () => {
            const guess = left + up - corner;
            const [a, b, c] = [left, up, corner].map((value) => Math.abs(guess - value));
            if (a <= b && a <= c) return left;
            return b <= c ? up : corner;
        };
        row[at] += [0, left, up, (left + up) >> 1, kind === 4 ? nearest() : 0][kind];
    }
}

// The pixels of a browser's screenshot: 8 bits a channel, three or four channels, not interlaced.
function decode(png) {
    const [width, height, depth, colour] = [png.readUInt32BE(16), png.readUInt32BE(20), png[24], png[25]];
    assert.ok(
        depth === 8 && (colour === 2 || colour === 6),
        `a PNG of ${depth} bits and colour type ${colour}; expected 8 and 2 or 6`,
    );
    const parts = [];
    for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
        if (png.toString("latin1", at + 4, at + 8) === "IDAT") parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
    }
    const raw = inflateSync(Buffer.concat(parts));
    const step = colour === 6 ? 4 : 3;
    const stride = width * step;
    let above = Buffer.alloc(stride);
    const rows = [];
    for (let y = 0; y < height; y += 1) {
        const row = raw.subarray(y * (stride + 1) + 1, (y + 1) * (stride + 1));
        unfilter(raw[y * (stride + 1)], row, above, step);
        rows.push(row);
        above = row;
    }
    return { width, height, step, pixels: Buffer.concat(rows) };
}

// A picture's size, its number of colours, how far its brightness spreads, and the brightness of every pixel.
export function measure(png) {
    const { width, height, step, pixels } = decode(png);
    const colours = new Set();
    const grey = new Uint8Array(width * height);
    for (let at = 0; at < grey.length; at += 1) {
        const [red, green, blue] = [pixels[at * step], pixels[at * step + 1], pixels[at * step + 2]];
        colours.add((red << 16) | (green << 8) | blue);
        grey[at] = Math.round(0.299 * red + 0.587 * green + 0.114 * blue);
    }
    const mean = grey.reduce((sum, value) => sum + value, 0) / grey.length;
    const spread = Math.sqrt(grey.reduce((sum, value) => sum + (value - mean) ** 2, 0) / grey.length);
    return { png, width, height, colours: colours.size, spread, grey };
}

// A drawn labyrinth with text has many colours and a spread of brightness.
export function assertDrawn(picture, what) {
    const { colours, spread } = picture;
    assert.ok(
        colours >= 16 && spread >= 3,
        `${what} is blank: ${colours} colours, spread of brightness ${spread.toFixed(1)} of 255`,
    );
}

// In how many pixels two pictures of the same size differ clearly.
export function difference(one, two) {
    assert.deepEqual([one.width, one.height], [two.width, two.height], "two pictures of the same size");
    return one.grey.reduce((sum, value, at) => sum + (Math.abs(value - two.grey[at]) > 12 ? 1 : 0), 0);
}
