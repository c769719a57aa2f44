// SPDX-License-Identifier: GPL-3.0-or-later
// Charts that answer: the temperature programme over time (uPlot where the build embedded it; the printed SVG stays
// otherwise), the history of one particle, and links that save a figure.
"use strict";

sinterscope.colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Least and largest of the finite numbers of a list, or 0 and 1. */
sinterscope.extent = function (values) {
  let low = Infinity, high = -Infinity;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : [0, 1];
};

/** "12.3", "0.00213", "2.1e-5": at most three digits. */
sinterscope.format = function (value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size !== 0 && size < 1e-3) return value.toExponential(1);
  return String(Number(value.toPrecision(size >= 1000 ? 5 : 3)));
};

/** The panels of the programme on one time axis; onTime(seconds) when a time is clicked. */
sinterscope.Programme = class {
  constructor(figure, data, onTime) {
    Object.assign(this, {figure, data, onTime, plots: [], time: null});
    this.svg = figure.querySelector("svg.figure");
    this.box = document.createElement("div");
    this.box.className = "live";
    figure.prepend(this.box);
    this.svg.setAttribute("hidden", "");
    if (data.regions.length > 1) this.addLegend();
    const [first, last] = sinterscope.extent(data.holds.flatMap((h) => [h.start_s, h.end_s]));
    const span = last - first;
    [this.unit, this.seconds] = span > 3 * 3600 ? ["h", 3600] : span > 300 ? ["min", 60] : ["s", 1];
    this.build();
    new ResizeObserver(() => this.plots.forEach((plot) => plot.setSize({width: this.box.clientWidth, height: plot.height}))).observe(this.box);
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.build());
  }

  addLegend() {
    const legend = document.createElement("div");
    legend.className = "live-legend";
    this.data.regions.forEach((name, i) => {
      const entry = document.createElement("span"), swatch = document.createElement("span");
      swatch.className = "swatch";
      swatch.style.background = `var(--s${i % 6})`;
      entry.append(swatch, name);
      legend.append(entry);
    });
    this.box.append(legend);
  }

  build() {
    this.plots.forEach((plot) => plot.destroy());
    const hold = (value, error, limit) => ({value, error, limit});
    this.plots = [
      this.panel("T (°C)", (h) => hold(h.temperature_c), {colour: "--heat", zero: false}),
      this.panel("particles / frame", (h) => hold(h.particles_per_frame), {counts: true}),
      this.panel("mean d (nm)", (h) => hold(h.diameter_nm, h.diameter_se_nm), {zero: false}),
      this.panel("coverage", (h) => hold(h.coverage), {}),
      this.panel("c_np (per site)", (h) => h.c_np > 0 ? hold(h.c_np, h.c_np_se) : hold(null, null, h.c_np_upper95), {last: true}),
    ];
  }

  panel(label, of, {colour, counts, zero = true, last = false}) {
    const [from, to] = sinterscope.extent(this.data.holds.flatMap((h) => [h.start_s / this.seconds, h.end_s / this.seconds]));
    const f = this.data.frames;
    const order = counts ? f.time_s.map((_, i) => i).sort((a, b) => f.time_s[a] - f.time_s[b]) : [];
    const times = counts ? order.map((i) => f.time_s[i] / this.seconds) : [from, to]; // holds are drawn, not plotted
    const values = this.data.holds.map(of);
    // The counts of every frame, a series a region.
    const dots = this.data.regions.map((name, r) => counts ? order.map((i) => f.region[i] === r ? f.particles[i] : null) : [null, null]);
    const has = (number) => number !== null && number !== undefined;
    const [low, high] = sinterscope.extent(values.flatMap((v) => has(v.value) ? [v.value - (v.error || 0), v.value + (v.error || 0)] : [v.limit])
      .concat(dots.flat(), zero ? [0] : []).filter(has));
    const any = dots.flat().some(has) || values.some((v) => has(v.value) || has(v.limit));
    const pad = (high - low || Math.abs(high) || 1) * 0.12;
    const limits = values.some((v) => v.limit > 0); // room for the arrow under a limit close to zero
    const margin = (to - from || 1) * 0.02;
    const ink = sinterscope.colour("--ink"), grid = {stroke: sinterscope.colour("--grid"), width: 1};
    const text = (v) => v.value === null || v.value === undefined ? (v.limit > 0 ? `< ${sinterscope.format(v.limit)}` : "–")
      : sinterscope.format(v.value) + (v.error > 0 ? ` ± ${Number(v.error.toPrecision(2))}` : "");
    const plot = new uPlot({
      width: Math.max(this.box.clientWidth, 240), height: last ? 158 : 122, legend: {show: false}, pxAlign: 0,
      cursor: {sync: {key: "programme"}, y: false, points: {show: counts}, drag: {x: true, y: false}},
      scales: {x: {time: false, range: (u, min, max) => min === null || max === null ? [from - margin, to + margin] : [min, max]},
        y: {range: [low - pad * (limits ? 2 : zero && low === 0 ? 0.4 : 1), high + pad]}},
      axes: [{stroke: ink, grid, ticks: grid, size: last ? 46 : 10, label: last ? `time (${this.unit})` : null, labelSize: 18, labelFont: "12px sans-serif",
        values: last ? undefined : (u, splits) => splits.map(() => "")},
      {stroke: ink, grid, ticks: grid, size: 62, label, labelSize: 20, labelFont: "12px sans-serif", splits: undefined, space: 26,
        values: (u, splits) => splits.map(sinterscope.format)}],
      series: [{}, ...dots.map((_, r) => ({stroke: sinterscope.colour(`--s${r % 6}`), width: 0, points: {show: counts, size: 4, width: 1}}))],
      hooks: {
        draw: [(u) => this.drawHolds(u, values, colour)],
        setCursor: [(u) => {
          if (u.cursor.left < 0) { plot.readout.textContent = any ? "" : "not measured"; return; }
          const t = u.posToVal(u.cursor.left, "x") * this.seconds;
          const at = this.data.holds.findIndex((h) => t >= h.start_s && t <= h.end_s);
          plot.readout.textContent = at < 0 ? "" : text(values[at]);
        }],
        ready: [(u) => {
          let down = null;
          u.over.addEventListener("mousedown", (event) => { down = event.clientX; });
          u.over.addEventListener("mouseup", (event) => {
            if (down !== null && Math.abs(event.clientX - down) < 3) this.onTime(u.posToVal(event.clientX - u.rect.left, "x") * this.seconds);
          });
        }],
      },
    }, [times, ...dots], this.box);
    // While the first setData runs, x has no extent yet where there is one frame only.
    if (this.data.holds.length) plot.setScale("x", {min: from - margin, max: to + margin});
    plot.readout = document.createElement("span");
    plot.readout.className = "readout";
    plot.root.appendChild(plot.readout);
    if (!any) plot.readout.textContent = "not measured";
    return plot;
  }

  drawHolds(u, values, colour) {
    const g = u.ctx, ratio = window.devicePixelRatio || 1;
    const x = (t) => u.valToPos(t / this.seconds, "x", true), y = (v) => u.valToPos(v, "y", true);
    g.save();
    g.beginPath();
    g.rect(u.bbox.left, u.bbox.top, u.bbox.width, u.bbox.height);
    g.clip();
    this.data.holds.forEach((hold, i) => {
      const v = values[i], before = this.data.holds[i - 1];
      if (colour && before && before.region === hold.region && Number.isFinite(before.temperature_c) && Number.isFinite(hold.temperature_c)) {
        g.strokeStyle = sinterscope.colour("--soft"); // how it went between two holds is not known
        g.lineWidth = ratio;
        g.setLineDash([4 * ratio, 3 * ratio]);
        g.beginPath();
        g.moveTo(x(before.end_s), y(before.temperature_c)); g.lineTo(x(hold.start_s), y(hold.temperature_c));
        g.stroke();
        g.setLineDash([]);
      }
      g.strokeStyle = g.fillStyle = sinterscope.colour(colour || `--s${hold.region % 6}`);
      g.lineWidth = 2 * ratio;
      // At least wide enough to be seen in a long programme; regions beside each other.
      const half = Math.max((x(hold.end_s) - x(hold.start_s)) / 2, 6 * ratio);
      const middle = (x(hold.start_s) + x(hold.end_s)) / 2 + (colour ? 0 : 5 * ratio * (hold.region - (this.data.regions.length - 1) / 2));
      const left = middle - half, right = middle + half;
      g.beginPath();
      if (v.value !== null && v.value !== undefined) {
        g.moveTo(left, y(v.value)); g.lineTo(right, y(v.value));
        if (v.error > 0) { g.moveTo(middle, y(v.value - v.error)); g.lineTo(middle, y(v.value + v.error)); }
      } else if (v.limit > 0) { // an upper limit: bar and arrow down
        const top = y(v.limit), length = 13 * ratio, head = 4 * ratio;
        g.moveTo(left, top); g.lineTo(right, top); g.moveTo(middle, top); g.lineTo(middle, top + length);
        g.moveTo(middle - head, top + length - head); g.lineTo(middle, top + length); g.lineTo(middle + head, top + length - head);
      }
      g.stroke();
    });
    if (this.time !== null) {
      g.strokeStyle = sinterscope.colour("--soft");
      g.lineWidth = ratio;
      g.setLineDash([4 * ratio, 3 * ratio]);
      g.beginPath();
      g.moveTo(x(this.time), u.bbox.top); g.lineTo(x(this.time), u.bbox.top + u.bbox.height);
      g.stroke();
    }
    g.restore();
  }

  /** Marks the time of the frame that the viewer shows. */
  mark(time) {
    this.time = time;
    this.plots.forEach((plot) => plot.redraw(false));
  }
};

