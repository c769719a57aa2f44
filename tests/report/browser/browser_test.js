// SPDX-License-Identifier: GPL-3.0-or-later
// node browser_test.js DIRECTORY PAGE: opens DIRECTORY/PAGE.html in Debian's Chromium as a reader would, uses it, and
// fails on anything that is wrong or that the browser complains about. Exit code 77: a tool is missing, skipped.
"use strict";
const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");

const browserPath = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find((file) => fs.existsSync(file));
let chromium;
try {
  ({chromium} = require("playwright-core"));
} catch {
  console.log("skipped: playwright-core is not restored");
  process.exit(77);
}
if (!browserPath) {
  console.log("skipped: chromium is not installed");
  process.exit(77);
}

const text = (page, selector) => page.locator(selector).innerText();
const bodyData = (page, name) => page.evaluate((key) => document.body.dataset[key], name);
/** The picture of the frame is on the canvas. */
const shown = (page, frame) => page.waitForSelector(`#picture[data-frame="${frame}"][data-picture="shown"]`);

/** Moves the slider by keyboard, as a reader without a mouse would. */
async function moveSlider(page, presses) {
  await page.focus("#frame-slider");
  for (let i = 0; i < presses; ++i) await page.keyboard.press("ArrowRight");
}

/** Clicks the canvas at a place given in raw pixels of the frame, found from the page's own data, not from its viewer. */
async function clickParticle(page, frame) {
  const place = await page.evaluate((f) => {
    const data = JSON.parse(document.getElementById("data").textContent);
    const bytes = Uint8Array.from(atob(document.getElementById("markers").textContent), (c) => c.charCodeAt(0));
    const view = new DataView(bytes.buffer), n = data.markers.count;
    let first = 0;
    for (let i = 0; i < f; ++i) first += data.frames.particles[i];
    const number = first + 1; // the second particle of the frame
    const x = view.getInt16(4 * n + 2 * number, true) / data.markers.position;
    const y = view.getInt16(6 * n + 2 * number, true) / data.markers.position;
    const box = document.getElementById("picture").getBoundingClientRect();
    const scale = Math.min(box.width / data.width_px, box.height / data.height_px);
    return {number, track: view.getInt32(4 * number, true), nm: data.nm_per_px,
      diameter: view.getUint16(10 * n + 2 * number, true) / data.markers.diameter,
      x: (x + 0.5 - data.width_px / 2) * scale + box.width / 2, y: (y + 0.5 - data.height_px / 2) * scale + box.height / 2};
  }, frame);
  await page.locator("#picture").click({position: {x: place.x, y: place.y}});
  return place;
}

/** Words of figures that lie on each other or outside of their figure. */
const unreadable = (page) => page.evaluate(() => {
  const found = [];
  for (const svg of document.querySelectorAll("svg.figure")) {
    const box = svg.getBoundingClientRect(), name = svg.closest("figure") ? svg.closest("figure").id : "history";
    if (box.width === 0) continue; // the printed programme, where the live one stands
    const words = [...svg.querySelectorAll("text")].filter((t) => t.textContent.trim()).map((t) => ({text: t.textContent, at: t.getBoundingClientRect()}));
    words.forEach((a, i) => {
      if (a.at.left < box.left - 1 || a.at.right > box.right + 1 || a.at.top < box.top - 1 || a.at.bottom > box.bottom + 1) found.push(`${name}: '${a.text}' leaves the figure`);
      for (const b of words.slice(0, i)) {
        const wide = Math.min(a.at.right, b.at.right) - Math.max(a.at.left, b.at.left), high = Math.min(a.at.bottom, b.at.bottom) - Math.max(a.at.top, b.at.top);
        if (a.text !== b.text && wide > 1 && high > 3) found.push(`${name}: '${a.text}' lies on '${b.text}'`); // equal words: a light rim under a text
      }
    });
  }
  return found;
});

/**
 * The page beside a reference of it, both reduced to cells of about 16 x 16 px, so that fonts and rounding of another machine
 * stay below the tolerance and a part that is missing, shifted or recoloured does not. REFERENCE=new writes the reference.
 */
