import { setTimeout as sleep } from "node:timers/promises";
import { Game, launch } from "./game.mjs";
import { Site } from "./site.mjs";
const site = await Site.open(process.env.DIST);
const browser = await launch();
const shot = (game, name) => game.page.screenshot({ path: `/root/.cache/w-${name}.png` });
async function phone(w, h, fragment = "") {
  const game = await Game.open(browser, site, fragment, { viewport: { width: w, height: h }, hasTouch: true, isMobile: true });
  const f = await game.context.newCDPSession(game.page);
  game.touch = (type, ...points) => f.send("Input.dispatchTouchEvent", { type, touchPoints: points.map(([x, y], id) => ({ x, y, id })) });
  game.tap = async (x, y) => { await game.touch("touchStart", [x, y]); await sleep(90); await game.touch("touchEnd"); await sleep(900); };
  game.swipe = async (x, y, dy) => { await game.touch("touchStart", [x, y]); for (let i = 1; i <= 8; i++) { await game.touch("touchMove", [x, y + dy * i / 8]); await sleep(50); } await game.touch("touchEnd"); await sleep(900); };
  return game;
}
let g = await phone(844, 390); await sleep(800);
await g.tap(20, 380); await shot(g, "side-title"); await g.swipe(420, 300, -120); await shot(g, "side-title2");
await g.close();
g = await phone(390, 844, "#lesson=split"); await sleep(800); await g.tap(300, 700); await shot(g, "lesson-phone"); await g.close();
g = await phone(390, 844); await g.tap(20, 830); await shot(g, "title-phone");
// sandbox: find by the text
for (let y = 300; y < 700 && (await g.state()).screen === "title"; y += 6) { const w = await g.words?.(); if (y % 44 === 0) {} }
const T = process.env.ROW ? Number(process.env.ROW) : 500;
await g.tap(195, T); console.log(JSON.stringify(await g.state())); await shot(g, "sandbox-phone");
await g.page.keyboard.type("cat /proc/buddyinfo"); await sleep(500); await g.press("Enter"); await sleep(1500); await shot(g, "sandbox-phone2");
await g.close();
g = await phone(390, 844, "#seed=7&zone=dma"); await sleep(500); await g.tap(195, 413); await g.page.keyboard.press("Escape"); await sleep(900); await shot(g, "pause-phone"); await g.close();
await browser.close(); process.exit(0);
