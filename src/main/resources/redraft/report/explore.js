'use strict';
// Asks the program that serves the page: choices go out as questions, rows come back and are drawn.
(() => {
  const { append, clear, fixed, table, draw, listen } = charts;
  const can = JSON.parse(document.getElementById('data').textContent);
  const $ = (id) => document.getElementById(id);
  const FIELDS = ['trace', 'draft', 'rule', 'price', 'cost-ratio', 'hardware', 'target-model', 'draft-model', 'engine', 'latency', 'batch', 'context', 'second'];
  const BATCHES = [1, 2, 4, 8, 16, 32, 64, 128];
  const CONTEXT = '256'; // of the heat map, where none is named
  let drawn = []; // what to draw again when the width changes
  let asked = null; // of the questions under way
  let turn = 0; // what is asked in an earlier one is not answered any more
  const page = String(Math.random());

  // ---- choices

  function fill(id, values, first) {
    const select = clear($(id));
    if (first) append(select, 'option', { value: '' }, first);
    values.forEach((value) => append(select, 'option', { value }, value));
  }

  function drafts() {
    const before = $('draft').value;
    const own = can.traces[$('trace').value];
    fill('draft', [...(own ? own.drafts : []), ...can.drafts.filter((name) => !name.includes(':'))], 'the first recorded');
    $('draft').value = [...$('draft').options].some((one) => one.value === before) ? before : '';
  }

  function shown() {
    document.querySelectorAll('[data-price]').forEach((label) => {
      label.hidden = label.dataset.price !== $('price').value;
    });
  }

  function restore() {
    const given = new URLSearchParams(location.hash.slice(1));
    for (const id of FIELDS) {
      if (!given.has(id)) continue;
      const before = $(id).value;
      $(id).value = given.get(id);
      if ($(id).value !== given.get(id)) $(id).value = before; // no longer there
      if (id === 'trace') drafts();
    }
  }

  function keep() {
    const state = new URLSearchParams();
    for (const id of FIELDS) if ($(id).value) state.set(id, $(id).value);
    history.replaceState(null, '', '#' + state);
  }

  /** What every question says of what is replayed, and what passes cost. */
  function options() {
    const price = $('price').value;
    const all = price === 'ratio' ? ['cost-ratio'] : price === 'latency' ? ['latency'] : ['hardware', 'target-model', 'draft-model', 'engine', 'batch', 'context'];
    const given = {};
    for (const id of ['draft', 'rule', ...all]) if ($(id).value) given[id] = $(id).value;
    return given;
  }

  // ---- questions

  async function ask(question, parameters, signal) {
    const reply = await fetch(question + '?' + new URLSearchParams({ ...parameters, page, turn }), { signal });
    if (!reply.ok) throw new Error((await reply.text()).trim());
    const said = await reply.json();
    if (said.error) throw new Error(said.error);
    return said;
  }

  async function update() {
    keep();
    shown();
    if (asked) asked.abort();
    const own = new AbortController();
    asked = own;
    turn++;
    const started = Date.now();
    const say = () => { $('status').textContent = 'Replaying … ' + Math.round((Date.now() - started) / 1000) + ' s'; };
    $('status').className = '';
    const slow = setInterval(say, 1000);
    ['one', 'beside'].forEach((id) => $(id).classList.add('stale'));
    document.documentElement.dataset.ready = 'false';
    try {
      const given = options();
      const trace = $('trace').value;
      const best = await ask('best', { trace, ...given }, own.signal);
      const setting = { ...given, draft: best.answer.draft, rule: best.answer.rule };
      const rows = await ask('replay', { trace, ...setting }, own.signal);
      const priced = $('price').value === 'hardware';
      const swept = priced ? await ask('sweep', { trace, ...setting, batch: BATCHES.join(','), context: given.context || CONTEXT, 'draft-length': '1..8' }, own.signal) : null;
      const second = $('second').value;
      const compared = second ? await ask('compare', { trace, second, ...given }, own.signal) : null;
      if (asked !== own) return;
      drawn = [];
      one(best, rows.answer, swept && swept.answer);
      beside(compared);
      drawn.forEach((draws) => draws());
      $('status').textContent = '';
      document.documentElement.dataset.ready = 'true';
    } catch (failure) {
      if (asked !== own) return;
      $('status').className = 'failed';
      $('status').textContent = failure.name === 'TypeError' ? 'The program that serves this page does not answer; was it ended?' : failure.message;
      document.documentElement.dataset.ready = 'failed';
    } finally {
      clearInterval(slow);
      if (asked === own) ['one', 'beside'].forEach((id) => $(id).classList.remove('stale'));
    }
  }

  // ---- answers

  const interval = (low, high, digits) => (low == null ? '–' : fixed(low, digits) + ' – ' + fixed(high, digits));

  function figure(parent, chart, how) {
    const element = append($(parent), 'figure', { class: 'chart' });
    drawn.push(() => draw(element, chart, how));
  }

  function line(name, color, rows, column) {
    const known = rows.every((row) => row[column + '_low'] != null);
    const series = { name, style: 'LINE', color, x: rows.map((row) => row.draft_length), y: rows.map((row) => row[column]) };
    if (known) Object.assign(series, { low: rows.map((row) => row[column + '_low']), high: rows.map((row) => row[column + '_high']) });
    return series;
  }

  function one(said, rows, swept) {
    const best = said.answer;
    $('one').hidden = false;
    const certainly = best.probability_faster > 0.995 ? 'above 99%' : best.probability_faster < 0.005 ? 'below 1%' : fixed(100 * best.probability_faster, 0) + '%';
    $('headline').textContent = `${best.verdict[0].toUpperCase()}${best.verdict.slice(1)}: ${fixed(best.speedup, 2)} times plain decoding at draft length ${best.draft_length}, rule ${best.rule}.`;
    $('rests').textContent =
      (best.speedup_low == null ? '' : `95% by prompts and costs ${interval(best.speedup_low, best.speedup_high, 2)}; faster with a probability of ${certainly}. `) +
      `${fixed(best.tokens_per_step, 2)} tokens a step; acceptance of ${best.acceptance_of}, costs of ${best.hardware}, batch ${best.batch}.`;
    $('command').textContent = said.command;
    clear($('note-list'));
    [...new Set([...said.notes, ...best.notes])].forEach((note) => append($('note-list'), 'li', {}, note));
    $('notes').hidden = $('note-list').children.length === 0;
    clear($('charts'));
    const domains = [...new Set(rows.map((row) => row.domain))];
    const of = (domain) => rows.filter((row) => row.domain === domain);
    const lengths = of(domains[0]);
    const plain = { name: 'plain decoding', style: 'REFERENCE', color: -1, x: [lengths[0].draft_length, lengths[lengths.length - 1].draft_length], y: [1, 1] };
    const top = lengths.reduce((a, b) => (b.speedup > a.speedup ? b : a));
    const few = domains.slice(0, 9);
    figure('charts', {
      title: `Best at draft length ${top.draft_length}: ${fixed(top.speedup, 2)} times plain decoding`,
      xTitle: 'draft length K (tokens)', yTitle: 'speedup over plain decoding (×)',
      series: [...few.map((domain, i) => line(domain, i - 1, of(domain), 'speedup')), plain],
      caption: 'Bands are 95% intervals over prompts.' + (domains.length > few.length ? ` The first ${few.length - 1} of ${domains.length - 1} domains.` : ''),
    }, { direct: true, best: true });
    figure('charts', {
      title: `${fixed(top.tokens_per_step, 2)} tokens a step there`,
      xTitle: 'draft length K (tokens)', yTitle: 'tokens per step',
      series: few.map((domain, i) => line(domain, i - 1, of(domain), 'tokens_per_step')),
      caption: 'What is emitted in a step, the bonus or recovered token included.',
    }, { direct: true });
    if (swept && swept.length) heat(swept);
    table(clear($('lengths')), {
      caption: `By draft length, rule ${best.rule}, over everything`,
      titles: ['K', 'tokens/step', 'accepted/drafted', 'speedup', '95% over prompts'],
      rows: lengths.map((row) => [String(row.draft_length), fixed(row.tokens_per_step, 3), row.draft_acceptance_rate == null ? '–' : fixed(row.draft_acceptance_rate, 3), fixed(row.speedup, 3), interval(row.speedup_low, row.speedup_high, 3)]),
    });
  }

  function heat(rows) {
    const batches = [...new Set(rows.map((row) => row.batch))];
    const lengths = [...new Set(rows.map((row) => row.draft_length))];
    const at = (batch, length) => rows.find((row) => row.batch === batch && row.draft_length === length);
    const pays = batches.filter((batch) => lengths.some((length) => at(batch, length) && at(batch, length).speedup > 1));
    figure('charts', {
      title: pays.length ? `Pays up to batch ${Math.max(...pays)} of those tried` : 'Pays at no batch',
      xTitle: 'draft length K (tokens)', yTitle: 'batch', categories: lengths.map(String),
      series: batches.map((batch) => ({ name: 'batch ' + batch, style: 'CELLS', color: 0, y: lengths.map((length) => (at(batch, length) ? at(batch, length).speedup : NaN)) })),
      caption: `Speedup over plain decoding by batch and draft length, with prompts of ${rows[0].context} tokens; the line is where it stops paying.`,
    });
  }

  function beside(said) {
    $('beside').hidden = said == null;
    if (!said) return;
    const { answers, rows, a, b, best_rule: rule, best_draft_length: length } = said.answer;
    clear($('answers'));
    answers.forEach((text) => append($('answers'), 'li', {}, text));
    clear($('changes'));
    const own = rows.filter((row) => row.rule === rule);
    const everything = own[0].domain;
    const lengths = own.filter((row) => row.domain === everything);
    const domains = own.filter((row) => row.domain !== everything && row.draft_length === length);
    figure('changes', changes('By draft length: B against A', 'draft length K (tokens)', lengths, null));
    if (domains.length > 1) figure('changes', changes(`By domain at K = ${length}: B against A`, 'domain', domains, domains.map((row) => row.domain)));
    table(clear($('differences')), {
      caption: `A: ${a}. B: ${b}. Rule ${rule}`,
      titles: ['K', 'speedup, A', 'B', 'change in %', '95% interval', 'difference'],
      rows: lengths.map((row) => [String(row.draft_length), fixed(row.speedup_a, 3), fixed(row.speedup_b, 3), fixed(100 * row.speedup_change, 2), row.speedup_change_low == null ? '–' : interval(100 * row.speedup_change_low, 100 * row.speedup_change_high, 2), row.difference]),
    });
  }

  function changes(title, xTitle, rows, categories) {
    const x = rows.map((row, i) => (categories ? i : row.draft_length));
    const points = { name: 'B against A', style: 'POINTS', color: 1, x, y: rows.map((row) => 100 * row.speedup_change) };
    if (rows.every((row) => row.speedup_change_low != null)) {
      Object.assign(points, { low: rows.map((row) => 100 * row.speedup_change_low), high: rows.map((row) => 100 * row.speedup_change_high) });
    }
    const none = { name: 'no change', style: 'REFERENCE', color: -1, x: [x[0], x[x.length - 1]], y: [0, 0] };
    return { title, xTitle, yTitle: 'change of the speedup (%)', ...(categories ? { categories } : {}), series: [points, none], caption: 'Bars are 95% intervals; one that holds 0 shows no difference.' };
  }

  // ---- the page

  const names = Object.keys(can.traces);
  $('folder').textContent = `${names.length} traces of ${can.folder}`;
  fill('trace', names);
  fill('second', names, 'no other');
  fill('rule', can.rules, 'the usual');
  for (const id of ['hardware', 'target-model', 'draft-model', 'engine', 'latency']) fill(id, can[id]);
  for (const [id, usual] of [['hardware', 'l40s'], ['target-model', 'llama-3.1-8b'], ['draft-model', 'llama-3.2-1b'], ['engine', 'vllm']]) {
    if (can[id].includes(usual)) $(id).value = usual;
  }
  drafts();
  restore();
  shown();
  $('choices').addEventListener('change', (event) => {
    if (event.target.id === 'trace') drafts();
    update();
  });
  $('choices').addEventListener('submit', (event) => event.preventDefault());
  $('copy').addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText($('command').textContent);
      $('copy').textContent = 'Copied';
    } catch {
      getSelection().selectAllChildren($('command'));
      $('copy').textContent = 'Selected';
    }
    setTimeout(() => { $('copy').textContent = 'Copy'; }, 2000);
  });
  listen(() => drawn.forEach((again) => again()));
  if (names.length) update();
  else {
    $('status').className = 'failed';
    $('status').textContent = can.notes.join(' ');
  }
})();