async function compareWithReference(page, name) {
  const file = path.join(__dirname, "reference", `${name}.json`);
  const png = (await page.screenshot({animations: "disabled"})).toString("base64");
  const seen = await page.evaluate(async (data) => {
    const image = new Image();
    image.src = `data:image/png;base64,${data}`;
    await image.decode();
    const canvas = document.createElement("canvas"), columns = Math.round(image.width / 16), rows = Math.round(image.height / 16);
    [canvas.width, canvas.height] = [columns, rows];
    const g = canvas.getContext("2d");
    g.imageSmoothingQuality = "high";
    g.drawImage(image, 0, 0, columns, rows);
    const pixels = g.getImageData(0, 0, columns, rows).data;
    return {columns, rows, cells: [...pixels].filter((_, i) => i % 4 < 3)};
  }, png);
  if (process.env.REFERENCE === "new") {
    fs.mkdirSync(path.dirname(file), {recursive: true});
    fs.writeFileSync(file, `{"columns": ${seen.columns}, "rows": ${seen.rows}, "cells": "${Buffer.from(seen.cells).toString("base64")}"}\n`);
    return;
  }
  const reference = JSON.parse(fs.readFileSync(file, "utf8"));
  assert.deepEqual([seen.columns, seen.rows], [reference.columns, reference.rows]);
  const expected = Buffer.from(reference.cells, "base64");
  const off = seen.cells.map((value, i) => Math.abs(value - expected[i]));
  const mean = off.reduce((a, b) => a + b, 0) / off.length, far = off.filter((d) => d > 40).length / off.length;
  console.log(`${name}: differs from its reference by ${mean.toFixed(2)} of 255 on average, ${(100 * far).toFixed(2)} % of the cells by more than 40`);
  assert.ok(mean < 5 && far < 0.03, `${name}: does not look like its reference (REFERENCE=new after a look at it)`);
}

/** What is on the canvas: bright particles on a darker ground, coloured rings around them, charts that are not blank. */
async function checkPixels(page) {
  const seen = await page.evaluate(() => {
    const data = JSON.parse(document.getElementById("data").textContent);
    const canvas = document.getElementById("picture"), frame = Number(canvas.dataset.frame);
    const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const at = (x, y) => [...pixels.data.slice(4 * (Math.round(y) * canvas.width + Math.round(x)), 4 * (Math.round(y) * canvas.width + Math.round(x)) + 3)];
    const bytes = Uint8Array.from(atob(document.getElementById("markers").textContent), (c) => c.charCodeAt(0));
    const view = new DataView(bytes.buffer), n = data.markers.count;
    const first = data.frames.particles.slice(0, frame).reduce((a, b) => a + b, 0);
    const scale = Math.min(canvas.width / data.width_px, canvas.height / data.height_px);
    const inside = [];
    for (let i = first; i < first + data.frames.particles[frame]; ++i)
      inside.push(at((view.getInt16(4 * n + 2 * i, true) / data.markers.position + 0.5 - data.width_px / 2) * scale + canvas.width / 2,
        (view.getInt16(6 * n + 2 * i, true) / data.markers.position + 0.5 - data.height_px / 2) * scale + canvas.height / 2)[0]);
    let sum = 0, coloured = 0;
    for (let i = 0; i < pixels.data.length; i += 4) {
      sum += pixels.data[i];
      if (Math.max(pixels.data[i], pixels.data[i + 1], pixels.data[i + 2]) - Math.min(pixels.data[i], pixels.data[i + 1], pixels.data[i + 2]) > 60) ++coloured;
    }
    const blank = [...document.querySelectorAll(".live canvas")].filter((c) => {
      const d = c.getContext("2d").getImageData(0, 0, c.width, c.height).data;
      return !d.some((value) => value > 0);
    }).length;
    return {inside: inside.reduce((a, b) => a + b, 0) / inside.length, all: 4 * sum / pixels.data.length, coloured, blank, charts: document.querySelectorAll(".live canvas").length};
  });
  // The particles are painted at +45 counts of a grey range of about 80 counts: more than 80 grey values brighter.
  assert.ok(seen.inside > seen.all + 80, JSON.stringify(seen));
  assert.ok(seen.coloured > 500, JSON.stringify(seen)); // 24 rings of some 40 pixels at the least
  assert.deepEqual([seen.charts, seen.blank], [5, 0]);
}

