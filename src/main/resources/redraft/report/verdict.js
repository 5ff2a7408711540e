'use strict';
// What was found: the answer, what it rests on, charts and tables of the chosen recording.
const verdict = (() => {
  const { append, clear, table, draw } = charts;
  const { report, $, state, options, copy } = page;
  const FEW = 8; // recordings that are listed unfolded
  let drawn = []; // what to draw again when the width changes

  function grid(parent, shown) {
    const figures = append(parent, 'div', { class: 'charts' });
    for (const chart of shown) {
      const figure = append(figures, 'figure', { class: 'chart' });
      drawn.push(() => draw(figure, chart));
    }
  }

  function card(trace) {
    const found = trace.verdict;
    $('answer').textContent = found.answer;
    $('answer').className = 'badge ' + found.mark;
    $('answer-speedup').textContent = found.speedup;
    $('answer-interval').textContent = found.interval;
    const facts = clear($('facts'));
    for (const [name, value] of found.facts) {
      append(facts, 'dt', {}, name);
      append(facts, 'dd', {}, value);
    }
    $('rests-on').textContent = trace.restsOn;
    clear($('exactness'));
    trace.exactness.forEach((line) => append($('exactness'), 'li', {}, line));
    $('paste').hidden = trace.settings.length === 0;
    options($('engine-settings'), trace.settings.map((_, i) => i), trace.settings.map((one) => one.engine));
    settings();
    drawn.push(() => draw($('first-chart'), trace.charts[0], { direct: true, best: true, level: 'h3' }));
  }

  function settings() {
    const one = state.trace.settings[$('engine-settings').value];
    if (!one) return;
    $('settings-lines').textContent = one.lines.join('\n');
    $('settings-words').textContent = one.words;
  }

  /** All recordings, and which of them is shown. */
  function recordings(choose) {
    const all = report.recordings;
    if (all.length === 1) return;
    let parent = $('recordings');
    const without = all.filter((one) => one.held == null).length;
    if (without > 0) {
      append(parent, 'p', {}, `To stay small this page leaves out ${without} of ${all.length} recordings, but for their answers; report.json, report.csv and summary.md have all.`);
    }
    if (all.length > FEW) {
      parent = append(parent, 'details');
      append(parent, 'summary', {}, `All ${all.length} recordings`);
    }
    const body = table(parent, {
      caption: all.length > FEW ? null : 'All recordings',
      titles: ['recording', 'answer', 'speedup', 'draft', 'rule', 'K'],
      rows: all.map((one) => [one.name, ...one.cells]),
    });
    state.rows = [...body.rows];
    all.forEach((one, i) => {
      if (one.held == null) return;
      const button = append(clear(body.rows[i].cells[0]), 'button', { type: 'button', class: 'plain' }, one.name);
      button.addEventListener('click', () => choose(one.held));
    });
  }

  function load(trace) {
    const none = trace.underLoad == null;
    $('load').hidden = none;
    const parent = clear($('load-groups'));
    if (none) return;
    append(parent, 'p', { class: 'headline' }, trace.underLoad.headline);
    append(parent, 'p', {}, trace.underLoad.restsOn);
    const answers = append(parent, 'ul');
    trace.underLoad.answers.forEach((line) => append(answers, 'li', {}, line));
    grid(parent, trace.underLoad.charts);
  }

  /** Everything of a recording but the explorer and the text. */
  function update() {
    const trace = state.trace;
    drawn = [];
    card(trace);
    if (state.rows) state.rows.forEach((row, i) => row.classList.toggle('chosen', report.traces[report.recordings[i].held] === trace));
    grid(clear($('chart-groups')), trace.charts.slice(1));
    load(trace);
    $('trees').hidden = trace.trees.length === 0;
    clear($('tree-groups'));
    for (const tree of trace.trees) {
      const figure = append($('tree-groups'), 'figure', { class: 'chart' });
      drawn.push(() => trees.draw(figure, tree));
    }
    clear($('best-tables'));
    trace.tables.forEach((one) => table($('best-tables'), one));
    for (const id of ['load', 'trees']) document.querySelector(`nav a[href="#${id}"]`).hidden = $(id).hidden;
    redraw();
  }

  function redraw() {
    drawn.forEach((again) => again());
  }

  function start(choose) {
    recordings(choose);
    report.settings.forEach((one) => table($('settings-tables'), one));
    for (const source of report.sources) append($('source-list'), 'li', {}, source);
    $('engine-settings').addEventListener('change', settings);
    $('copy-settings').addEventListener('click', () => copy($('copy-settings'), $('settings-lines').textContent, $('settings-lines')));
  }

  return { start, update, redraw };
})();
