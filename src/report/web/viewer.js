// SPDX-License-Identifier: GPL-3.0-or-later
// The particles of the page and the canvas that shows a frame with them. Positions are in raw pixels of the frame,
// whatever the size of the picture.
"use strict";
const sinterscope = {};

/** The packed particles (layout: src/report/page_data.cpp) as columns, with the first entry of every frame. */
sinterscope.unpack = function (text, scales, counts) {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; ++i) bytes[i] = binary.charCodeAt(i);
  const n = scales.count;
  let at = 0;
  const column = (type) => {
    const values = new type(bytes.buffer, at, n);
    at += n * type.BYTES_PER_ELEMENT;
    return values;
  };
  const markers = {
    n, scales, track: column(Int32Array), xs: column(Int16Array), ys: column(Int16Array), contrasts: column(Int16Array),
    diameters: column(Uint16Array), errors: column(Uint16Array), snrs: column(Uint16Array), chi2s: column(Uint16Array),
    flags: column(Uint8Array), start: new Uint32Array(counts.length + 1), frame: new Uint32Array(n), byTrack: new Map(),
  };
  counts.forEach((count, f) => {
    markers.start[f + 1] = markers.start[f] + count;
    markers.frame.fill(f, markers.start[f], markers.start[f + 1]);
  });
  for (let i = 0; i < n; ++i) {
    if (markers.track[i] < 0) continue;
    const list = markers.byTrack.get(markers.track[i]);
    if (list) list.push(i); else markers.byTrack.set(markers.track[i], [i]);
  }
  return markers;
};

/** One particle as numbers. */
sinterscope.particle = function (m, i) {
  return {
    index: i, track: m.track[i], frame: m.frame[i], x: m.xs[i] / m.scales.position, y: m.ys[i] / m.scales.position,
    diameter: m.diameters[i] / m.scales.diameter, error: m.errors[i] / m.scales.error, snr: m.snrs[i] / m.scales.snr,
    chi2: m.chi2s[i] / m.scales.chi2, contrast: m.contrasts[i] / m.scales.contrast, flags: m.flags[i],
  };
};

/** The colour of a track: the same as track_colour() of report/overlay. */
sinterscope.trackColour = function (track) {
  if (track < 0) return "#ffffff";
  const hue = ((0.09 + 0.6180339887498949 * track) % 1) * 6;
  const channel = (offset) => {
    const k = (offset + hue) % 6;
    return Math.round(255 * (1 - 0.75 * Math.min(1, Math.max(0, Math.min(k, 4 - k)))));
  };
  return `rgb(${channel(5)}, ${channel(3)}, ${channel(1)})`;
};