const tests = {
  async cycle(page) {
    assert.match(await text(page, "#headline"), /dh = -0\.160 eV .*all 5 holds/);
    assert.match(await text(page, "#verdict"), /500 °C: no particles, as predicted: c_ad 0\.021 < c\* 0\.032/); // none before
    assert.match(await text(page, "#verdict"), /500 °C: redisperses as predicted: c_ad 0\.021 < c\* 0\.032 \(2 holds\)/);
    await shown(page, 3); // opens where there is something to see
    await moveSlider(page, 1);
    await shown(page, 4);
    await page.locator("#previous").click();
    await shown(page, 3);
    assert.match(await text(page, "#frame-line"), /frame 3, .*200 °C, 24 particles/);
    await checkPixels(page);
    const width = page.viewportSize().width;
    for (const part of ["verdict", "frames", "fit"]) {
      await page.evaluate((id) => document.getElementById(id).scrollIntoView(), part);
      await compareWithReference(page, `cycle-${part}-${width}`);
    }
    const particle = await clickParticle(page, 3);
    assert.equal(await bodyData(page, "particle"), String(particle.number));
    const detail = await text(page, "#particle");
    assert.equal(await text(page, "#particle-title"), `Particle, track ${particle.track}`);
    const printed = Number(/diameter\s+([\d.]+) ± [\d.]+ nm/.exec(detail)[1]);
    assert.ok(Math.abs(printed - particle.diameter * particle.nm) < 0.001, detail); // printed to a thousandth of a nm
    assert.match(detail, /fit residual\s+χ² \/ d\.o\.f\. 1\.07/);
    assert.match(detail, /frame 3\s+appeared \(0\.97\)/);
    await page.waitForSelector("body[data-complete]");
    await page.locator("#clean").check();
    await shown(page, 3);
    await page.locator("#zoom-in").click();
    await page.locator("#overlay").uncheck();
    await page.locator("#overlay").check();
    await page.keyboard.press("Escape");
    // the chosen track stays chosen in the next frame
    await page.locator("#next").click();
    await shown(page, 4);
    assert.equal(await text(page, "#particle-title"), `Particle, track ${particle.track}`);
    // an event opens its frame and its particle
    await page.locator("#events tr[data-frame]").first().click();
    await shown(page, 3);
    // so does the keyboard
    await page.locator("#next").click();
    await page.locator("#events tr[data-frame]").first().focus();
    await page.keyboard.press("Enter");
    await shown(page, 3);
    // a hold opens its first frame
    await page.locator("#hold-strip button").nth(4).click();
    await shown(page, 12);
    assert.match(await text(page, "#particle-list"), /No particle in this frame/);
    // a figure is saved as a file
    for (const [button, suffix] of [["SVG", "svg"], ["PNG", "png"]]) {
      const download = page.waitForEvent("download");
      await page.locator("#figure-phase-map .save button", {hasText: button}).click();
      assert.equal((await download).suggestedFilename(), `pd-ceo2-cycle-phase-map.${suffix}`);
    }
    // the keyboard alone is enough on the picture too
    await page.focus("#picture");
    await page.keyboard.press("ArrowLeft");
    await shown(page, 11);
  },
  async hostile(page) {
    assert.equal(await bodyData(page, "attacked"), undefined);
    assert.match(await text(page, "h1"), /^cycle <\/script><script>/);
    assert.match(await text(page, "#warnings"), /<img src=x onerror=/);
    await shown(page, 3);
    await page.selectOption("#region", "1");
    await moveSlider(page, 4);
    await clickParticle(page, Number(await bodyData(page, "frame")));
    assert.equal(await page.locator("img").count(), 0);
    assert.equal(await bodyData(page, "attacked"), undefined);
  },
  async one_frame(page) {
    await shown(page, 0);
    assert.match(await text(page, "#verdict"), /No pixel size is known/);
    assert.match(await text(page, "#verdict"), /No temperature is known/);
    await clickParticle(page, 0);
    assert.match(await text(page, "#particle"), /diameter\s+[\d.]+ ± [\d.]+ px/);
  },
  async no_particle(page) {
    await shown(page, 0);
    assert.match(await text(page, "#verdict"), /No particle was found in any frame/);
    assert.match(await text(page, "#verdict"), /no hold shows a particle/);
    assert.match(await text(page, "#programme"), /< 0\.0016 \(95 %\)/);
    await moveSlider(page, 5);
    await shown(page, 5);
  },
  async one_sided(page) {
    assert.match(await text(page, "#headline"), /dh: no estimate \(95 %: below -0\.053 eV, no lower bound\)/);
    assert.match(await text(page, "#verdict"), /keeps particles, though redispersion is predicted: c_ad above 0\.013, c\* 0\.0\d+ to 0\.\d+/);
    assert.match(await text(page, "#preferred"), /undecided/);
    assert.equal(await page.locator("#figure-intervals svg").count() > 0, true);
  },
  async two_regions(page) {
    assert.match(await text(page, "#warnings"), /^2 warnings/);
    await page.selectOption("#region", {label: "cube-2"});
    await shown(page, 15);
    await moveSlider(page, 14);
    await shown(page, 29);
    await page.keyboard.press("ArrowRight"); // the end of the region: stays
    await shown(page, 29);
  },
  async uncalibrated(page) {
    await shown(page, 3);
    assert.match(await text(page, "#warnings"), /analysed in pixels/);
    assert.match(await text(page, "#programme"), /No inventory: it needs a pixel size/);
    assert.match(await text(page, "#fit"), /there is no fit/);
  },
  /** A build without npm: the chart library is not there. Made from the full page by taking its script out. */
  async static(page) {
    assert.equal(await bodyData(page, "ready"), "static");
    assert.equal(await page.locator("#figure-programme svg.figure").isVisible(), true);
    await shown(page, 3);
    await clickParticle(page, 3);
    assert.match(await text(page, "#particle"), /diameter\s+[\d.]+ ± [\d.]+ nm/);
  },
  async large(page) {
    await shown(page, 400);
    const seconds = await page.evaluate(() => performance.now()) / 1000;
    console.log(`first picture on the screen after ${seconds.toFixed(1)} s (2 s is the aim)`); // told, not judged
    await page.waitForSelector("body[data-complete]");
    const slowest = await page.evaluate(() => {
      const slider = document.getElementById("frame-slider");
      let worst = 0;
      for (let value = 100; value < 2000; value += 100) {
        const start = performance.now();
        slider.value = value;
        slider.dispatchEvent(new Event("input"));
        worst = Math.max(worst, performance.now() - start);
      }
      return worst;
    });
    console.log(`moving the slider took at most ${slowest.toFixed(0)} ms`);
    await shown(page, 1900);
  },
  async many_holds(page) {
    await page.locator("#hold-strip button").nth(39).click();
    await shown(page, 39);
    // the temperature of every hold can be read, and the strip has moved to the one that is shown
    const strip = await page.evaluate(() => {
      const box = document.getElementById("hold-strip"), last = box.lastElementChild;
      return {cut: [...box.children].filter((b) => b.scrollWidth > b.clientWidth + 1).length,
        inside: last.getBoundingClientRect().right <= box.getBoundingClientRect().right + 2};
    });
    assert.deepEqual(strip, {cut: 0, inside: true});
  },
  async left_out(page) {
    await page.waitForSelector("body[data-complete]");
    assert.match(await text(page, "#verdict"), /pictures of \d+ of 20000 frames/);
    await page.locator("#hold-strip button").nth(3).click();
    await shown(page, 12000);
    await moveSlider(page, 1); // its neighbour has a picture, it has none
    await shown(page, 12001);
    assert.equal(await page.getAttribute("#picture", "data-from"), "12000");
    assert.match(await text(page, "#frame-line"), /frame 12001, .*10 particles, picture of frame 12000/);
  },
  async empty(page) {
    assert.match(await text(page, "#verdict"), /There is no frame/);
    assert.equal(await page.locator("#viewer").isVisible(), false);
  },
};

