'use strict';
// One page, no network: what it holds, and what other settings and other runs would give.
(() => {
  const { append, clear, fixed, counted, table, draw } = charts;
  const report = replay.unpack(JSON.parse(document.getElementById('data').textContent));
  const $ = (id) => document.getElementById(id);

  if (report.deployments.every((deployment) => deployment.costRatio == null)) {
    report.deployments.push({ index: report.deployments.length, batch: 1, context: null, costRatio: 0.1 }); // what if
  }
  const drawn = []; // what to draw again when the width changes

  // ---- summary, charts, settings, sources

  function grid(parent, shown) {
    const figures = append(parent, 'div', { class: 'charts' });
    for (const chart of shown) {
      const figure = append(figures, 'figure', { class: 'chart' });
      drawn.push(() => draw(figure, chart));
    }
  }

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
      grid(group, trace.charts);
      if (trace.underLoad) {
        $('load').hidden = false;
        const load = append($('load-groups'), 'div');
        if (report.traces.length > 1) append(load, 'h3', {}, trace.name);
        append(load, 'p', { class: 'headline' }, trace.underLoad.headline);
        append(load, 'p', {}, trace.underLoad.restsOn);
        const answers = append(load, 'ul');
        trace.underLoad.answers.forEach((line) => append(answers, 'li', {}, line));
        grid(load, trace.underLoad.charts);
      }
      $('trees').hidden = $('trees').hidden && trace.trees.length === 0;
      if (report.traces.length > 1 && trace.trees.length > 0) append($('tree-groups'), 'h3', {}, trace.name);
      for (const tree of trace.trees) {
        const figure = append($('tree-groups'), 'figure', { class: 'chart' });
        drawn.push(() => trees.draw(figure, tree));
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

  function deploymentLabel(deployment) {
    return deployment.costRatio != null ? 'cost ratio' : deployment.name;
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
    options($('rule'), Object.keys(draft.laws));
  }

  function update() {
    const trace = state.trace;
    const draft = trace.drafts[$('draft').value];
    const rule = $('rule').value;
    const K = Number($('draft-length').value);
    const deployment = report.deployments[$('deployment').value];
    const costRatio = Number($('cost-ratio').value);
    const domain = $('domain').value;
    const costs = replay.costsOf(trace, deployment, draft, costRatio);
    $('draft-length-value').textContent = K;
    $('cost-ratio-value').textContent = costRatio.toFixed(2);
    $('cost-ratio-label').hidden = deployment.costRatio == null;

    const results = report.draftLengths.map((length) => replay.pool(trace, draft, rule, length, costs, domain));
    const result = replay.pool(trace, draft, rule, K, costs, domain);
    const interval = replay.interval(report, result);
    show('speedup', result.speedup, fixed(result.speedup, 3) + ' ×');
    show('interval', interval || [], interval
      ? `95% interval ${fixed(interval[0], 2)} – ${fixed(interval[1], 2)} over prompts (Student’s t)`
      : 'one prompt has no interval');
    show('tokens-per-step', result.tokensPerStep, fixed(result.tokensPerStep, 3));
    show('steps', result.steps, `${counted(result.tokens)} tokens in ${counted(result.steps)} steps`);
    show('acceptance-rate', result.draftAcceptanceRate, fixed(result.draftAcceptanceRate, 3));
    show('drafted', result.drafted, `${counted(result.accepted)} of ${counted(result.drafted)}`);
    const timed = deployment.costRatio == null;
    $('time-box').hidden = !timed;
    $('cost-box').hidden = !timed || deployment.usdPerHour == null;
    if (timed) {
      show('ms-per-token', result.timePerToken, fixed(result.timePerToken, 3));
      show('baseline-ms', result.baselineTimePerToken, `plain decoding ${fixed(result.baselineTimePerToken, 3)}`);
      const usd = (ms) => (1e6 * deployment.usdPerHour * ms) / (3600 * 1000 * deployment.batch);
      show('usd', usd(result.timePerToken), fixed(usd(result.timePerToken), 3));
      show('baseline-usd', usd(result.baselineTimePerToken), `plain decoding ${fixed(usd(result.baselineTimePerToken), 3)}`);
    }
    $('scope').textContent =
      (trace.sequences.length < trace.total
        ? `Computed over ${counted(result.sequences)} texts that this page holds, of the recording's ${counted(trace.total)}; ` +
          'summary and charts rest on all of them. redraft report --sequences N puts more into the page.'
        : `Computed over ${counted(result.sequences)} texts, ${counted(result.tokens)} tokens.`) +
      (deployment.costRatio != null ? ' A verification costs one target pass, whatever the draft length.' : '');
    const intervals = results.map((one) => replay.interval(report, one) || [null, null]);
    draw($('live-chart'), {
      title: `Speedup by draft length at these settings`,
      xTitle: 'draft length K (tokens)', yTitle: 'speedup over plain decoding (×)',
      caption: 'The ring is the draft length chosen above.' +
        (interval ? ' The band is the 95% interval over prompts (Student’s t).' : ''),
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
    const law = replay.lawOf(draft, rule, sequence);
    const seed = /^\d+$/.test($('seed').value) ? BigInt.asIntN(64, BigInt($('seed').value)) : 0n;
    const steps = replay.timeline(sequence, law, K, seed);
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
      `On average over all runs: ${fixed(law.length / replay.expectation(sequence, law, K, replay.costsOf(trace, report.deployments[0], draft, 0)).steps, 2)}. ` +
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

  /** What the draft wrote by itself from a position, where it is another text; of its choices under rule greedy-draft. */
  function ownText(draft, rule, at) {
    const drawn = rule === 'greedy-draft' && draft.wrote.greedy ? 'greedy' : 'sampled';
    return rule === 'greedy-draft' && drawn === 'sampled' && !state.trace.greedy ? '' : draft.wrote[drawn] && draft.wrote[drawn][at];
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
        const law = replay.lawOf(draft, $('rule').value, sequence);
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
    } else if (run.step && draft.laws[$('rule').value].matched) {
      const matched = draft.laws[$('rule').value].matched[draft.starts[sequence.index] + index - sequence.decodeFrom];
      row('kept of a draft starting here', String(matched), matched);
    }
    const own = draft.wrote && run.kind === 'recovered' && ownText(draft, $('rule').value, at);
    if (own) {
      const known = trace.greedy || $('rule').value === 'greedy-draft';
      append(box, 'div', { class: 'note' }, known ? 'Rejected here, and what the draft would have gone on with:'
        : 'The rejected token is one that the draft drew. What it drew from here by itself, when it was recorded:');
      append(box, 'div').append(Object.assign(document.createElement('code'), { className: 'rejected', textContent: visible(own) }));
    }
    if (!draft.logprob) {
      append(box, 'div', { class: 'note' }, !draft.model
        ? 'A copied token is certain under the draft; it is kept exactly when the text goes on with it.'
        : 'The recording holds accept lengths only: no p, q, rank or entropy.');
    }
  }

  function listen() {
    $('trace').addEventListener('change', () => { chooseTrace(); update(); });
    $('draft').addEventListener('change', () => { chooseDraft(); update(); });
    for (const id of ['rule', 'deployment', 'domain']) $(id).addEventListener('change', update);
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
    charts.listen(() => {
      drawn.forEach((again) => again());
      update();
    });
    addEventListener('beforeprint', () => document.querySelectorAll('.document').forEach((one) => { one.parentElement.open = true; }));
  }

  fill();
  options($('trace'), report.traces.map((_, i) => i), report.traces.map((trace) => trace.name));
  // One cost ratio is enough: it has a slider.
  const ratio = report.deployments.find((deployment) => deployment.costRatio != null);
  const offered = report.deployments.filter((deployment) => deployment.costRatio == null || deployment === ratio);
  options($('deployment'), offered.map((deployment) => deployment.index), offered.map(deploymentLabel));
  $('trace').parentElement.hidden = report.traces.length === 1;
  $('deployment').parentElement.hidden = offered.length === 1;
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
