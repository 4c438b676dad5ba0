import { launch } from "./game.mjs";
import { Site } from "./site.mjs";
import { readdirSync } from "node:fs";
import { execFileSync } from "node:child_process";
const lin = async ({page,context}) => { const s=await context.newCDPSession(page); await s.send("HeapProfiler.enable"); await s.send("HeapProfiler.collectGarbage");
 const {result}=await s.send("Runtime.evaluate",{expression:"WebAssembly.Memory.prototype"}); const {objects}=await s.send("Runtime.queryObjects",{prototypeObjectId:result.objectId});
 const {result:l}=await s.send("Runtime.callFunctionOn",{objectId:objects.objectId,functionDeclaration:"function(){return this.reduce((a,m)=>a+m.buffer.byteLength,0)}",returnByValue:true}); const {usedSize}=await s.send("Runtime.getHeapUsage"); return `${(l.value/1e6).toFixed(1)} linear + ${(usedSize/1e6).toFixed(1)} js`;};
async function open(folder, hash="") { const browser=await launch(); const site=await Site.open(folder); const context=await browser.newContext({viewport:{width:1280,height:720},serviceWorkers:"block"}); const page=await context.newPage(); const t=performance.now(); await page.goto(`${site.url}${hash}`,{waitUntil:"commit"}); await page.waitForFunction(()=>document.documentElement.dataset.phase==="ready",undefined,{timeout:180000,polling:20}); console.log(folder.split('/').pop(),hash.slice(0,20),'ready',(performance.now()-t).toFixed(0)); return {browser,site,context,page,done:async()=>{await browser.close();await site.close();}}; }
const B="/root/.cache/labyrinth-target/web-baseline";
const which=process.argv.slice(2);
for (const [n,f,h] of [["bare",`${B}/bare.page`],["tilemap",`${B}/tilemap.page`],["title","../../dist"],["raid","../../dist","#seed=7&zone=dma"]]) {
 if(which.length&&!which.includes(n))continue;
 const o=await open(f,h??""); console.log(n,'at ready',await lin(o)); await o.page.waitForTimeout(4000); console.log(n,'+4s',await lin(o));
 if(n==="raid"){ for(let i=0;i<20;i++){await o.page.keyboard.press("ArrowDown");await o.page.waitForTimeout(60)} console.log('after 20 steps',await lin(o)); await o.page.keyboard.press("m"); await o.page.waitForTimeout(3000); console.log('after overview',await lin(o)); await o.page.keyboard.press("?"); await o.page.waitForTimeout(2000); console.log('after help',await lin(o));}
 await o.done(); }