async function main() {
  const [directory, name] = process.argv.slice(2);
  const browser = await chromium.launch({executablePath: browserPath, args: ["--no-sandbox", "--disable-gpu"]});
  const complaints = [];
  if (name === "static") {
    const full = fs.readFileSync(path.join(directory, "cycle.html"), "utf8");
    fs.writeFileSync(path.join(directory, "static.html"), full.replace(/<script>\/\*! https:\/\/github.com\/leeoniya\/uPlot.*?<\/script>/s, ""));
  }
  assert.ok(fs.statSync(path.join(directory, `${name}.html`)).size < 30e6, "the page is larger than 30 MB");
  try {
    for (const [width, colorScheme] of [[1280, "light"], [420, "dark"]]) {
      const page = await browser.newPage({viewport: {width, height: 900}, colorScheme, acceptDownloads: true});
      page.setDefaultTimeout(90000); // a test machine may be busy with a build
      page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`));
      page.on("pageerror", (error) => complaints.push(`error: ${error.message}`));
      page.on("request", (request) => { if (!/^(file|data|blob):/.test(request.url())) complaints.push(`request: ${request.url()}`); });
      await page.goto(`file://${path.resolve(directory)}/${name}.html`, {waitUntil: "commit"});
      await page.waitForSelector("body[data-ready]");
      const sideways = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      assert.ok(sideways <= 0, `the page is ${sideways} px wider than a window of ${width} px`);
      const readable = name !== "hostile"; // where an attack stands for every word
      if (readable) assert.deepEqual(await unreadable(page), []);
      await tests[name](page);
      if (readable) assert.deepEqual(await unreadable(page), []); // with the history of a particle, where the test chose one
      await page.close();
    }
  } finally {
    await browser.close();
  }
  assert.deepEqual(complaints, []);
  console.log(`${name}: as it should be`);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
