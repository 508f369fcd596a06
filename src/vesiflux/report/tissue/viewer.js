// The tissue view: cells on a canvas, a field under them. Reads the JSON beside it; asks nothing of the net.
"use strict";
(() => {
  const PAPER = "#fbf8f4", INK = "#1f2933", DEAD = ["#b9bdc1", "#8a8f94", "#55595e"];

  // ---------------------------------------------------------------- data
  const inflate = async (text) => {
    const raw = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    const stream = new Blob([raw]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  };
  const wide = (bytes, at, n, width) => {
    const out = width === 1 ? bytes.subarray(at, at + n) : new Uint32Array(n);
    if (width > 1) for (let k = 0; k < width; k++) for (let i = 0; i < n; i++) out[i] += bytes[at + k * n + i] * 2 ** (8 * k);
    return out;
  };
  const decoder = (s) => {
    const table = new Float64Array(s.levels + 1);
    table[0] = NaN;
    for (let c = 1; c <= s.levels; c++)
      table[c] = !s.log ? s.low + (c - 1) / (s.levels - 1) * (s.high - s.low)
        : c === 1 ? 0 : s.low * (s.high / s.low) ** ((c - 2) / (s.levels - 2));
    return table;
  };
  const readCells = (data, arm, frame, bytes) => {
    const n = frame.count, out = { n, values: [] };
    let at = 0;
    const next = (w) => { const c = wide(bytes, at, n, w); at += w * n; return c; };
    const ids = next(4);
    out.id = new Uint32Array(n);
    for (let i = 0, sum = 0; i < n; i++) out.id[i] = sum = (sum + ids[i]) >>> 0;
    out.kind = next(1);
    const state = next(1);
    out.state = state.map((s) => s & 127);
    out.dead = state.map((s) => s >> 7);
    for (const [k, name] of ["x", "y", "z"].entries()) out[name] = Float64Array.from(next(2), (c) => c / 65535 * data.size[k]);
    out.radius = Float64Array.from(next(2), (c) => c / 65535 * arm.widest);
    for (const v of data.values) { const t = v.table; out.values.push(Float64Array.from(next(2), (c) => t[c])); }
    return out;
  };
  const readField = (bytes, table) => {
    const n = bytes.length / 2, out = new Float64Array(n);
    for (let i = 0, sum = 0; i < n; i++) { sum = (sum + bytes[i] + 256 * bytes[n + i]) & 65535; out[i] = table[sum]; }
    return out;
  };

  // ---------------------------------------------------------------- colours and numbers
  const rgb = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
  const ramp = (stops) => {
    const parts = stops.map(rgb), out = [];
    for (let i = 0; i < 256; i++) {
      const p = i / 255 * (parts.length - 1), k = Math.min(Math.floor(p), parts.length - 2), f = p - k;
      out.push(parts[k].map((c, j) => Math.round(c + f * (parts[k + 1][j] - c))));
    }
    return out;
  };
  const share = (v, low, high, log) => {
    const s = log ? Math.log(v / low) / Math.log(high / low) : (v - low) / (high - low);
    return Number.isNaN(v) ? NaN : v <= 0 && log ? 0 : Math.max(0, Math.min(1, s));
  };
  const number = (v) => {
    if (!Number.isFinite(v)) return "–";
    if (v === 0) return "0";
    const size = Math.abs(v);
    if (size >= 1e5 || size < 1e-3) return v.toExponential(2).replace(/\.?0*e\+?/, "e").replace(/-/g, "−");
    return Number(v.toPrecision(3)).toLocaleString("en", { maximumSignificantDigits: 3 }).replace("-", "−");
  };
  const mix = (c, d, f) => "rgb(" + c.map((x, j) => Math.round(x + f * (d[j] - x))).join(",") + ")";

  // ---------------------------------------------------------------- the view
  class View {
    constructor(root) {
      this.root = root;
      const data = this.data = JSON.parse(root.querySelector("script").textContent);
      for (const s of [...data.fields, ...data.values]) s.table = decoder(s);
      this.values = ramp(data.valueStops);
      this.under = ramp(data.fieldStops);
      this.read = new Map();
      const last = data.arms[0].frames.length - 1;
      this.at = { arms: data.arms.length > 1 ? [0, data.arms.length - 1] : [0], time: data.arms[0].frames[last].time,
        colour: "type", field: -1, fieldLog: false, valueLog: false, cells: "auto", z: data.size[2] / 2,
        hidden: new Set(), x: 0, y: 0, w: data.size[0] };
      this.flat = data.shape[2] === 1;
      this.build();
      this.home();
      new ResizeObserver(() => this.paint()).observe(this.stage);
      this.paint();
    }
    q(name) { return this.root.querySelector("." + name); }
    build() {
      const d = this.data, a = this.at;
      this.stage = this.q("tv-stage");
      const times = this.times = [...new Set(d.arms.flatMap((m) => m.frames.map((f) => f.time)))].sort((x, y) => x - y);
      const slider = this.slider = this.q("tv-frame");
      slider.max = times.length - 1;
      slider.value = times.indexOf(a.time);
      slider.oninput = () => { a.time = times[slider.value]; this.paint(); };
      this.q("tv-play").onclick = () => this.play();
      const pick = (name, options, chosen, change) => {
        const box = this.q(name);
        for (const [value, text] of options) box.add(new Option(text, value, false, String(value) === String(chosen)));
        box.onchange = () => { change(box.value); this.paint(); };
      };
      const states = d.kinds.some((k) => k.states.length > 1);
      pick("tv-colour", [["type", "type"], ...(states ? [["state", "state"]] : []),
        ...d.values.map((v, i) => [i, v.title])], "type", (v) => {
        a.colour = v;
        if (d.values[v]) a.valueLog = d.values[v].log && d.values[v].shown[1] > 50 * d.values[v].shownLog[0];
        this.q("tv-vlog").checked = a.valueLog;
      });
      pick("tv-field", [[-1, "none"], ...d.fields.map((f, i) => [i, f.title])], -1, (v) => {
        a.field = +v;
        a.fieldLog = v >= 0 && d.fields[v].log;
        this.q("tv-flog").checked = a.fieldLog;
      });
      pick("tv-cells", [["auto", "automatic"], ["full", "filled"], ["clear", "see-through"], ["none", "hidden"]], "auto", (v) => { a.cells = v; });
      this.q("tv-flog").onchange = (e) => { a.fieldLog = e.target.checked; this.paint(); };
      this.q("tv-vlog").onchange = (e) => { a.valueLog = e.target.checked; this.paint(); };
      const singles = this.q("tv-singles");
      singles.closest("label").hidden = !d.arms.some((m) => m.frames.some((f) => f.singles));
      singles.onchange = () => this.paint();
      const z = this.q("tv-z");
      z.closest("label").hidden = this.flat;
      z.max = d.size[2]; z.step = d.size[2] / 400; z.value = a.z;
      z.oninput = () => { a.z = +z.value; this.paint(); };
      const arms = this.q("tv-arms");
      arms.hidden = d.arms.length < 2;
      d.arms.forEach((m, i) => {
        const label = document.createElement("label"), box = document.createElement("input");
        box.type = "checkbox"; box.checked = a.arms.includes(i);
        box.onchange = () => {
          a.arms = d.arms.map((_, k) => k).filter((k) => (k === i ? box.checked : a.arms.includes(k)));
          if (!a.arms.length) { a.arms = [i]; box.checked = true; }
          this.home(); this.paint();
        };
        label.append(box, " " + m.title);
        arms.append(label);
      });
      this.q("tv-home").onclick = () => { this.home(); this.paint(); };
      this.q("tv-in").onclick = () => this.zoom(0.7);
      this.q("tv-out").onclick = () => this.zoom(1 / 0.7);
    }
    home() { Object.assign(this.at, { x: 0, y: 0, w: this.data.size[0] }); }
    zoom(f, px = 0.5, py = 0.5) {
      const a = this.at, d = this.data, w = Math.min(d.size[0], Math.max(d.size[0] / 40, a.w * f)), ratio = d.size[1] / d.size[0];
      a.x += (a.w - w) * px; a.y += (a.w - w) * ratio * py; a.w = w;
      this.hold(); this.paint();
    }
    hold() {
      const a = this.at, d = this.data;
      a.x = Math.max(0, Math.min(d.size[0] - a.w, a.x));
      a.y = Math.max(0, Math.min(d.size[1] - a.w * d.size[1] / d.size[0], a.y));
    }
    play() {
      const button = this.q("tv-play");
      if (this.timer) { clearInterval(this.timer); this.timer = 0; button.textContent = "▶ play"; return; }
      button.textContent = "❚❚ stop";
      if (+this.slider.value === this.times.length - 1) this.slider.value = -1;
      this.timer = setInterval(() => {
        const next = +this.slider.value + 1;
        if (next >= this.times.length) { this.play(); return; }
        this.slider.value = next; this.at.time = this.times[next]; this.paint();
      }, 450);
    }
    nearest(arm) {
      let best = 0;
      arm.frames.forEach((f, i) => { if (Math.abs(f.time - this.at.time) < Math.abs(arm.frames[best].time - this.at.time)) best = i; });
      return best;
    }
    async load(m, i) {
      const d = this.data, arm = d.arms[m], frame = arm.frames[i], f = this.at.field;
      const once = (key, text, make) => {
        if (!this.read.has(key)) {
          if (this.read.size > 60) this.read.delete(this.read.keys().next().value);
          this.read.set(key, inflate(text).then(make));
        }
        return this.read.get(key);
      };
      const cells = await once(`c${m}.${i}`, frame.cells, (b) => readCells(d, arm, frame, b));
      const field = async (k) => frame.fields[k] ? once(`f${m}.${i}.${k}`, frame.fields[k], (b) => readField(b, d.fields[k].table)) : null;
      const singles = frame.singles ? await once(`v${m}.${i}`, frame.singles, (b) => {
        const n = b.length / 6;
        return d.size.map((edge, k) => Float64Array.from(wide(b, 2 * k * n, n, 2), (c) => c / 65535 * edge));
      }) : null;
      return { arm, frame, cells, singles, under: f >= 0 ? await field(f) : null, field };
    }
    async paint() {
      const turn = this.turn = (this.turn || 0) + 1, a = this.at, d = this.data;
      const shown = await Promise.all(a.arms.map(async (m) => this.load(m, this.nearest(d.arms[m]))));
      if (turn !== this.turn) return;
      const last = this.times[this.times.length - 1];
      this.q("tv-time").textContent = `${number(a.time)} h of ${number(last)} h`;
      if (!this.flat) this.q("tv-depth").textContent = `z = ${Math.round(a.z)} µm`;
      this.q("tv-flogbox").hidden = a.field < 0;
      this.q("tv-vlogbox").hidden = !d.values[a.colour];
      while (this.stage.children.length > shown.length) this.stage.lastChild.remove();
      while (this.stage.children.length < shown.length) this.stage.append(this.panel());
      const gap = 14, across = Math.min(shown.length, 3);
      const width = Math.floor((this.stage.clientWidth - gap * (across - 1)) / across) - 2, ratio = d.size[1] / d.size[0];
      const tall = Math.max(240, Math.min(window.innerHeight * 0.86, 900)), w = Math.min(width, Math.floor(tall / ratio));
      shown.forEach((s, i) => this.draw(this.stage.children[i], s, w, Math.round(w * ratio)));
      this.legend(shown);
    }
    panel() {
      const box = document.createElement("div"), head = document.createElement("div"), canvas = document.createElement("canvas");
      box.className = "tv-panel"; head.className = "tv-head";
      box.append(head, canvas);
      let from = null;
      canvas.onpointerdown = (e) => { from = [e.clientX, e.clientY, this.at.x, this.at.y]; this.tell(e, box); };
      canvas.onpointermove = (e) => {
        if (from && e.buttons && this.at.w < this.data.size[0]) {
          const s = this.at.w / canvas.clientWidth;
          this.at.x = from[2] - (e.clientX - from[0]) * s; this.at.y = from[3] + (e.clientY - from[1]) * s;
          this.hold(); this.paint();
        } else this.tell(e, box);
      };
      canvas.onpointerup = () => { from = null; };
      canvas.onpointerleave = () => { from = null; this.q("tv-tip").hidden = true; };
      canvas.addEventListener("wheel", (e) => {
        if (!e.ctrlKey && !e.shiftKey) return;
        e.preventDefault();
        const r = canvas.getBoundingClientRect();
        this.zoom((e.deltaY || e.deltaX) > 0 ? 1.2 : 1 / 1.2, (e.clientX - r.left) / r.width, 1 - (e.clientY - r.top) / r.height);
      }, { passive: false });
      return box;
    }
    // what a cell shows of itself in the slice: its radius there, 0 for nothing
    section(c, i) {
      if (this.flat) return c.radius[i];
      const dz = c.z[i] - this.at.z, r = c.radius[i];
      return Math.abs(dz) < r ? Math.sqrt(r * r - dz * dz) : 0;
    }
    stateColour(kind, state) {
      const k = this.data.kinds[kind], n = k.states.length;
      if (n < 2) return ["#ece8e1", "#aaa499"];
      const base = rgb(k.colour), f = state / (n - 1);  // first state pale, last one deep
      return [f < 0.5 ? mix(base, [255, 255, 255], 0.62 * (1 - 2 * f)) : mix(base, [0, 0, 0], 0.4 * (2 * f - 1)), mix(base, [0, 0, 0], 0.55 + 0.2 * f)];
    }
    colours(c, i) {
      const a = this.at, k = this.data.kinds[c.kind[i]], v = this.data.values[a.colour];
      if (c.dead[i] && !v) return DEAD;
      if (a.colour === "state") { const [fill, dark] = this.stateColour(c.kind[i], c.state[i]); return [fill, fill, dark]; }
      if (!v) return [k.light, k.colour, k.dark];
      const [low, high] = a.valueLog ? v.shownLog : v.shown, s = share(c.values[a.colour][i], low, high, a.valueLog);
      if (Number.isNaN(s)) return ["#ece8e1", "#ece8e1", "#b5b0a6"];
      const p = this.values[Math.round(255 * s)];
      return [mix(p, p, 0), mix(p, p, 0), mix(p, [0, 0, 0], 0.45)];
    }
    draw(box, s, w, h) {
      const d = this.data, a = this.at, canvas = box.lastChild, dpr = window.devicePixelRatio || 1, c = s.cells;
      box.shown = s;
      box.firstChild.textContent = (d.arms.length > 1 ? s.arm.title + ", " : "") + `${number(s.frame.time)} h`;
      canvas.width = w * dpr; canvas.height = h * dpr;
      canvas.style.width = w + "px"; canvas.style.height = h + "px";
      const g = canvas.getContext("2d"), scale = w * dpr / a.w;
      const X = (x) => (x - a.x) * scale, Y = (y) => canvas.height - (y - a.y) * scale;
      g.fillStyle = PAPER;
      g.fillRect(0, 0, canvas.width, canvas.height);
      if (s.under) this.heat(g, s, X, Y);
      const clear = a.cells === "clear" || (a.cells === "auto" && a.field >= 0 && a.colour === "type");
      if (a.cells !== "none")
        for (let i = 0; i < c.n; i++) {
          if (a.hidden.has(c.kind[i])) continue;
          const r = this.section(c, i) * scale, x = X(c.x[i]), y = Y(c.y[i]);
          if (!r || x < -r || y < -r || x > canvas.width + r || y > canvas.height + r) continue;
          const [fill, core, dark] = this.colours(c, i);
          g.beginPath(); g.arc(x, y, Math.max(r - 0.4 * dpr, 0.6), 0, 7);
          g.globalAlpha = clear ? 0.3 : c.dead[i] ? 0.65 : 1;
          g.fillStyle = clear ? "#ffffff" : fill; g.fill();
          g.globalAlpha = clear ? 0.9 : 1;
          g.lineWidth = Math.max(0.6 * dpr, Math.min(r * 0.13, 2 * dpr)); g.strokeStyle = clear ? core : dark; g.stroke();
          // the nucleus lies a little off the middle, always the same way for the same cell
          const whole = c.radius[i] * scale * (c.dead[i] ? 0.3 : 0.48), turn = c.id[i] * 2.39996;
          const off = this.flat ? 0 : (c.z[i] - a.z) * scale, nr = Math.sqrt(Math.max(0, whole * whole - off * off));
          if (nr < 0.9 * dpr) continue;
          g.beginPath(); g.arc(x + 0.16 * r * Math.cos(turn), y + 0.16 * r * Math.sin(turn), nr, 0, 7);
          g.fillStyle = clear ? core : dark; g.globalAlpha = clear ? 0.95 : 0.72; g.fill();
        }
      g.globalAlpha = 1;
      if (s.singles && this.q("tv-singles").checked) {
        const [x, y, z] = s.singles, near = d.size[2] / d.shape[2] / 2, dot = Math.max(1.6 * dpr, 0.6 * scale);
        g.fillStyle = INK;
        for (let i = 0; i < x.length; i++)
          if (this.flat || Math.abs(z[i] - a.z) <= near) g.fillRect(X(x[i]) - dot / 2, Y(y[i]) - dot / 2, dot, dot);
      }
      this.bar(g, canvas, scale, dpr);
    }
    layer(arm) {
      let best = 0;
      arm.layers.forEach((z, i) => { if (Math.abs(z - this.at.z) < Math.abs(arm.layers[best] - this.at.z)) best = i; });
      return best;
    }
    heat(g, s, X, Y) {
      const d = this.data, a = this.at, [nx, ny] = d.shape, f = d.fields[a.field];
      const at = this.layer(s.arm) * nx * ny, [low, high] = a.fieldLog ? f.shownLog : f.shown;
      const small = document.createElement("canvas");
      small.width = nx; small.height = ny;
      const p = small.getContext("2d"), image = p.createImageData(nx, ny);
      for (let y = 0; y < ny; y++) for (let x = 0; x < nx; x++) {
        const v = share(s.under[at + y * nx + x], low, high, a.fieldLog), to = 4 * ((ny - 1 - y) * nx + x);
        const colour = this.under[Math.round(255 * (Number.isNaN(v) ? 0 : v))];
        image.data.set([...colour, Number.isNaN(v) ? 0 : 255], to);
      }
      p.putImageData(image, 0, 0);
      g.imageSmoothingEnabled = true; g.imageSmoothingQuality = "high";
      const dx = d.size[0], dy = d.size[1];
      g.drawImage(small, X(0), Y(dy), X(dx) - X(0), Y(0) - Y(dy));
    }
    bar(g, canvas, scale, dpr) {
      const want = canvas.width / scale / 5, ten = 10 ** Math.floor(Math.log10(want)), um = [5, 2, 1].find((m) => m * ten <= want) * ten;
      const w = um * scale, x = canvas.width - w - 14 * dpr, y = canvas.height - 16 * dpr, text = `${um} µm`;
      g.font = `600 ${12 * dpr}px system-ui, sans-serif`; g.textAlign = "center";
      const room = Math.max(w, g.measureText(text).width);
      g.fillStyle = "rgba(255,255,255,.85)";
      g.fillRect(x + w / 2 - room / 2 - 7 * dpr, y - 19 * dpr, room + 14 * dpr, 28 * dpr);
      g.fillStyle = INK; g.fillRect(x, y, w, 3 * dpr); g.fillText(text, x + w / 2, y - 5 * dpr);
    }
    legend(shown) {
      const d = this.data, a = this.at, types = this.q("tv-types"), counts = d.kinds.map(() => shown.map(() => 0));
      shown.forEach((s, j) => { for (let i = 0; i < s.cells.n; i++) if (!s.cells.dead[i]) counts[s.cells.kind[i]][j]++; });
      types.replaceChildren(...d.kinds.map((k, i) => {
        const b = document.createElement("button"), dot = document.createElement("i");
        b.type = "button"; b.setAttribute("aria-pressed", String(!a.hidden.has(i)));
        b.title = a.hidden.has(i) ? "show" : "hide";
        dot.style.background = k.light; dot.style.borderColor = k.dark; dot.style.setProperty("--dark", k.dark);
        b.append(dot, ` ${k.title} `, Object.assign(document.createElement("span"), { textContent: counts[i].map((n) => n.toLocaleString("en")).join(" / ") }));
        b.onclick = () => { if (!a.hidden.delete(i)) a.hidden.add(i); this.paint(); };
        return b;
      }));
      const keys = this.q("tv-keys"), parts = [];
      const v = d.values[a.colour];
      if (a.colour === "state")
        for (const [i, k] of d.kinds.entries()) if (k.states.length > 1)
          parts.push(this.swatches(k.title, k.states.map((s, j) => [s.replace(/_/g, " "), this.stateColour(i, j)])));
      if (v) parts.push(this.gradient(`cells: ${v.title}`, v.unit || "", d.valueStops, a.valueLog ? v.shownLog : v.shown, a.valueLog));
      const f = d.fields[a.field];
      if (f) parts.push(this.gradient(`under the cells: ${f.title}`, f.unit, d.fieldStops, a.fieldLog ? f.shownLog : f.shown, a.fieldLog));
      keys.replaceChildren(...parts);
    }
    swatches(title, rows) {
      const box = document.createElement("div");
      box.className = "tv-swatches";
      box.append(title + ":");
      for (const [text, [fill, dark]] of rows) {
        const dot = document.createElement("i");
        dot.style.background = fill; dot.style.borderColor = dark; dot.style.setProperty("--dark", dark);
        box.append(" ", dot, " " + text);
      }
      return box;
    }
    gradient(title, unit, stops, [low, high], log) {
      const box = document.createElement("div"), bar = document.createElement("div"), ends = document.createElement("div");
      box.className = "tv-gradient";
      bar.style.background = `linear-gradient(90deg, ${stops.join(",")})`;
      const middle = log ? Math.sqrt(low * high) : (low + high) / 2;
      for (const x of [(log ? "≤ " : "") + number(low), number(middle), "≥ " + number(high)]) ends.append(Object.assign(document.createElement("span"), { textContent: x }));
      box.append(Object.assign(document.createElement("b"), { textContent: title + (unit ? `, ${unit}` : "") + (log ? ", log" : "") }), bar, ends);
      return box;
    }
    async tell(e, box) {
      const canvas = box.lastChild, r = canvas.getBoundingClientRect(), d = this.data, a = this.at, s = box.shown, c = s.cells;
      const x = a.x + (e.clientX - r.left) / r.width * a.w, y = a.y + (1 - (e.clientY - r.top) / r.height) * a.w * d.size[1] / d.size[0];
      let hit = -1;
      for (let i = 0; i < c.n; i++) {
        const q = this.section(c, i);
        if (q && !a.hidden.has(c.kind[i]) && (c.x[i] - x) ** 2 + (c.y[i] - y) ** 2 <= q * q) hit = i;
      }
      const turn = this.told = (this.told || 0) + 1, [nx, ny] = d.shape;
      const voxel = (this.layer(s.arm) * ny + Math.min(ny - 1, Math.max(0, Math.floor(y / d.size[1] * ny)))) * nx + Math.min(nx - 1, Math.max(0, Math.floor(x / d.size[0] * nx)));
      const rows = [];
      if (hit >= 0) {
        const k = d.kinds[c.kind[hit]];
        rows.push([`${k.title} ${c.id[hit]}`, c.dead[hit] ? "dead" : (k.states[c.state[hit]] || "").replace(/_/g, " ")]);
        d.values.forEach((v, j) => { if (!Number.isNaN(c.values[j][hit])) rows.push([v.title, number(c.values[j][hit])]); });
      } else rows.push([`${Math.round(x)}, ${Math.round(y)} µm`, ""]);
      for (const [j, f] of d.fields.entries()) {
        const values = await s.field(j);
        if (values) rows.push([f.title, `${number(values[voxel])} ${f.unit}`]);
      }
      if (turn !== this.told) return;
      const tip = this.q("tv-tip"), table = document.createElement("table");
      for (const [name, text] of rows) { const row = table.insertRow(); row.insertCell().textContent = name; row.insertCell().textContent = text; }
      tip.replaceChildren(table);
      tip.hidden = false;
      const frame = this.root.getBoundingClientRect(), left = e.clientX - frame.left + 16;
      tip.style.left = Math.max(0, left + tip.offsetWidth > frame.width ? left - tip.offsetWidth - 32 : left) + "px";
      const below = e.clientY + 12 + tip.offsetHeight <= window.innerHeight;
      tip.style.top = (below ? e.clientY + 12 : Math.max(4, e.clientY - 12 - tip.offsetHeight)) - frame.top + "px";
    }
  }
  for (const root of document.querySelectorAll(".tissue-view")) {
    if (typeof DecompressionStream === "undefined") root.querySelector(".tv-stage").textContent = "This browser is too old for the view; the pictures below are drawn without it.";
    else root.view = new View(root);
  }
})();