/** Shows one frame; calls onChoose(particle index or -1) when a particle is clicked. */
sinterscope.Viewer = class {
  constructor(canvas, data, markers, onChoose) {
    Object.assign(this, {canvas, data, markers, onChoose, frame: 0, chosen: -1, clean: false, overlay: true, opacity: 0.85});
    this.image = null;
    this.cache = new Map();
    this.view = {zoom: 1, x: data.width_px / 2, y: data.height_px / 2}; // what lies in the centre, in raw pixels
    this.watchPointer();
    new ResizeObserver(() => this.draw()).observe(canvas.parentElement);
  }

  /** Raw pixels to canvas pixels: the centre of raw pixel (0, 0) lies half a pixel inside the picture. */
  get scale() { return this.view.zoom * Math.min(this.canvas.width / this.data.width_px, this.canvas.height / this.data.height_px); }
  toCanvas(x, y) {
    return [(x + 0.5 - this.view.x) * this.scale + this.canvas.width / 2, (y + 0.5 - this.view.y) * this.scale + this.canvas.height / 2];
  }
  toRaw(px, py) {
    return [(px - this.canvas.width / 2) / this.scale + this.view.x - 0.5, (py - this.canvas.height / 2) / this.scale + this.view.y - 0.5];
  }

  async show(frame) {
    this.frame = frame;
    this.draw();
    const from = this.pictured(frame);
    const image = from === null ? null : await this.picture(from);
    if (this.frame !== frame) return; // another frame was asked for meanwhile
    this.image = image;
    this.canvas.dataset.from = from;
    this.draw();
  }

  /** The frame itself, or the nearest of its hold that has a picture, or null. */
  pictured(frame) {
    const f = this.data.frames;
    const farthest = document.readyState === "loading" ? 1 : f.hold.length; // until all have arrived, only its own
    for (let away = 0; away < farthest; ++away)
      for (const near of [frame - away, frame + away])
        if (f.hold[near] === f.hold[frame] && f.region[near] === f.region[frame] && document.getElementById(`raw-${near}`)) return near;
    return null;
  }

  /** The decoded picture of a frame, or null where the page has none. Keeps the last few. */
  picture(frame) {
    const element = (this.clean && document.getElementById(`clean-${frame}`)) || document.getElementById(`raw-${frame}`);
    if (!element) return Promise.resolve(null);
    if (this.cache.has(element.id)) return this.cache.get(element.id);
    const promise = new Promise((done) => {
      const image = new Image();
      image.onload = () => done(image);
      image.onerror = () => done(null);
      image.src = element.textContent;
    });
    this.cache.set(element.id, promise);
    if (this.cache.size > 24) this.cache.delete(this.cache.keys().next().value);
    return promise;
  }

  resize() {
    const ratio = window.devicePixelRatio || 1;
    const width = this.canvas.clientWidth;
    const shape = this.data.height_px / this.data.width_px;
    const height = Math.min(width * shape, Math.max(320, window.innerHeight * 0.78));
    this.canvas.style.height = `${height}px`;
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
  }

  draw() {
    if (this.canvas.clientWidth === 0) return; // not laid out yet: the observer of its size calls again
    this.resize();
    const g = this.canvas.getContext("2d");
    g.fillStyle = "#000";
    g.fillRect(0, 0, this.canvas.width, this.canvas.height);
    const [left, top] = this.toCanvas(-0.5, -0.5);
    const width = this.data.width_px * this.scale;
    const height = this.data.height_px * this.scale;
    if (this.image) {
      g.imageSmoothingEnabled = this.scale < 4; // show pixels as pixels when they are large
      g.drawImage(this.image, left, top, width, height);
    } else {
      g.fillStyle = "#222";
      g.fillRect(left, top, width, height);
      g.fillStyle = "#ccc";
      g.font = `${14 * (window.devicePixelRatio || 1)}px sans-serif`;
      g.textAlign = "center";
      g.fillText(document.readyState === "loading" ? "the picture is being read" : "no picture of this frame in the page", this.canvas.width / 2, this.canvas.height / 2);
    }
    if (this.overlay) this.drawParticles(g);
    this.drawScaleBar(g);
    this.canvas.dataset.frame = this.frame;
    this.canvas.dataset.picture = this.image ? "shown" : "none";
  }

  drawParticles(g) {
    const ratio = window.devicePixelRatio || 1;
    const chosenTrack = this.chosen >= 0 ? this.markers.track[this.chosen] : -1;
    for (let i = this.markers.start[this.frame]; i < this.markers.start[this.frame + 1]; ++i) {
      const p = sinterscope.particle(this.markers, i);
      const [x, y] = this.toCanvas(p.x, p.y);
      const chosen = i === this.chosen || (chosenTrack >= 0 && p.track === chosenTrack);
      g.globalAlpha = chosen ? 1 : this.opacity;
      g.strokeStyle = sinterscope.trackColour(p.track);
      g.lineWidth = (chosen ? 3.5 : 1.6) * ratio;
      g.setLineDash(p.flags & this.data.doubtful ? [4 * ratio, 3 * ratio] : []);
      const radius = Math.max(p.diameter / 2 * this.scale, 2 * ratio) + g.lineWidth / 2 + ratio;
      g.beginPath();
      g.arc(x, y, radius, 0, 2 * Math.PI);
      g.stroke();
      if (chosen) { // a second ring in white, so that the choice is seen on any colour
        g.setLineDash([]);
        g.strokeStyle = "#fff";
        g.lineWidth = ratio;
        g.beginPath();
        g.arc(x, y, radius + 3 * ratio, 0, 2 * Math.PI);
        g.stroke();
      }
    }
    g.globalAlpha = 1;
    g.setLineDash([]);
  }

  drawScaleBar(g) {
    const ratio = window.devicePixelRatio || 1;
    const perPixel = (this.data.nm_per_px || 1) / this.scale;
    const limit = 0.22 * this.canvas.width * perPixel;
    const decade = 10 ** Math.floor(Math.log10(limit));
    const length = [5, 2, 1, 0.5].map((k) => k * decade).find((value) => value <= limit);
    const x = 14 * ratio, y = this.canvas.height - 16 * ratio, width = length / perPixel;
    const label = `${Number(length.toPrecision(1))} ${this.data.nm_per_px ? "nm" : "px"}`;
    g.fillStyle = "rgb(0 0 0 / 0.6)";
    g.fillRect(x - 7 * ratio, y - 22 * ratio, width + 14 * ratio, 32 * ratio);
    g.fillStyle = "#fff";
    g.fillRect(x, y, width, 4 * ratio);
    g.font = `${13 * ratio}px sans-serif`;
    g.textAlign = "left";
    g.fillText(label, x, y - 6 * ratio);
  }

  /** The particle under a canvas point, or -1; a small particle may be missed by a few pixels. */
  particleAt(px, py) {
    const [x, y] = this.toRaw(px, py);
    const slack = 6 * (window.devicePixelRatio || 1) / this.scale;
    let best = -1, bestDistance = Infinity;
    for (let i = this.markers.start[this.frame]; i < this.markers.start[this.frame + 1]; ++i) {
      const p = sinterscope.particle(this.markers, i);
      const distance = Math.hypot(p.x - x, p.y - y);
      if (distance < p.diameter / 2 + slack && distance < bestDistance) { best = i; bestDistance = distance; }
    }
    return best;
  }

  choose(index) {
    this.chosen = index;
    this.draw();
    this.onChoose(index);
  }

  zoomBy(factor, px = this.canvas.width / 2, py = this.canvas.height / 2) {
    const [x, y] = this.toRaw(px, py);
    this.view.zoom = Math.min(64, Math.max(1, this.view.zoom * factor));
    const [nowX, nowY] = this.toRaw(px, py);
    this.moveBy(x - nowX, y - nowY);
  }
  moveBy(dx, dy) {
    const clamp = (value, size) => Math.min(size, Math.max(0, value));
    this.view.x = clamp(this.view.x + dx, this.data.width_px);
    this.view.y = clamp(this.view.y + dy, this.data.height_px);
    if (this.view.zoom === 1) this.view = {zoom: 1, x: this.data.width_px / 2, y: this.data.height_px / 2};
    this.draw();
  }
  fit() {
    this.view.zoom = 1;
    this.moveBy(0, 0);
  }

  watchPointer() {
    const point = (event) => {
      const box = this.canvas.getBoundingClientRect();
      const ratio = this.canvas.width / box.width;
      return [(event.clientX - box.left) * ratio, (event.clientY - box.top) * ratio];
    };
    const pointers = new Map();
    let moved = false;
    this.canvas.addEventListener("pointerdown", (event) => {
      this.canvas.setPointerCapture(event.pointerId);
      pointers.set(event.pointerId, point(event));
      moved = pointers.size > 1;
    });
    this.canvas.addEventListener("pointermove", (event) => {
      const before = pointers.get(event.pointerId);
      if (!before) return;
      const now = point(event);
      const other = [...pointers].find(([id]) => id !== event.pointerId);
      if (other) { // two fingers: zoom about the one that rests
        const spread = (p) => Math.hypot(p[0] - other[1][0], p[1] - other[1][1]);
        this.zoomBy(spread(now) / Math.max(1, spread(before)), other[1][0], other[1][1]);
      } else if (moved || Math.hypot(now[0] - before[0], now[1] - before[1]) > 4) {
        moved = true;
        this.moveBy((before[0] - now[0]) / this.scale, (before[1] - now[1]) / this.scale);
      } else {
        return;
      }
      pointers.set(event.pointerId, now);
    });
    this.canvas.addEventListener("pointerup", (event) => {
      if (pointers.delete(event.pointerId) && !moved) this.choose(this.particleAt(...point(event)));
    });
    this.canvas.addEventListener("pointercancel", (event) => pointers.delete(event.pointerId));
    // The wheel scrolls the page until the picture has been clicked: then it zooms.
    this.canvas.addEventListener("wheel", (event) => {
      if (document.activeElement !== this.canvas && !event.ctrlKey) return;
      event.preventDefault();
      this.zoomBy(Math.exp(-event.deltaY / 300), ...point(event));
    }, {passive: false});
    this.canvas.addEventListener("dblclick", (event) => this.zoomBy(2, ...point(event)));
  }
};
