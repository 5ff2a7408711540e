'use strict';
// One page, no network: the numbers below are computed from the recorded probabilities as
// redraft.replay.ExactReplay and redraft.replay.SampledReplay compute them.
(() => {
  const report = JSON.parse(document.getElementById('data').textContent);
  const $ = (id) => document.getElementById(id);

  // ---- data

  const TYPES = { f64: Float64Array, f32: Float32Array, i32: Int32Array, u16: Uint16Array, u8: Uint8Array };

  /** {type, data}: base64 of little-endian numbers. */
  function numbers(packed) {
    const text = atob(packed.data);
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
    return new TYPES[packed.type](bytes.buffer);
  }

  function unpack(trace) {
    for (const key of ['tokens', 'pieceLengths', 'logprob', 'entropy']) {
      if (trace[key]) trace[key] = numbers(trace[key]);
    }
    for (const draft of trace.drafts) {
      for (const key of ['logprob', 'rank', 'overlap', 'matched', 'available']) {
        if (draft[key]) draft[key] = numbers(draft[key]);
      }
    }
    // Where each text's tokens and pieces begin in the long arrays.
    let token = 0;
    let character = 0;
    for (const sequence of trace.sequences) {
      sequence.from = token;
      sequence.text = character;
      token += sequence.tokens;
      for (let i = sequence.from; trace.pieceLengths && i < token; i++) character += trace.pieceLengths[i];
    }
  }

  report.traces.forEach(unpack);
  if (report.prices.every((price) => price.costRatio == null)) {
    report.prices.push({ batch: 1, context: null, costRatio: 0.1 }); // what if
  }

  // ---- random numbers: java.util.SplittableRandom, named streams as in redraft.sampling.RandomStreams

  const MASK = (1n << 64n) - 1n;

  class SplittableRandom {
    constructor(seed) {
      this.seed = BigInt.asUintN(64, seed);
    }
    next() {
      this.seed = (this.seed + 0x9e3779b97f4a7c15n) & MASK;
      return this.seed;
    }
    nextLong() {
      let z = this.next();
      z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK;
      z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & MASK;
      return z ^ (z >> 31n);
    }
    nextDouble() {
      return Number(this.nextLong() >> 11n) * 2 ** -53;
    }
    nextInt() {
      let z = this.next();
      z = ((z ^ (z >> 33n)) * 0x62a9d9ed799705f5n) & MASK;
      z = ((z ^ (z >> 28n)) * 0xcb24d0a5c88c35b3n) & MASK;
      return Number(z >> 32n) | 0;
    }
    /** From 0 to bound, exclusive. */
    nextIntBelow(bound) {
      const most = bound - 1;
      let r = this.nextInt();
      if ((bound & most) === 0) return r & most;
      for (let u = r >>> 1; u + most - (r = u % bound) > 0x7fffffff; u = this.nextInt() >>> 1);
      return r;
    }
  }

  function stream(seed, name) {
    let hash = 0xcbf29ce484222325n; // FNV-1a, 64 bits
    for (const byte of new TextEncoder().encode(name)) hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & MASK;
    return new SplittableRandom(new SplittableRandom(BigInt(seed)).nextLong() ^ new SplittableRandom(hash).nextLong());
  }

  // ---- acceptance laws: survival(t, K, S) sets S[k] = P(at least k drafted tokens accepted | path)

  /** What one position contributes under each rule, from p = exp(logprob) and q. */
  const RULES = {
    'token': { factor: (p, q) => Math.min(1, Math.exp(q - p)) },
    'block': { factor: (p, q) => Math.exp(q - p), least: true }, // S_k: least of the products so far
    'greedy-draft': { factor: (p, q, rank) => (rank === 1 ? 1 : 0) },
    'exact-match': { factor: (p, q) => Math.exp(q) },
  };

  /** The law of one text under a draft and a rule. */
  function lawOf(trace, draft, rule, sequence) {
    const begin = sequence.decodeFrom;
    if (draft.matched) {
      const from = draft.starts[sequence.index];
      const length = draft.lengths[sequence.index];
      return {
        length,
        endKnown: draft.lookup && !sequence.eos,
        available: (t) => (draft.available ? draft.available[from + t] : Infinity),
        survival(t, K, S) {
          for (let k = 0; k <= K; k++) S[k] = k <= draft.matched[from + t] ? 1 : 0;
        },
      };
    }
    const factors = draft.factors[rule];
    const at = sequence.from + begin;
    const least = RULES[rule].least;
    return {
      length: sequence.tokens - begin,
      endKnown: !sequence.eos,
      available: () => Infinity,
      survival(t, K, S) {
        let product = 1;
        S[0] = 1;
        for (let k = 1; k <= K; k++) {
          product *= factors[at + t + k - 1];
          S[k] = least ? Math.min(S[k - 1], product) : product;
        }
      },
    };
  }

  function prepare(trace, draft, rule) {
    if (draft.matched) {
      if (!draft.starts) {
        draft.starts = [];
        let at = 0;
        for (const sequence of trace.sequences) {
          draft.starts.push(at);
          at += draft.lengths[sequence.index];
        }
      }
      return;
    }
    draft.factors = draft.factors || {};
    if (!draft.factors[rule]) {
      const factor = RULES[rule].factor;
      draft.factors[rule] = Float64Array.from(draft.logprob, (q, i) => factor(trace.logprob[i], q, draft.rank[i]));
    }
  }

  // ---- prices

  /** Values at whole numbers, linear between the knots. */
  function spread(knots) {
    const from = knots.at[0];
    const values = new Float64Array(knots.at[knots.at.length - 1] - from + 1);
    values[0] = knots.values[0];
    for (let i = 1; i < knots.at.length; i++) {
      const width = knots.at[i] - knots.at[i - 1];
      const slope = (knots.values[i] - knots.values[i - 1]) / width;
      for (let x = 1; x < width; x++) values[knots.at[i - 1] - from + x] = knots.values[i - 1] + slope * x;
      values[knots.at[i] - from] = knots.values[i];
    }
    return (context) => values[context - from];
  }

  function pricing(trace, price, draft, costRatio) {
    if (price.costRatio != null) {
      const c = draft.lookup ? 0 : costRatio;
      return { context: price.context, baseline: () => 1, speculative: (K) => K * c + 1, catchUp: () => 0 };
    }
    const steps = trace.steps[report.prices.indexOf(price)];
    const key = draft.lookup ? 'freeDraft' : 'model';
    const knots = steps[key];
    if (!knots.spread) {
      const tables = knots.speculative.map(spread);
      knots.spread = {
        context: price.context,
        baseline: spread(knots.baseline),
        speculative: (K, context) => tables[K](context),
        catchUp: spread(knots.catchUp),
      };
    }
    return knots.spread;
  }

  // ---- replay

  /** The exact expectation of one text. */
  function replaySequence(sequence, law, K, prices) {
    const tokens = law.length;
    const sums = { tokens, steps: 0, drafted: 0, time: 0, baselineTime: 0 };
    const start = new Float64Array(tokens + 1); // P(a step starts at t)
    const S = new Float64Array(K + 1);
    const prompt = (prices.context == null ? sequence.promptTokens : prices.context) + sequence.decodeFrom;
    start[0] = 1;
    for (let t = 0; t < tokens; t++) {
      const context = prompt + t - 1;
      sums.baselineTime += prices.baseline(context);
      const u = start[t];
      if (u === 0) continue;
      const left = tokens - t - 1;
      let count = Math.min(K, law.available(t));
      if (law.endKnown) count = Math.min(count, left);
      const most = Math.min(count, left);
      law.survival(t, most, S);
      sums.steps += u;
      sums.drafted += u * count;
      sums.time += u * prices.speculative(count, context);
      for (let k = 0; k <= most; k++) {
        if (k < left) start[t + k + 1] += u * (k < most ? S[k] - S[k + 1] : S[k]);
      }
      if (count > 0 && count < left) sums.time += u * S[count] * prices.catchUp(context + count + 1);
    }
    return sums;
  }

  const KEYS = ['tokens', 'steps', 'drafted', 'time', 'baselineTime'];

  /** All texts of a domain together, and by prompt for the interval. */
  function replay(trace, draft, rule, K, prices, domain) {
    prepare(trace, draft, rule);
    const total = { tokens: 0, steps: 0, drafted: 0, time: 0, baselineTime: 0, sequences: 0 };
    const byId = new Map();
    for (const sequence of trace.sequences) {
      if (domain !== 'all' && sequence.domain !== domain) continue;
      const sums = replaySequence(sequence, lawOf(trace, draft, rule, sequence), K, prices);
      const own = byId.get(sequence.id);
      for (const key of KEYS) total[key] += sums[key];
      total.sequences++;
      if (own) {
        own[0] += sums.baselineTime;
        own[1] += sums.time;
      } else {
        byId.set(sequence.id, [sums.baselineTime, sums.time]);
      }
    }
    const accepted = total.tokens - total.steps;
    return {
      ...total,
      accepted,
      byId,
      speedup: total.baselineTime / total.time,
      tokensPerStep: 1 + accepted / total.steps,
      draftAcceptanceRate: accepted / total.drafted,
      timePerToken: total.time / total.tokens,
      baselineTimePerToken: total.baselineTime / total.tokens,
    };
  }

  const RESAMPLES = 1000;
  const resamples = new Map(); // by number of prompts: which prompts each resample draws

  /** 95%, percentile bootstrap over prompts; see redraft.metrics.ReplayStatistics. */
  function interval(result) {
    const own = [...result.byId.values()];
    const n = own.length;
    if (!resamples.has(n)) {
      const random = stream(report.seed, 'bootstrap');
      resamples.set(n, Int32Array.from({ length: RESAMPLES * n }, () => random.nextIntBelow(n)));
    }
    const drawn = resamples.get(n);
    const speedups = new Float64Array(RESAMPLES);
    for (let i = 0; i < RESAMPLES; i++) {
      let baseline = 0;
      let time = 0;
      for (let j = i * n; j < (i + 1) * n; j++) {
        baseline += own[drawn[j]][0];
        time += own[drawn[j]][1];
      }
      speedups[i] = baseline / time;
    }
    speedups.sort();
    return [speedups[Math.trunc(0.025 * RESAMPLES)], speedups[Math.trunc(0.975 * RESAMPLES)]];
  }

  /** One run drawn from the same law: [{start, drafted, accepted}], as replay --sampled draws its first. */
  function timeline(sequence, law, K, seed) {
    const random = stream(seed, 'replay/' + sequence.id + '/' + sequence.sample);
    const S = new Float64Array(K + 1);
    const steps = [];
    for (let t = 0; t < law.length; ) {
      let drafted = Math.min(K, law.available(t));
      if (law.endKnown) drafted = Math.min(drafted, law.length - t - 1);
      const most = Math.min(drafted, law.length - t - 1);
      law.survival(t, most, S);
      const u = random.nextDouble();
      let accepted = 0;
      while (accepted < most && u < S[accepted + 1]) accepted++;
      steps.push({ start: t, drafted, accepted });
      t += accepted + 1;
    }
    return steps;
  }

  // ---- page elements: text goes in as text, never as markup

  const SVG = 'http://www.w3.org/2000/svg';

  function append(parent, name, attributes = {}, text) {
    const svg = parent.namespaceURI === SVG || name === 'svg';
    const element = svg ? document.createElementNS(SVG, name) : document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    if (text != null) element.textContent = text;
    parent.appendChild(element);
    return element;
  }

  function clear(element) {
    element.replaceChildren();
    return element;
  }

  const fixed = (value, digits) => (value == null || Number.isNaN(value) ? '–' : value.toFixed(digits));
  const counted = (value) => value.toLocaleString('en', { maximumFractionDigits: 0 });

  function table(parent, { caption, titles, rows }) {
    const numeric = titles.map((title, i) => rows.length > 0 && rows.every((row) => /^[-–0-9.,  ]+$/.test(row[i])));
    const element = append(append(parent, 'div', { class: 'scroll' }), 'table');
    if (caption) append(element, 'caption', {}, caption);
    const head = append(append(element, 'thead'), 'tr');
    titles.forEach((title, i) => append(head, 'th', { scope: 'col', class: numeric[i] ? 'number' : '' }, title));
    const body = append(element, 'tbody');
    for (const row of rows) {
      const line = append(body, 'tr');
      row.forEach((cell, i) => append(line, 'td', { class: numeric[i] ? 'number' : i > 0 && cell.length < 24 ? 'short' : '' }, cell));
    }
  }

  // ---- charts

  const PALETTE = 6;
  const colour = (series) => (series.color < 0 ? 'ink' : 'c' + (series.color % PALETTE));

  /** Round numbers from low to high, about that many. */
  function ticks(low, high, about) {
    const raw = (high - low) / about || 1;
    const power = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= raw * 0.999);
    const list = [];
    for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) list.push(i * step);
    return { step, list };
  }

  function label(value, step) {
    return value.toFixed(Math.max(0, Math.min(6, -Math.floor(Math.log10(step) + 1e-9))));
  }

  function marker(parent, kind, x, y) {
    const r = 4.5;
    const shapes = [
      () => append(parent, 'circle', { class: 'mark', cx: x, cy: y, r }),
      () => append(parent, 'rect', { class: 'mark', x: x - r, y: y - r, width: 2 * r, height: 2 * r }),
      () => append(parent, 'path', { class: 'mark', d: `M${x} ${y - r - 1}l${r + 1} ${r + 1}l${-r - 1} ${r + 1}l${-r - 1} ${-r - 1}z` }),
      () => append(parent, 'path', { class: 'mark', d: `M${x} ${y - r - 1}l${r + 1} ${2 * r + 1}h${-2 * r - 2}z` }),
      () => append(parent, 'path', { class: 'mark', d: `M${x} ${y + r + 1}l${r + 1} ${-2 * r - 1}h${-2 * r - 2}z` }),
      () => append(parent, 'path', { class: 'line', d: `M${x - r} ${y - r}l${2 * r} ${2 * r}m0 ${-2 * r}l${-2 * r} ${2 * r}` }),
    ];
    return shapes[kind < 0 ? 5 : kind % shapes.length]();
  }

  const lineClass = (series) =>
    'line' + (series.color < 0 && series.style === 'LINE' ? ' ink' : '') +
    (series.style === 'DASHED' ? ' dashed' : series.style === 'REFERENCE' ? ' reference' : '');

  function legend(parent, series) {
    const list = append(parent, 'ul', { class: 'legend' });
    for (const one of series) {
      const item = append(list, 'li');
      const key = append(item, 'svg', { viewBox: '0 0 28 12', class: colour(one), 'aria-hidden': 'true' });
      if (one.style === 'BARS') append(key, 'rect', { class: 'bar', x: 4, y: 1, width: 20, height: 10 });
      else if (one.style !== 'POINTS') append(key, 'path', { class: lineClass(one), d: 'M0 6h28' });
      if (one.style === 'POINTS' || (one.style === 'LINE' && one.color >= 0)) marker(key, one.color, 14, 6);
      item.append(one.name);
    }
  }

  const bars = (chart) => chart.series.some((one) => one.style === 'BARS');

  /** x of a series: its numbers, or the places of the categories. */
  const places = (chart, one) => one.x || one.y.map((_, i) => i);

  function draw(figure, chart, here) {
    clear(figure);
    append(figure, 'h4', {}, chart.title);
    legend(figure, chart.series);
    const width = Math.max(280, Math.min(720, figure.clientWidth || 560));
    const height = Math.round(Math.max(230, width * 0.56));
    const box = { left: 52, right: width - 12, top: 10, bottom: height - 44 };
    const svg = append(figure, 'svg', { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': chart.title });
    const all = chart.series.flatMap((one) => [...one.y, ...(one.low || []), ...(one.high || [])]).filter(Number.isFinite);
    let low = Math.min(...all);
    let high = Math.max(...all);
    if (bars(chart)) low = 0;
    const margin = (high - low) * 0.05 || 0.5;
    low = bars(chart) || (low >= 0 && low - margin < 0) ? Math.max(0, low - margin) : low - margin;
    high += margin;
    const xs = chart.series.flatMap((one) => [...places(chart, one)]);
    let left = Math.min(...xs);
    let right = Math.max(...xs);
    const pad = bars(chart) ? 0.5 : (right - left) * 0.03 || 0.5;
    left -= pad;
    right += pad;
    const x = (value) => box.left + ((value - left) / (right - left)) * (box.right - box.left);
    const y = (value) => box.bottom - ((value - low) / (high - low)) * (box.bottom - box.top);

    const down = ticks(low, high, Math.max(3, (box.bottom - box.top) / 45));
    for (const value of down.list) {
      append(svg, 'line', { class: 'grid', x1: box.left, x2: box.right, y1: y(value), y2: y(value) });
      append(svg, 'text', { class: 'tick', x: box.left - 6, y: y(value) + 4, 'text-anchor': 'end' }, label(value, down.step));
    }
    append(svg, 'line', { class: 'axis', x1: box.left, x2: box.right, y1: box.bottom, y2: box.bottom });
    const whole = chart.series.every((one) => places(chart, one).every(Number.isInteger));
    const across = chart.categories
      ? { step: 1, list: chart.categories.map((_, i) => i) }
      : whole && right - left < (box.right - box.left) / 26
        ? ticks(left + pad, right - pad, right - left - 2 * pad)
        : ticks(left + pad, right - pad, Math.max(3, (box.right - box.left) / 55));
    for (const value of across.list) {
      if (whole && !Number.isInteger(value)) continue;
      append(svg, 'line', { class: 'axis', x1: x(value), x2: x(value), y1: box.bottom, y2: box.bottom + 4 });
      append(svg, 'text', { class: 'tick', x: x(value), y: box.bottom + 17, 'text-anchor': 'middle' },
        chart.categories ? chart.categories[value] : label(value, across.step));
    }
    append(svg, 'text', { x: (box.left + box.right) / 2, y: height - 6, 'text-anchor': 'middle' }, chart.xTitle);
    append(svg, 'text', { transform: `translate(13 ${(box.top + box.bottom) / 2}) rotate(-90)`, 'text-anchor': 'middle' }, chart.yTitle);

    const barSeries = chart.series.filter((one) => one.style === 'BARS');
    for (const one of chart.series) {
      const group = append(svg, 'g', { class: colour(one) });
      const px = places(chart, one);
      if (one.style === 'BARS') {
        const slot = (x(1) - x(0)) * 0.8;
        const wide = slot / barSeries.length;
        one.y.forEach((value, i) => {
          const at = x(i) - slot / 2 + wide * barSeries.indexOf(one);
          const bar = append(group, 'rect', { class: 'bar', x: at, y: y(value), width: Math.max(1, wide - 1), height: box.bottom - y(value) });
          append(bar, 'title', {}, `${one.name}, ${chart.categories[i]}: ${fixed(value, 4)}`);
        });
        continue;
      }
      if (one.low && one.style === 'LINE' && one.y.length > 1) {
        const upper = one.high.map((value, i) => `${x(px[i])} ${y(value)}`);
        const lower = one.low.map((value, i) => `${x(px[i])} ${y(value)}`).reverse();
        append(group, 'path', { class: 'band', d: `M${upper.concat(lower).join('L')}z` });
      } else if (one.low) {
        one.low.forEach((value, i) =>
          append(group, 'line', { class: 'whisker', x1: x(px[i]), x2: x(px[i]), y1: y(value), y2: y(one.high[i]) }));
      }
      if (one.style !== 'POINTS') {
        append(group, 'path', { class: lineClass(one), d: 'M' + [...one.y].map((value, i) => `${x(px[i])} ${y(value)}`).join('L') });
      }
      if (one.style === 'POINTS' || (one.style === 'LINE' && one.color >= 0)) {
        one.y.forEach((value, i) => {
          const mark = marker(group, one.color, x(px[i]), y(value));
          append(mark, 'title', {}, `${one.name}: ${fixed(value, 3)}` + (one.low ? ` (${fixed(one.low[i], 3)} – ${fixed(one.high[i], 3)})` : ''));
        });
      }
    }
    if (here) append(svg, 'circle', { class: 'here', cx: x(here.x), cy: y(here.y), r: 6 });
    append(figure, 'figcaption', {}, chart.caption);
    const details = append(figure, 'details');
    append(details, 'summary', {}, 'Numbers');
    const shown = chart.series.filter((one) => one.style !== 'REFERENCE' && one.y.length <= 50);
    const keys = [...new Set(shown.flatMap((one) => [...places(chart, one)]))].sort((a, b) => a - b);
    table(details, {
      titles: [chart.xTitle, ...shown.map((one) => one.name)],
      rows: keys.map((key) => [
        chart.categories ? chart.categories[key] : String(Number(key.toPrecision(4))),
        ...shown.map((one) => {
          const i = [...places(chart, one)].indexOf(key);
          return i < 0 ? '–' : fixed(one.y[i], 3) + (one.low ? ` (${fixed(one.low[i], 3)} – ${fixed(one.high[i], 3)})` : '');
        }),
      ]),
    });
  }

  const drawn = []; // what to draw again when the width changes

  // ---- summary, charts, settings, sources

  function fill() {
    $('subject').textContent = report.traces.map((trace) => trace.name).join(', ');
    for (const trace of report.traces) {
      const findings = append($('findings'), 'div');
      if (report.traces.length > 1) append(findings, 'h3', {}, trace.name);
      append(findings, 'p', { class: 'headline' }, trace.headline);
      append(findings, 'p', {}, trace.restsOn);
      trace.tables.forEach((one) => table(findings, one));
      const list = append(findings, 'ul');
      trace.exactness.forEach((line) => append(list, 'li', {}, line));

      const group = append($('chart-groups'), 'div');
      if (report.traces.length > 1) append(group, 'h3', {}, trace.name);
      const grid = append(group, 'div', { class: 'charts' });
      for (const chart of trace.charts) {
        const figure = append(grid, 'figure', { class: 'chart' });
        drawn.push(() => draw(figure, chart));
      }
    }
    report.settings.forEach((one) => table($('settings-tables'), one));
    for (const source of report.sources) append($('source-list'), 'li', {}, source);
  }

  // ---- other settings

  const state = {};

  function options(select, values, labels = values) {
    const kept = select.value;
    clear(select);
    values.forEach((value, i) => append(select, 'option', { value }, labels[i]));
    if (values.map(String).includes(kept)) select.value = kept;
  }

  function choose(select, value) {
    if ([...select.options].some((option) => option.value === String(value))) select.value = String(value);
  }

  function priceLabel(price) {
    return price.costRatio != null ? 'cost ratio' : price.name;
  }

  function chooseTrace() {
    const trace = report.traces[$('trace').value];
    state.trace = trace;
    options($('draft'), trace.drafts.map((_, i) => i), trace.drafts.map((draft) => draft.name));
    options($('domain'), ['all', ...trace.domains]);
    options($('sequence'), trace.sequences.map((_, i) => i),
      trace.sequences.map((sequence) => `${sequence.id}${sequence.sample ? ', sample ' + sequence.sample : ''} (${sequence.domain})`));
    chooseDraft();
  }

  function chooseDraft() {
    const draft = state.trace.drafts[$('draft').value];
    options($('rule'), draft.logprob || draft.lookup ? report.rules.filter((rule) => RULES[rule]) : ['token']);
  }

  function update() {
    const trace = state.trace;
    const draft = trace.drafts[$('draft').value];
    const rule = $('rule').value;
    const K = Number($('draft-length').value);
    const price = report.prices[$('price').value];
    const costRatio = Number($('cost-ratio').value);
    const domain = $('domain').value;
    const prices = pricing(trace, price, draft, costRatio);
    $('draft-length-value').textContent = K;
    $('cost-ratio-value').textContent = costRatio.toFixed(2);
    $('cost-ratio-label').hidden = price.costRatio == null;

    const results = report.draftLengths.map((length) => replay(trace, draft, rule, length, prices, domain));
    const result = replay(trace, draft, rule, K, prices, domain);
    const [low, high] = interval(result);
    show('speedup', result.speedup, fixed(result.speedup, 3) + ' ×');
    show('interval', [low, high], `95% interval ${fixed(low, 2)} – ${fixed(high, 2)}`);
    show('tokens-per-step', result.tokensPerStep, fixed(result.tokensPerStep, 3));
    show('steps', result.steps, `${counted(result.tokens)} tokens in ${counted(result.steps)} steps`);
    show('acceptance-rate', result.draftAcceptanceRate, fixed(result.draftAcceptanceRate, 3));
    show('drafted', result.drafted, `${counted(result.accepted)} of ${counted(result.drafted)}`);
    const timed = price.costRatio == null;
    $('time-box').hidden = !timed;
    $('cost-box').hidden = !timed || price.usdPerHour == null;
    if (timed) {
      show('ms-per-token', result.timePerToken, fixed(result.timePerToken, 3));
      show('baseline-ms', result.baselineTimePerToken, `plain decoding ${fixed(result.baselineTimePerToken, 3)}`);
      const usd = (ms) => (1e6 * price.usdPerHour * ms) / (3600 * 1000 * price.batch);
      show('usd', usd(result.timePerToken), fixed(usd(result.timePerToken), 3));
      show('baseline-usd', usd(result.baselineTimePerToken), `plain decoding ${fixed(usd(result.baselineTimePerToken), 3)}`);
    }
    $('scope').textContent =
      (trace.sequences.length < trace.total
        ? `Computed over ${counted(result.sequences)} texts that this page holds, of the recording's ${counted(trace.total)}; ` +
          'summary and charts rest on all of them. redraft report --sequences N puts more into the page.'
        : `Computed over ${counted(result.sequences)} texts, ${counted(result.tokens)} tokens.`) +
      (price.costRatio != null ? ' A verification costs one target pass, whatever the draft length.' : '');
    const intervals = results.map(interval);
    draw($('live-chart'), {
      title: `Speedup by draft length at these settings`,
      xTitle: 'draft length K (tokens)', yTitle: 'speedup over plain decoding (×)',
      caption: 'The ring is the draft length chosen above.',
      series: [
        { name: `${draft.name}, ${rule}, ${domain}`, style: 'LINE', color: 0, x: report.draftLengths, y: results.map((r) => r.speedup),
          low: intervals.map((one) => one[0]), high: intervals.map((one) => one[1]) },
        { name: 'plain decoding', style: 'REFERENCE', color: -1, x: [report.draftLengths[0], report.draftLengths[report.draftLengths.length - 1]], y: [1, 1] },
      ],
    }, { x: K, y: result.speedup });
    updateText();
  }

  function show(id, value, text) {
    $(id).textContent = text;
    $(id).dataset.value = Array.isArray(value) ? value.join(' ') : value;
  }

  // ---- one run, token by token

  const KINDS = {
    accepted: 'drafted and kept',
    recovered: 'the target’s own, in place of a rejected token',
    bonus: 'the target’s own, after a block that was kept whole',
    prefill: 'produced by the prefill, before decoding began',
  };

  function pieces(trace, sequence) {
    if (!trace.text) return null;
    let at = sequence.text;
    return Array.from({ length: sequence.tokens }, (_, i) => {
      const length = trace.pieceLengths[sequence.from + i];
      at += length;
      return trace.text.slice(at - length, at);
    });
  }

  function updateText() {
    const trace = state.trace;
    const sequence = trace.sequences[$('sequence').value];
    const draft = trace.drafts[$('draft').value];
    const rule = $('rule').value;
    const K = Number($('draft-length').value);
    prepare(trace, draft, rule);
    const law = lawOf(trace, draft, rule, sequence);
    const seed = /^\d+$/.test($('seed').value) ? BigInt.asIntN(64, BigInt($('seed').value)) : 0n;
    const steps = timeline(sequence, law, K, seed);
    const texts = pieces(trace, sequence);
    const kept = document.activeElement && document.activeElement.parentElement === $('text');
    state.run = [];
    for (let i = 0; i < sequence.decodeFrom; i++) state.run.push({ kind: 'prefill' });
    steps.forEach((step, number) => {
      for (let i = 0; i <= step.accepted; i++) {
        state.run.push({
          step, number: number + 1, place: i + 1,
          kind: i < step.accepted ? 'accepted' : step.accepted === step.drafted ? 'bonus' : 'recovered',
        });
      }
    });
    const accepted = steps.reduce((sum, step) => sum + step.accepted, 0);
    const drafted = steps.reduce((sum, step) => sum + step.drafted, 0);
    show('text-note', [steps.length, drafted, accepted],
      `One of the runs that could have written this text (a draw under the seed; every draw writes the same text): ` +
      `${steps.length} steps, ${accepted} of ${drafted} drafted tokens kept, ${fixed(law.length / steps.length, 2)} tokens a step. ` +
      `On average over all runs: ${fixed(law.length / replaySequence(sequence, law, K, pricing(trace, report.prices[0], draft, 0)).steps, 2)}. ` +
      (texts ? '' : 'Token numbers are shown: no tokenizer was at hand when the report was written (redraft report --models DIR). ') +
      (sequence.tokens === state.run.length ? '' : 'The measured run differs in length from the recorded tokens. '));
    const container = clear($('text'));
    if (sequence.prompt) append(container, 'span', { class: 'prompt' }, sequence.prompt);
    else append(container, 'span', { class: 'prompt' }, `(${sequence.promptTokens} prompt tokens) `);
    state.spans = [];
    for (let i = 0; i < Math.min(sequence.tokens, state.run.length); i++) {
      const piece = texts ? texts[i] : '';
      const run = state.run[i];
      const text = piece || `⟨${trace.tokens[sequence.from + i]}⟩`;
      const span = append(container, 'span', {
        class: `token ${run.kind}${run.place === 1 && i > 0 ? ' first' : ''}${piece ? '' : ' bare'}`,
        role: 'option', tabindex: -1, 'aria-selected': 'false', 'data-index': i,
        'aria-label': `${piece.trim() || 'token ' + trace.tokens[sequence.from + i]}, ${run.kind}`,
      }, text === '\n' ? '⏎\n' : text);
      state.spans.push(span);
    }
    state.texts = texts;
    select(Math.min(state.selected || 0, state.spans.length - 1), kept);
  }

  function select(index, focus) {
    if (index < 0 || !state.spans[index]) {
      clear($('token'));
      return;
    }
    const before = state.spans[state.selected];
    if (before) {
      before.classList.remove('selected');
      before.tabIndex = -1;
      before.setAttribute('aria-selected', 'false');
    }
    state.selected = index;
    const span = state.spans[index];
    span.classList.add('selected');
    span.tabIndex = 0;
    span.setAttribute('aria-selected', 'true');
    if (focus) span.focus();
    describe(index);
  }

  /** Text with its spaces and line ends marked. */
  const visible = (text) => text.replaceAll(' ', '␣').replaceAll('\n', '⏎');

  /** Small and large probabilities alike. */
  function probability(value) {
    if (value === 0 || value === 1) return String(value);
    return value < 0.001 ? value.toExponential(2) : value.toPrecision(3);
  }

  function describe(index) {
    const trace = state.trace;
    const sequence = trace.sequences[$('sequence').value];
    const draft = trace.drafts[$('draft').value];
    const at = sequence.from + index;
    const run = state.run[index];
    const box = clear($('token'));
    const title = append(box, 'div');
    append(title, 'code', {}, visible(state.texts && state.texts[index] ? state.texts[index] : `⟨${trace.tokens[at]}⟩`));
    title.append(' ');
    append(title, 'strong', {}, run.kind);
    append(box, 'div', { class: 'note' }, KINDS[run.kind] + (index === sequence.tokens - 1 ? '; it ends the text' : ''));
    const list = append(box, 'dl');
    const row = (name, value, exact) => {
      append(list, 'dt', {}, name);
      const cell = append(list, 'dd', {}, value);
      if (exact != null) cell.dataset.value = exact;
    };
    row('position', String(index));
    row('token id', String(trace.tokens[at]));
    if (run.step) {
      row('step', `${run.number}: kept ${run.step.accepted} of ${run.step.drafted}`);
    }
    if (draft.logprob) {
      const p = Math.exp(trace.logprob[at]);
      const q = Math.exp(draft.logprob[at]);
      row('p, target', probability(p), p);
      row('q, draft', probability(q), q);
      row('ratio q / p', probability(q / p), q / p);
      if (run.step) {
        const S = new Float64Array(run.place + 1);
        const law = lawOf(trace, draft, $('rule').value, sequence);
        const t = index - sequence.decodeFrom;
        law.survival(t, 1, S);
        row('acceptance, first of a block', probability(S[1]), S[1]);
        const reached = run.place <= run.step.drafted && t - run.step.start === run.place - 1;
        if (reached && run.place > 1) {
          law.survival(run.step.start, run.place, S);
          const here = S[run.place] / S[run.place - 1];
          row(`acceptance, ${run.place}. here`, probability(here), here);
        }
      }
      row('rank in draft', String(draft.rank[at]), draft.rank[at]);
      row('entropy of p (nats)', fixed(trace.entropy[at], 3), trace.entropy[at]);
      row('overlap Σ min(p, q)', fixed(draft.overlap[at], 3), draft.overlap[at]);
    } else if (run.step && draft.matched) {
      const matched = draft.matched[draft.starts[sequence.index] + index - sequence.decodeFrom];
      row('kept of a draft starting here', String(matched), matched);
    }
    if (!draft.logprob) {
      append(box, 'div', { class: 'note' }, draft.lookup
        ? 'A copied token is certain under the draft; it is kept exactly when the text goes on with it.'
        : 'The recording holds accept lengths only: no p, q, rank or entropy.');
    }
  }

  function listen() {
    $('trace').addEventListener('change', () => { chooseTrace(); update(); });
    $('draft').addEventListener('change', () => { chooseDraft(); update(); });
    for (const id of ['rule', 'price', 'domain']) $(id).addEventListener('change', update);
    let waiting = 0; // one update a frame while a slider moves
    for (const id of ['draft-length', 'cost-ratio']) {
      $(id).addEventListener('input', () => {
        cancelAnimationFrame(waiting);
        waiting = requestAnimationFrame(update);
      });
    }
    $('sequence').addEventListener('change', () => { state.selected = 0; updateText(); });
    $('seed').addEventListener('input', updateText);
    for (const form of ['controls', 'text-controls']) $(form).addEventListener('submit', (event) => event.preventDefault());
    const over = (event) => {
      const span = event.target.closest('.token');
      if (span) select(Number(span.dataset.index), false);
    };
    $('text').addEventListener('mouseover', over);
    $('text').addEventListener('focusin', over);
    $('text').addEventListener('click', over);
    $('text').addEventListener('keydown', (event) => {
      const last = state.spans.length - 1;
      const to = {
        ArrowRight: Math.min(last, state.selected + 1), ArrowLeft: Math.max(0, state.selected - 1),
        ArrowDown: Math.min(last, state.selected + 10), ArrowUp: Math.max(0, state.selected - 10), Home: 0, End: last,
      }[event.key];
      if (to != null) {
        event.preventDefault();
        select(to, true);
      }
    });
    $('theme').addEventListener('click', () => {
      const root = document.documentElement;
      const next = { undefined: 'dark', dark: 'light', light: undefined }[root.dataset.theme];
      if (next) root.dataset.theme = next;
      else delete root.dataset.theme;
      $('theme').textContent = 'Theme: ' + (next || 'system');
    });
    let width = innerWidth;
    addEventListener('resize', () => {
      if (innerWidth !== width) {
        width = innerWidth;
        drawn.forEach((again) => again());
        update();
      }
    });
    addEventListener('beforeprint', () => document.querySelectorAll('.document').forEach((one) => { one.parentElement.open = true; }));
  }

  fill();
  options($('trace'), report.traces.map((_, i) => i), report.traces.map((trace) => trace.name));
  // One cost ratio is enough: it has a slider.
  const ratio = report.prices.find((price) => price.costRatio != null);
  const offered = report.prices.filter((price) => price.costRatio == null || price === ratio);
  options($('price'), offered.map((price) => report.prices.indexOf(price)), offered.map(priceLabel));
  $('trace').parentElement.hidden = report.traces.length === 1;
  $('price').parentElement.hidden = offered.length === 1;
  $('draft-length').max = report.draftLengths[report.draftLengths.length - 1];
  $('seed').value = /^\d+$/.test(report.seed) ? report.seed : '0';
  $('cost-ratio').max = Math.max(1, Math.ceil(ratio.costRatio));
  $('cost-ratio').value = ratio.costRatio;
  chooseTrace();
  const best = state.trace.best;
  choose($('draft'), state.trace.drafts.findIndex((draft) => draft.name === best.draft));
  chooseDraft();
  choose($('rule'), best.rule);
  $('draft-length').value = best.draftLength;
  listen();
  drawn.forEach((draws) => draws());
  update();
  document.documentElement.dataset.ready = 'true';
})();