/** Diameter of one track against frame number, as SVG; the frame shown is filled. */
sinterscope.historyChart = function (particles, frame, scale, unit) {
  const ns = "http://www.w3.org/2000/svg";
  const node = (parent, name, attributes, text) => {
    const element = document.createElementNS(ns, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    if (text !== undefined) element.textContent = text;
    parent.appendChild(element);
    return element;
  };
  const width = 320, height = 130, left = 44, right = 8, top = 8, bottom = 30;
  const svg = document.createElementNS(ns, "svg");
  svg.setAttribute("class", "figure history");
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("role", "img");
  node(svg, "title", {}, "Diameter of this particle in every frame in which it was seen");
  const first = particles[0].frame, last = particles[particles.length - 1].frame;
  const low = Math.min(...particles.map((p) => p.diameter - p.error)) * scale;
  const high = Math.max(...particles.map((p) => p.diameter + p.error)) * scale;
  const pad = (high - low || high || 1) * 0.1;
  const x = (f) => left + 8 + (width - left - right - 16) * (last > first ? (f - first) / (last - first) : 0.5);
  const y = (d) => top + (height - top - bottom) * (1 - (d - low + pad) / (high - low + 2 * pad));
  for (const d of [low, high]) {
    node(svg, "line", {class: "grid", x1: left, x2: width - right, y1: y(d), y2: y(d)});
    node(svg, "text", {class: "label", x: left - 5, y: y(d) + 3.5, "font-size": 10, "text-anchor": "end"}, sinterscope.format(d));
  }
  node(svg, "text", {class: "label", x: x(first), y: height - 17, "font-size": 10, "text-anchor": "middle"}, String(first));
  if (last > first) node(svg, "text", {class: "label", x: x(last), y: height - 17, "font-size": 10, "text-anchor": "middle"}, String(last));
  node(svg, "text", {class: "label", x: (left + width) / 2, y: height - 2, "font-size": 10, "text-anchor": "middle"}, `frame   (diameter in ${unit})`);
  for (const p of particles) {
    node(svg, "line", {class: "s0", "stroke-width": 1, x1: x(p.frame), x2: x(p.frame), y1: y((p.diameter - p.error) * scale), y2: y((p.diameter + p.error) * scale)});
    node(svg, "circle", {class: p.frame === frame ? "s0 filled" : "s0 hollow", "stroke-width": 1.4, cx: x(p.frame), cy: y(p.diameter * scale), r: p.frame === frame ? 4 : 3});
  }
  node(svg, "rect", {class: "axis", fill: "none", x: left, y: top, width: width - left - right, height: height - top - bottom});
  return svg;
};

/** Adds links that save a figure as SVG, or as PNG at 600 dpi. */
sinterscope.addSaveLinks = function (figure, title) {
  const svg = figure.querySelector("svg.figure");
  const name = `${title}-${figure.id.replace("figure-", "")}`.replace(/[^\w-]+/g, "_");
  const save = (blob, suffix) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = `${name}.${suffix}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  };
  const source = () => {
    const copy = svg.cloneNode(true);
    copy.removeAttribute("hidden");
    return new Blob([new XMLSerializer().serializeToString(copy)], {type: "image/svg+xml"});
  };
  const asPng = () => {
    const url = URL.createObjectURL(source());
    const image = new Image();
    image.onload = () => {
      const zoom = 600 / 96, canvas = document.createElement("canvas");
      canvas.width = svg.viewBox.baseVal.width * zoom;
      canvas.height = svg.viewBox.baseVal.height * zoom;
      const g = canvas.getContext("2d");
      g.fillStyle = "#fff";
      g.fillRect(0, 0, canvas.width, canvas.height);
      g.drawImage(image, 0, 0, canvas.width, canvas.height);
      canvas.toBlob((blob) => save(blob, "png"));
      URL.revokeObjectURL(url);
    };
    image.src = url;
  };
  const links = document.createElement("span");
  links.className = "save";
  for (const [text, action] of [["SVG", () => save(source(), "svg")], ["PNG", asPng]]) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = text;
    button.title = `Save this figure as ${text}`;
    button.addEventListener("click", action);
    links.append(button);
  }
  figure.querySelector("figcaption").append(links);
};
