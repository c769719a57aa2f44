// SPDX-License-Identifier: GPL-3.0-or-later
// node report_page.js REPORT.html [REPEATS]: how long Debian's Chromium takes, from the beginning of the navigation, until
// the page has all its controls, until the first frame is on the screen, and until the slider has moved on by one frame.
// Needs playwright-core (tests/report/browser/package.json) on NODE_PATH.
"use strict";
const fs = require("node:fs");
const path = require("node:path");
const {chromium} = require("playwright-core");

async function measure(browser, file) {
  const page = await browser.newPage({viewport: {width: 1280, height: 900}});
  const now = () => page.evaluate(() => performance.now() / 1000);
  await page.goto(`file://${path.resolve(file)}`, {waitUntil: "commit"});
  await page.waitForSelector("body[data-ready]");
  const ready = await now();
  await page.waitForSelector('#picture[data-picture="shown"]');
  const picture = await now();
  const frame = Number(await page.evaluate(() => document.body.dataset.frame));
  await page.focus("#frame-slider");
  await page.keyboard.press("ArrowRight");
  await page.waitForSelector(`#picture[data-frame="${frame + 1}"][data-picture="shown"]`);
  const moved = await now();
  await page.close();
  return {ready, picture, moved};
}

async function main() {
  const [file, repeats = "5"] = process.argv.slice(2);
  const browser = await chromium.launch({executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"]});
  const runs = [];
  for (let i = 0; i < Number(repeats); ++i) runs.push(await measure(browser, file));
  await browser.close();
  console.log(`${(fs.statSync(file).size / 1e6).toFixed(1)} MB`);
  for (const name of ["ready", "picture", "moved"]) {
    const sorted = runs.map((run) => run[name]).sort((a, b) => a - b);
    console.log(`${name}: median ${sorted[Math.floor(sorted.length / 2)].toFixed(2)} s, worst ${sorted.at(-1).toFixed(2)} s`);
  }
}

main();
