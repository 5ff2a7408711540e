'use strict';
// Elements of the page, and the charts: text goes in as text, never as markup.
const charts = (() => {
  // ---- elements

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

  const fixed = (value, digits) => (Number.isFinite(value) ? value.toFixed(digits) : '–');
  const counted = (value) => value.toLocaleString('en', { maximumFractionDigits: 0 });

  /** What is too wide scrolls, by keyboard too. */
  const scroller = (parent, name) => append(parent, 'div', { class: 'scroll', tabindex: 0, role: 'group', 'aria-label': name });

  function table(parent, { caption, titles, rows }) {
    const numeric = titles.map((title, i) => rows.length > 0 && rows.every((row) => /^[-–0-9.,  ]+$/.test(row[i])));
    const element = append(scroller(parent, caption || 'Table'), 'table');
    if (caption) append(element, 'caption', {}, caption);
    const head = append(append(element, 'thead'), 'tr');
    titles.forEach((title, i) => append(head, 'th', { scope: 'col', class: numeric[i] ? 'number' : '' }, title));
    const body = append(element, 'tbody');
    for (const row of rows) {
      const line = append(body, 'tr');
      row.forEach((cell, i) => append(line, 'td', { class: numeric[i] ? 'number' : i > 0 && cell.length < 24 ? 'short' : '' }, cell));
    }
    return body;
  }

  // ---- charts

  const PALETTE = 6;
  const MOST_MARKERS = 64; // of a line; ChartImages has the same number
  const colour = (series) => (series.color < 0 ? 'ink' : 'c' + (series.color % PALETTE));

  const marked = (one) => one.style === 'POINTS' || (one.style === 'LINE' && one.color >= 0 && one.y.length <= MOST_MARKERS);

  /** Round numbers from low to high, about that many. */
  function ticks(low, high, about) {
    const raw = (high - low) / about || 1;
    const power = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= raw * 0.999);
    const list = [];
    for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) list.push(i * step);
    return { step, list };
  }

  /** The same by factors: 1, 2, 5, 10, …; powers of ten alone where these are too many, steps where they are too few. */
  function factors(low, high, about) {
    const list = [];
    for (let power = Math.floor(Math.log10(low)); 10 ** power <= high; power++) {
      for (const m of [1, 2, 5]) list.push(Number(`${m}e${power}`));
    }
    const within = list.filter((value) => value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9));
    const tens = within.filter((value) => Number.isInteger(Math.log10(value)));
    if (within.length < 3) return ticks(low, high, about / 2);
    return { step: null, list: within.length > about && tens.length > 1 ? tens : within };
  }

  function label(value, step) {
    if (step == null) return String(value);
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
      if (marked(one)) marker(key, one.color, 14, 6);
      item.append(one.name);
    }
  }

  const bars = (chart) => chart.series.some((one) => one.style === 'BARS');

  /** x of a series: its numbers, or the places of the categories. */
  const places = (chart, one) => one.x || one.y.map((_, i) => i);

  /** The points of a series that have an interval. */
  const ranged = (one) => [...one.y.keys()].filter((i) => one.low && Number.isFinite(one.low[i]));

  const range = (one, i) => (ranged(one).includes(i) ? ` (${fixed(one.low[i], 3)} – ${fixed(one.high[i], 3)})` : '');

  /**
   * Values read by pointer and by keyboard: what stands at each place, in a box beside it.
   *
   * @param places [{x, y, lines}] in the order in which arrow keys pass them
   * @param nearest the index of the place that a point of the picture is at
   * @param mark draws the place
   */
  function readable(figure, svg, places, nearest, mark) {
    const box = append(figure, 'div', { class: 'tip', role: 'status', hidden: '' });
    svg.setAttribute('tabindex', 0);
    let at = -1;
    const hide = () => {
      at = -1;
      box.hidden = true;
      mark(null);
    };
    const show = (index) => {
      if (index === at || !places[index]) return;
      at = index;
      const place = places[index];
      clear(box);
      place.lines.forEach((line, i) => append(box, i === 0 ? 'strong' : 'div', {}, line));
      box.hidden = false;
      mark(place);
      const frame = svg.getBoundingClientRect();
      const outer = figure.getBoundingClientRect();
      const x = frame.left - outer.left + (place.x / svg.viewBox.baseVal.width) * frame.width;
      const right = x + 14 + box.offsetWidth > outer.width;
      box.style.left = Math.max(0, right ? x - 14 - box.offsetWidth : x + 14) + 'px';
      box.style.top = frame.top - outer.top + 8 + 'px';
    };
    const over = (event) => {
      const frame = svg.getBoundingClientRect();
      const scale = svg.viewBox.baseVal.width / frame.width;
      show(nearest((event.clientX - frame.left) * scale, (event.clientY - frame.top) * scale));
    };
    svg.addEventListener('pointermove', over);
    svg.addEventListener('pointerdown', over);
    svg.addEventListener('pointerleave', hide);
    svg.addEventListener('blur', hide);
    svg.addEventListener('focus', () => { if (svg.matches(':focus-visible')) show(0); });
    svg.addEventListener('keydown', (event) => {
      const to = { ArrowRight: at + 1, ArrowLeft: at - 1, ArrowUp: at + places.step, ArrowDown: at - places.step, Home: 0, End: places.length - 1, Escape: -2 }[event.key];
      if (to == null) return;
      event.preventDefault();
      if (to === -2) hide();
      else show(Math.max(0, Math.min(places.length - 1, to)));
    });
  }

  /** Cells of factors: blue above 1, orange below, the deeper the farther, and a line between; HeatMapImage draws the same. */
  function cells(figure, chart) {
    const rows = chart.series;
    const columns = chart.categories.length;
    const names = Math.min(165, 14 + 6.6 * Math.max(...rows.map((one) => one.name.length)));
    const room = Math.max(280, Math.min(960, figure.clientWidth || 560));
    const wide = Math.max(32, (room - names - 4) / columns);
    const high = Math.max(22, Math.min(36, (room * 0.5) / rows.length));
    const width = Math.ceil(names + wide * columns + 4);
    const height = high * rows.length + 46;
    const svg = append(scroller(figure, 'Heat map'), 'svg', { viewBox: `0 0 ${width} ${height}`, width, height, class: 'cells', role: 'img', 'aria-label': chart.title });
    const values = rows.flatMap((one) => [...one.y]).filter((value) => value > 0);
    const farthest = Math.max(1.25, ...values.map((value) => Math.max(value, 1 / value)));
    const x = (column) => names + wide * column;
    const y = (row) => 2 + high * (rows.length - 1 - row); // the first row below, as on other axes
    const places = [];
    places.step = columns;
    rows.forEach((one, row) => {
      const short = one.name.length > 22 ? one.name.slice(0, 21) + '…' : one.name;
      append(append(svg, 'text', { class: 'tick', x: names - 7, y: y(row) + high / 2 + 4, 'text-anchor': 'end' }, short), 'title', {}, one.name);
      one.y.forEach((value, column) => {
        places.push({ x: x(column + 1), column, row, lines: [`${fixed(value, 3)} ×`, `${one.name}, ${chart.categories[column]}`] });
        if (!(value > 0)) return;
        const group = append(svg, 'g', { class: value >= 1 ? 'c0' : 'c1' });
        const share = 0.6 * Math.min(1, Math.abs(Math.log(value)) / Math.log(farthest));
        append(group, 'rect', { class: 'cell', x: x(column), y: y(row), width: wide, height: high, 'fill-opacity': share });
        append(svg, 'text', { class: 'value', x: x(column) + wide / 2, y: y(row) + high / 2 + 4, 'text-anchor': 'middle' }, fixed(value, 2));
      });
    });
    chart.categories.forEach((name, column) => {
      append(svg, 'text', { class: 'tick', x: x(column) + wide / 2, y: height - 28, 'text-anchor': 'middle' }, name);
    });
    append(svg, 'text', { x: (names + width) / 2, y: height - 8, 'text-anchor': 'middle' }, chart.xTitle);
    const above = (row, column) => rows[row].y[column] > 1;
    let border = '';
    for (let row = 0; row < rows.length; row++) {
      for (let column = 0; column < columns; column++) {
        if (column + 1 < columns && above(row, column) !== above(row, column + 1)) border += `M${x(column + 1)} ${y(row)}v${high}`;
        if (row + 1 < rows.length && above(row, column) !== above(row + 1, column)) border += `M${x(column)} ${y(row)}h${wide}`;
      }
    }
    if (border) append(svg, 'path', { class: 'border', d: border });
    const chosen = append(svg, 'rect', { class: 'chosen', width: wide, height: high, visibility: 'hidden' });
    readable(figure, svg, places,
      (px, py) => {
        const column = Math.floor((px - names) / wide);
        const row = rows.length - 1 - Math.floor((py - 2) / high);
        return column >= 0 && column < columns && row >= 0 && row < rows.length ? row * columns + column : -1;
      },
      (place) => {
        chosen.setAttribute('visibility', place ? 'visible' : 'hidden');
        if (place) {
          chosen.setAttribute('x', x(place.column));
          chosen.setAttribute('y', y(place.row));
        }
      });
  }

  /** The title: what the chart shows, and below it the setting that it is of. */
  function headings(figure, chart, level) {
    const [first, second] = chart.title.split('\n');
    append(figure, level || 'h3', {}, first);
    if (second) append(figure, 'p', { class: 'of' }, second);
  }

  /** Labels at the right end of their lines, none upon another. */
  function directLabels(svg, labels, top, bottom) {
    const gap = 15;
    labels.sort((a, b) => a.y - b.y);
    labels.forEach((one, i) => { one.at = Math.max(one.y, i > 0 ? labels[i - 1].at + gap : top + 4); });
    for (let i = labels.length - 1, most = bottom; i >= 0; i--, most -= gap) labels[i].at = Math.min(labels[i].at, most);
    for (const one of labels) {
      append(svg, 'text', { class: 'direct ' + one.colour, x: one.x, y: one.at + 4, 'data-series': one.index }, one.name);
    }
  }

  /** Whether its axis of y starts at 0: what it measures is an amount; Chart.fromZero is the same. */
  const fromZero = (chart) => chart.scale == null && !(chart.xTitle.startsWith('predicted') && chart.series.some((one) => one.style === 'POINTS'));

  /**
   * @param here a point to ring
   * @param direct whether names stand at their lines instead of above
   * @param best whether the highest point of each line is marked
   * @param level of the title
   */
  function draw(figure, chart, { here, direct, best, level } = {}) {
    clear(figure);
    headings(figure, chart, level);
    if (chart.series.some((one) => one.style === 'CELLS')) {
      cells(figure, chart);
      closing(figure, chart);
      return;
    }
    const width = Math.max(280, Math.min(720, figure.clientWidth || 560));
    const named = direct && width >= 420;
    if (!named) legend(figure, chart.series);
    const height = Math.round(Math.max(230, width * 0.56));
    const longestName = Math.min(150, 8 + 6.7 * Math.max(...chart.series.map((one) => one.name.length)));
    const box = { left: 52, right: width - (named ? longestName + 10 : 12), top: 10, bottom: height - 44 };
    const svg = append(figure, 'svg', { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': chart.title.replace('\n', ': ') + '; arrow keys read values' });
    const all = chart.series.flatMap((one) => [...one.y, ...(one.low || []), ...(one.high || [])]).filter(Number.isFinite);
    const logY = chart.scale === 'LOG_BOTH';
    const logX = chart.scale != null;
    const onY = logY ? Math.log : (value) => value;
    const onX = logX ? Math.log : (value) => value;
    let low = onY(Math.min(...all));
    let high = onY(Math.max(...all));
    if (bars(chart) || (fromZero(chart) && low >= 0)) low = 0;
    const margin = (high - low) * 0.05 || 0.5;
    low = low === 0 && !logY ? 0 : low - margin;
    high += margin;
    const xs = chart.series.flatMap((one) => [...places(chart, one)]);
    let left = onX(Math.min(...xs));
    let right = onX(Math.max(...xs));
    const pad = bars(chart) ? 0.5 : (right - left) * 0.03 || 0.5;
    left -= pad;
    right += pad;
    const x = (value) => box.left + ((onX(value) - left) / (right - left)) * (box.right - box.left);
    const y = (value) => box.bottom - ((onY(value) - low) / (high - low)) * (box.bottom - box.top);

    const lines = Math.max(3, (box.bottom - box.top) / 45);
    const down = logY ? factors(Math.exp(low), Math.exp(high), 2 * lines) : ticks(low, high, lines);
    const longest = Math.max(...down.list.map((value) => label(value, down.step).length));
    box.left = Math.max(box.left, 26 + 6.8 * longest);
    for (const value of down.list) {
      append(svg, 'line', { class: 'grid', x1: box.left, x2: box.right, y1: y(value), y2: y(value) });
      append(svg, 'text', { class: 'tick', x: box.left - 6, y: y(value) + 4, 'text-anchor': 'end' }, label(value, down.step));
    }
    append(svg, 'line', { class: 'axis', x1: box.left, x2: box.right, y1: box.bottom, y2: box.bottom });
    const whole = !logX && chart.series.every((one) => places(chart, one).every(Number.isInteger));
    const across = chart.categories
      ? { step: 1, list: chart.categories.map((_, i) => i) }
      : logX
      ? factors(Math.exp(left), Math.exp(right), (box.right - box.left) / 40)
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
    const banded = chart.series.filter((one) => one.style === 'LINE' && ranged(one).length > 1);
    const labels = [];
    chart.series.forEach((one, index) => {
      const group = append(svg, 'g', { class: colour(one), 'data-series': index });
      const px = places(chart, one);
      if (one.style === 'BARS') {
        const slot = (x(1) - x(0)) * 0.8;
        const wide = slot / barSeries.length;
        one.y.forEach((value, i) => {
          const at = x(i) - slot / 2 + wide * barSeries.indexOf(one);
          append(group, 'rect', { class: 'bar', x: at, y: y(value), width: Math.max(1, wide - 1), height: box.bottom - y(value) });
        });
        return;
      }
      if (one.style === 'LINE' && ranged(one).length > 1) {
        const upper = ranged(one).map((i) => `${x(px[i])} ${y(one.high[i])}`);
        const lower = ranged(one).map((i) => `${x(px[i])} ${y(one.low[i])}`).reverse();
        // Bands upon bands mix to grey: that of everything stays, others come with their line.
        const always = banded.length === 1 || one.color < 0;
        append(group, 'path', { class: always ? 'band' : 'band passing', d: `M${upper.concat(lower).join('L')}z` });
      } else {
        for (const i of ranged(one)) {
          append(group, 'line', { class: 'whisker', x1: x(px[i]), x2: x(px[i]), y1: y(one.low[i]), y2: y(one.high[i]) });
        }
      }
      if (one.style !== 'POINTS') {
        append(group, 'path', { class: lineClass(one), d: 'M' + [...one.y].map((value, i) => `${x(px[i])} ${y(value)}`).join('L') });
      }
      if (marked(one)) one.y.forEach((value, i) => marker(group, one.color, x(px[i]), y(value)));
      if (best && one.style === 'LINE') {
        const top = [...one.y].reduce((at, value, i) => (value > one.y[at] ? i : at), 0);
        append(group, 'circle', { class: 'best', cx: x(px[top]), cy: y(one.y[top]), r: 8 });
        if (one.color < 0 || banded.length < 2) {
          append(svg, 'line', { class: 'guide', x1: x(px[top]), x2: x(px[top]), y1: y(one.y[top]) + 8, y2: box.bottom });
          append(svg, 'text', { class: 'best-label', x: x(px[top]) + 6, y: box.bottom - 8 }, `best K = ${px[top]}`);
        }
      }
      const last = one.y.length - 1;
      labels.push({ index, name: one.name, colour: colour(one), x: box.right + 8, y: y(one.y[last]) });
    });
    if (named) directLabels(svg, labels, box.top, box.bottom);
    if (here) append(svg, 'circle', { class: 'here', cx: x(here.x), cy: y(here.y), r: 6 });
    reading(figure, svg, chart, x, y, box);
    closing(figure, chart);
  }

  /** What all series say at a place of x; the line that the pointer is at shows its band. */
  function reading(figure, svg, chart, x, y, box) {
    const shown = chart.series.map((one, index) => ({ one, index, at: [...places(chart, one)] })).filter(({ one }) => one.style !== 'REFERENCE');
    const keys = [...new Set(shown.flatMap(({ at }) => at))].sort((a, b) => a - b);
    if (keys.length > 200) return;
    const read = keys.map((key) => {
      const values = shown.filter(({ at }) => at.includes(key)).map(({ one, at }) => ({ one, i: at.indexOf(key) }));
      values.sort((a, b) => b.one.y[b.i] - a.one.y[a.i]);
      const name = chart.categories ? chart.categories[key] : String(Number(key.toPrecision(4)));
      return {
        x: x(key), key,
        lines: [`${chart.xTitle.replace(/ \(.*\)$/, '')}: ${name}`, ...values.slice(0, 9).map(({ one, i }) => `${one.name} ${fixed(one.y[i], 3)}${range(one, i)}`)],
      };
    });
    read.step = 1;
    const guide = append(svg, 'line', { class: 'guide', y1: box.top, y2: box.bottom, visibility: 'hidden' });
    const light = (index) => {
      for (const element of svg.querySelectorAll('[data-series]')) {
        element.classList.toggle('lit', Number(element.dataset.series) === index);
      }
    };
    readable(figure, svg, read,
      (px, py) => {
        const index = read.reduce((near, place, i) => (Math.abs(place.x - px) < Math.abs(read[near].x - px) ? i : near), 0);
        const near = shown.filter(({ one, at }) => at.includes(read[index].key) && Math.abs(y(one.y[at.indexOf(read[index].key)]) - py) < 14);
        light(near.length > 0 ? near[0].index : -1);
        return index;
      },
      (place) => {
        guide.setAttribute('visibility', place ? 'visible' : 'hidden');
        if (!place) light(-1);
        else for (const end of ['x1', 'x2']) guide.setAttribute(end, place.x);
      });
  }

  /** What to look for, and the numbers themselves. */
  function closing(figure, chart) {
    append(figure, 'figcaption', {}, chart.caption);
    const shown = chart.series.filter((one) => one.style !== 'REFERENCE' && one.y.length <= 50);
    if (shown.length === 0) return;
    const details = append(figure, 'details');
    append(details, 'summary', {}, 'Numbers');
    const keys = [...new Set(shown.flatMap((one) => [...places(chart, one)]))].sort((a, b) => a - b);
    table(details, {
      titles: [chart.xTitle, ...shown.map((one) => one.name)],
      rows: keys.map((key) => [
        chart.categories ? chart.categories[key] : String(Number(key.toPrecision(4))),
        ...shown.map((one) => {
          const i = [...places(chart, one)].indexOf(key);
          return i < 0 ? '–' : fixed(one.y[i], 3) + range(one, i);
        }),
      ]),
    });
  }

  // ---- the page

  /** The button of the theme, and what is drawn again for another width. */
  function listen(again) {
    const button = document.getElementById('theme');
    button.addEventListener('click', () => {
      const root = document.documentElement;
      const next = { undefined: 'dark', dark: 'light', light: undefined }[root.dataset.theme];
      if (next) root.dataset.theme = next;
      else delete root.dataset.theme;
      button.textContent = 'Theme: ' + (next || 'system');
    });
    let width = innerWidth;
    addEventListener('resize', () => {
      if (innerWidth !== width) {
        width = innerWidth;
        again();
      }
    });
  }

  return { append, clear, fixed, counted, table, scroller, draw, listen };
})();
