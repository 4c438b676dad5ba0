// Every lesson played to its end in the browser by keys, one by the mouse; the sandbox from a link; real input pasted.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { Game, house } from "./game.mjs";

const at = house(test);

const DATA = join(import.meta.dirname, "../data");

// The shortest way through each lesson: `labyrinth lesson NAME --answers`; a test of the program keeps the file true.
function answers() {
    const lessons = [];
    for (const line of readFileSync(join(DATA, "lessons.answers"), "utf8").split("\n")) {
        const head = /^# lesson (.+)$/.exec(line);
        if (head) lessons.push({ id: head[1], inputs: [] });
        else if (line) lessons.at(-1).inputs.push(line);
    }
    assert.ok(lessons.length >= 15, `lessons in the file: ${lessons.length}`);
    return lessons;
}

const ID = /^(\S+) ?(.*)$/;

// A line, letter by letter, and Enter.
async function enter(game, line) {
    await game.page.keyboard.type(line, { delay: 5 });
    await game.press("Enter");
}

// What a person presses for an input.
async function give(game, input) {
    const [, word, rest] = ID.exec(input);
    if (word === "choose") return game.press(String(Number(rest) + 1));
    if (word === "next") return game.press("Enter");
    return enter(game, rest);
}

// The lesson as the game tells it.
const lessonIs = (game, what, wanted) =>
    game.until(
        what,
        (wanted) => {
            const lesson = globalThis.labyrinth?.lesson;
            return lesson && Object.entries(wanted).every(([key, value]) => lesson[key] === value);
        },
        wanted,
    );

// Plays the lesson that is open to its end.
async function play(game, { id, inputs }) {
    await lessonIs(game, `lesson ${id}`, { id, step: 0 });
    let step = 0;
    for (const input of inputs) {
        if (input === "next") await lessonIs(game, `${id}, step ${step + 1} to be solved`, { id, step, solved: true });
        await give(game, input);
        if (input === "next") {
            step += 1;
            await game.until(
                `${id}, after step ${step}`,
                ({ id, step }) => {
                    const { lesson } = globalThis.labyrinth ?? {};
                    return lesson?.id === id && (lesson.step === step || lesson.done);
                },
                { id, step },
            );
        }
    }
    await lessonIs(game, `the end of ${id}`, { id, done: true });
}

test("every lesson, by keys, from the first one's link to the end of the last", { timeout: 600_000 }, async () => {
    const lessons = answers();
    const game = await Game.open(at.browser, at.site, `#lesson=${lessons[0].id}`);
    await game.screen("learn");
    for (const lesson of lessons) {
        await play(game, lesson);
        // From the proof to the next one.
        await game.press("ArrowDown", "Enter");
    }
    await game.until("the list after the last", () => globalThis.labyrinth.lesson == null);
    game.assertNoComplaints();
    game.assertOwnHostOnly();
    await game.close();
});

test("a wrong answer is explained in words, and hints come one by one", { timeout: 300_000 }, async () => {
    const game = await Game.open(at.browser, at.site, "#lesson=frames");
    await lessonIs(game, "the lesson", { id: "frames", step: 0 });
    await game.press("Enter");
    await lessonIs(game, "its question", { id: "frames", step: 1 });
    await enter(game, "0x1");
    await game.until("the mistake's own words", () =>
        document.getElementById("description").textContent.includes("Three digits go, not four"),
    );
    assert.equal((await game.state()).lesson.solved, false);
    game.assertNoComplaints();
    await game.close();
});

test("a class has the sandbox and no game around it", { timeout: 300_000 }, async () => {
    const game = await Game.open(at.browser, at.site, "#lesson=sandbox");
    await game.screen("bench");
    await enter(game, "p = alloc_pages(GFP_KERNEL, 3)");
    await game.until("the call to be told", () => document.getElementById("description").textContent.includes("call 1 of 1"));
    await enter(game, "define labyrinth void allocpagegfpatomic exclusive");
    await game.until("no raid in class", () => document.getElementById("description").textContent.includes("In class there is no raid"));
    assert.equal((await game.state()).screen, "bench");
    await game.press("Escape");
    await game.screen("learn");
    game.assertNoComplaints();
    await game.close();
});

test("a script's link makes its calls, and a raid of the deep begins from it", { timeout: 300_000 }, async () => {
    const game = await Game.open(at.browser, at.site, "#lesson=sandbox");
    await game.screen("bench");
    await enter(game, "alloc_pages(GFP_KERNEL, 2)");
    await enter(game, "link");
    await game.until("the address to hold the script", () => location.hash.startsWith("#script="));
    const fragment = await game.page.evaluate(() => location.hash);
    await game.close();

    const other = await Game.open(at.browser, at.site, fragment);
    await other.screen("bench");
    await other.until("the call of the link", () => document.getElementById("description").textContent.includes("call 1 of 1"));
    await enter(other, "define labyrinth void allocpagegfpatomic exclusive");
    await other.screen("raid");
    other.assertNoComplaints();
    await other.close();
});

test("a buddyinfo that is pasted is raided with its free blocks", { timeout: 300_000 }, async () => {
    const game = await Game.open(at.browser, at.site);
    await game.screen("title");
    const text = readFileSync(join(DATA, "buddyinfo.txt"), "utf8");
    // As the page hears of a file that is dropped.
    await game.page.evaluate((text) => globalThis.labyrinthPage.onGift(`buddyinfo.txt\n${text}`), text);
    await game.screen("bench");
    await game.until("the zones", () => document.getElementById("description").textContent.includes("Normal"));
    await game.press("Enter");
    await game.screen("raid");
    game.assertNoComplaints();
    await game.close();
});
