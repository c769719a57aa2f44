// SPDX-License-Identifier: GPL-3.0-or-later
// Joins the parts of the page: slider, holds, particle detail, charts. Text from the data enters as text nodes only.
"use strict";

(function () {
  const byId = (id) => document.getElementById(id);
  const data = JSON.parse(byId("data").textContent);
  const markers = sinterscope.unpack(byId("markers").textContent, data.markers, data.frames.particles);
  const bit = (name) => data.flags.indexOf(name) < 0 ? 0 : 1 << data.flags.indexOf(name);
  data.doubtful = bit("cut_by_edge") | bit("fit_failed");
  const scale = data.nm_per_px || 1, unit = data.nm_per_px ? "nm" : "px";
  const state = {region: 0, frames: [], programme: null, player: null};

  const element = (name, text, className) => {
    const node = document.createElement(name);
    if (text !== undefined) node.textContent = text;
    if (className) node.className = className;
    return node;
  };
  const degrees = (hold) => !hold ? "no temperature" : hold.temperature_c === null ? hold.name : `${Math.round(hold.temperature_c)} °C`;
  const holdOf = (frame) => data.holds.find((hold) => hold.region === data.frames.region[frame] && hold.hold === data.frames.hold[frame]);
  const chance = (p) => p < 0.005 ? "< 0.01" : p >= 0.995 ? "> 0.99" : p.toFixed(2);
  const withError = (value, error) => {
    if (!(error > 0)) return sinterscope.format(value);
    const decimals = Math.min(6, Math.max(0, 1 - Math.floor(Math.log10(error))));
    return `${value.toFixed(decimals)} ± ${error.toFixed(decimals)}`;
  };

  let viewer = null; // where there is no frame, there is no viewer

  function showFrame(frame) {
    const position = state.frames.indexOf(frame);
    byId("frame-slider").value = position;
    const f = data.frames;
    byId("frame-line").textContent = `frame ${frame}, ${sinterscope.format(f.time_s[frame])} s, ${degrees(holdOf(frame))}, ` +
      `${f.particles[frame]} ${f.particles[frame] === 1 ? "particle" : "particles"}`;
    // Where the page leaves pictures out, one beside the frame stands for it; the particles are those of the frame.
    const pictured = viewer.pictured(frame);
    if (pictured !== null && pictured !== frame) byId("frame-line").textContent += `, picture of frame ${pictured}`;
    byId("frame-slider").setAttribute("aria-valuetext", byId("frame-line").textContent);
    // The chosen track stays chosen where it is seen in the new frame.
    if (viewer.chosen >= 0) {
      const track = markers.track[viewer.chosen];
      const here = (markers.byTrack.get(track) || []).find((i) => markers.frame[i] === frame);
      if (here !== undefined) viewer.chosen = here;
    }
    viewer.show(frame);
    showList(frame);
    if (viewer.chosen >= 0) showParticle(viewer.chosen);
    const strip = byId("hold-strip");
    for (const button of strip.children) {
      const shown = Number(button.dataset.hold) === f.hold[frame];
      button.setAttribute("aria-pressed", String(shown));
      if (shown) strip.scrollLeft = button.offsetLeft - strip.offsetLeft - (strip.clientWidth - button.clientWidth) / 2;
    }
    if (state.programme) state.programme.mark(f.time_s[frame]);
    document.body.dataset.frame = frame;
  }

  function step(by) {
    const position = Number(byId("frame-slider").value) + by;
    if (position >= 0 && position < state.frames.length) showFrame(state.frames[position]);
  }

  /** Runs through the frames of the region, from the beginning when the end was reached. */
  function play(on) {
    clearInterval(state.player);
    state.player = null;
    byId("play").setAttribute("aria-pressed", String(on));
    byId("play").textContent = on ? "stop" : "play";
    if (!on) return;
    if (Number(byId("frame-slider").value) === state.frames.length - 1) showFrame(state.frames[0]);
    state.player = setInterval(() => {
      if (Number(byId("frame-slider").value) >= state.frames.length - 1) play(false);
      else step(1);
    }, 160);
  }

  function goTo(frame, track) {
    if (data.frames.region[frame] !== state.region) openRegion(data.frames.region[frame]);
    const index = (markers.byTrack.get(track) || []).find((i) => markers.frame[i] === frame);
    showFrame(frame);
    if (index !== undefined) viewer.choose(index);
    byId("frames").scrollIntoView({block: "start"});
  }

  function openRegion(region) {
    state.region = region;
    state.frames = data.frames.region.map((r, i) => r === region ? i : -1).filter((i) => i >= 0);
    byId("region").value = region;
    byId("frame-slider").max = Math.max(0, state.frames.length - 1);
    const strip = byId("hold-strip");
    const holds = data.holds.filter((hold) => hold.region === region);
    const known = holds.map((hold) => hold.temperature_c).filter((t) => t !== null);
    const middle = (Math.min(...known) + Math.max(...known)) / 2;
    strip.replaceChildren(...holds.map((hold) => {
      const button = element("button", degrees(hold).split(" (")[0]);
      button.type = "button";
      button.dataset.hold = hold.hold;
      button.title = `Hold ${hold.hold}, ${degrees(hold)}: go to its first frame`;
      if (hold.temperature_c !== null && known.length > 1) button.classList.add(hold.temperature_c >= middle ? "hot" : "cold");
      button.addEventListener("click", () => {
        const first = state.frames.find((i) => data.frames.hold[i] === hold.hold);
        if (first !== undefined) showFrame(first);
      });
      return button;
    }));
    if (state.frames.length) showFrame(state.frames[0]);
  }

  /** Where a reader should begin: the first frame of the hold with the most particles per frame. */
  function firstFrame() {
    const sums = new Map();
    data.frames.particles.forEach((count, i) => {
      const key = `${data.frames.region[i]} ${data.frames.hold[i]}`;
      const sum = sums.get(key) || {first: i, total: 0, frames: 0};
      sums.set(key, {first: sum.first, total: sum.total + count, frames: sum.frames + 1});
    });
    return [...sums.values()].reduce((best, sum) => sum.total / sum.frames > best.total / best.frames ? sum : best).first;
  }

  function showList(frame) {
    const from = markers.start[frame], to = Math.min(markers.start[frame + 1], from + 500);
    if (from === to) {
      byId("particle-list").replaceChildren(element("p", "No particle in this frame.", "absent"));
      return;
    }
    const table = element("table"), head = element("tr"), body = element("tbody"), top = element("thead");
    for (const title of ["track", `diameter (${unit})`, "SNR", "flags"]) head.append(element("th", title));
    top.append(head);
    for (let i = from; i < to; ++i) {
      const p = sinterscope.particle(markers, i), row = element("tr"), first = element("td"), button = element("button", p.track < 0 ? `no. ${i - from}` : String(p.track));
      const swatch = element("span", undefined, "swatch");
      swatch.style.background = sinterscope.trackColour(p.track);
      button.type = "button";
      button.setAttribute("aria-label", `Particle, track ${p.track}`);
      button.addEventListener("click", () => viewer.choose(i));
      first.append(swatch, button);
      row.append(first, element("td", withError(p.diameter * scale, p.error * scale)), element("td", sinterscope.format(p.snr)), element("td", flagsText(p.flags)));
      row.dataset.index = i;
      row.setAttribute("aria-selected", String(i === viewer.chosen));
      body.append(row);
    }
    table.append(top, body);
    byId("particle-list").replaceChildren(table);
  }

  const flagsText = (flags) => data.flags.filter((name, k) => name && flags & 1 << k).map((name) => name.replaceAll("_", " ")).join(", ");

  function showParticle(index) {
    for (const row of byId("particle-list").querySelectorAll("tr[data-index]")) row.setAttribute("aria-selected", String(Number(row.dataset.index) === index));
    document.body.dataset.particle = index;
    if (index < 0) {
      byId("particle-title").textContent = "Particle";
      byId("particle").replaceChildren(element("p", "Click a particle, or choose one below.", "absent"));
      return;
    }
    const p = sinterscope.particle(markers, index);
    byId("particle-title").textContent = p.track < 0 ? "Particle, not linked" : `Particle, track ${p.track}`;
    const facts = element("dl", undefined, "facts");
    const fact = (name, value) => facts.append(element("dt", name), element("dd", value));
    fact("diameter", `${withError(p.diameter * scale, p.error * scale)} ${unit}`);
    if (data.nm_per_px) fact("in pixels", `${withError(p.diameter, p.error)} px`);
    fact("position", `x ${p.x.toFixed(1)}, y ${p.y.toFixed(1)} px, frame ${p.frame}`);
    fact("signal / noise", sinterscope.format(p.snr));
    fact("contrast", sinterscope.format(p.contrast));
    fact("fit residual", p.chi2 > 0 ? `χ² / d.o.f. ${sinterscope.format(p.chi2)}` : "no model fitted");
    if (p.flags) fact("flags", flagsText(p.flags));
    const track = data.tracks[p.track];
    if (track) fact("track mean", `${withError(track.diameter_px * scale, track.diameter_se_px * scale)} ${unit}, ${track.frames} ${track.frames === 1 ? "frame" : "frames"}`);
    if (track && track.previous !== undefined) fact("before it here", `track ${track.previous} (by chance: ${sinterscope.format(track.chance)})`);
    for (const event of data.events.filter((e) => e.track === p.track || e.partners.includes(p.track)).slice(0, 8))
      fact(`frame ${event.frame}`, `${event.event} (${chance(event.probability)})${event.partners.length ? `, with ${[event.track, ...event.partners].filter((t) => t !== p.track).join(", ")}` : ""}`);
    const parts = [facts];
    const history = (p.track < 0 ? [] : markers.byTrack.get(p.track)).map((i) => sinterscope.particle(markers, i));
    if (history.length > 1) parts.push(sinterscope.historyChart(history, p.frame, scale, unit));
    byId("particle").replaceChildren(...parts);
  }

  function wire() {
    byId("frame-slider").addEventListener("input", (event) => showFrame(state.frames[Number(event.target.value)]));
    byId("previous").addEventListener("click", () => step(-1));
    byId("next").addEventListener("click", () => step(1));
    byId("play").addEventListener("click", () => play(!state.player));
    byId("region").addEventListener("change", (event) => openRegion(Number(event.target.value)));
    byId("clean").addEventListener("change", (event) => { viewer.clean = event.target.checked; viewer.show(viewer.frame); });
    byId("overlay").addEventListener("change", (event) => { viewer.overlay = event.target.checked; viewer.draw(); });
    byId("opacity").addEventListener("input", (event) => { viewer.opacity = Number(event.target.value) / 100; viewer.draw(); });
    byId("zoom-in").addEventListener("click", () => viewer.zoomBy(1.5));
    byId("zoom-out").addEventListener("click", () => viewer.zoomBy(1 / 1.5));
    byId("zoom-fit").addEventListener("click", () => viewer.fit());
    const keys = {ArrowRight: () => step(1), ArrowLeft: () => step(-1), "+": () => viewer.zoomBy(1.5), "=": () => viewer.zoomBy(1.5),
      "-": () => viewer.zoomBy(1 / 1.5), 0: () => viewer.fit(), Escape: () => viewer.choose(-1)};
    byId("picture").addEventListener("keydown", (event) => {
      if (!keys[event.key] || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      keys[event.key]();
    });
    for (const row of document.querySelectorAll("tr[data-frame]")) {
      const open = () => goTo(Number(row.dataset.frame), Number(row.dataset.track));
      row.tabIndex = 0;
      row.addEventListener("click", open);
      row.addEventListener("keydown", (event) => { if (event.key === "Enter") open(); });
    }
  }

  function start() {
    for (const figure of document.querySelectorAll("figure.chart")) sinterscope.addSaveLinks(figure, document.title);
    if (data.frames.time_s.length && data.width_px > 0 && data.height_px > 0) {
      data.regions.forEach((name, i) => {
        const option = element("option", name);
        option.value = i;
        byId("region").append(option);
      });
      byId("region-label").hidden = data.regions.length < 2;
      byId("clean-label").hidden = true; // until the first cleaned picture has arrived
      byId("viewer").hidden = false;
      viewer = new sinterscope.Viewer(byId("picture"), data, markers, showParticle);
      wire();
      openRegion(data.frames.region[firstFrame()]);
      showFrame(firstFrame());
    }
    const figure = byId("figure-programme");
    if (figure && typeof uPlot === "function") {
      state.programme = new sinterscope.Programme(figure, data, (time) => {
        let best = state.frames[0];
        for (const i of state.frames) if (Math.abs(data.frames.time_s[i] - time) < Math.abs(data.frames.time_s[best] - time)) best = i;
        if (best !== undefined) showFrame(best);
      });
      if (state.frames.length) state.programme.mark(data.frames.time_s[viewer.frame]);
    }
    document.body.dataset.ready = state.programme ? "interactive" : "static";
  }

  /** The pictures stand behind the scripts, so that a large page answers while they arrive. */
  function onPictures() {
    document.body.dataset.complete = "yes";
    if (!viewer) return;
    const cleaned = document.querySelector("script[id^='clean-']") !== null;
    byId("clean").disabled = !cleaned;
    byId("clean-label").title = cleaned ? "The frame as it was searched" : "The frames were searched as they are";
    byId("clean-label").hidden = false;
    showFrame(viewer.frame);
  }

  start();
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", onPictures);
  else onPictures();
})();
