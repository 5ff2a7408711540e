'use strict';
// Other settings: what they would give, computed as the engine computes it.
const explorer = (() => {
  const { append, clear, fixed, counted, draw } = charts;
  const { report, $, state, options, choose, show, copy } = page;
  const FACETS = ['pair', 'machine', 'engine', 'batch', 'context']; // of deployments, the coarsest first
  const RATIOS = [0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 1]; // of the map where batches have no cost

  const ratio = report.deployments.find((deployment) => deployment.costRatio != null);
  // One cost ratio is enough: it has a slider.
  const offered = report.deployments.filter((deployment) => deployment.costRatio == null || deployment === ratio);

  const facet = (deployment, name) =>
    deployment.costRatio != null
      ? { pair: 'a cost ratio', batch: 1 }[name] ?? '–'
      : name === 'pair' ? deployment.pair || deployment.machine : deployment[name] ?? (name === 'context' ? 'their own' : '–');

  const unique = (values) => [...new Set(values)];

  /** The deployments that are left once the coarser facets are chosen. */
  function left(name) {
    return offered.filter((deployment) =>
      FACETS.slice(0, FACETS.indexOf(name)).every((each) => String(facet(deployment, each)) === $(each).value));
  }

  /** Offers what is left, and keeps what was chosen where that is among it. */
  function chooseDeployment() {
    for (const name of FACETS) {
      const values = unique(left(name).map((deployment) => facet(deployment, name)));
      if (name === 'batch') values.sort((a, b) => a - b);
      options($(name), values);
      const label = $(name + '-label');
      if (label) label.hidden = values.length === 1;
    }
    state.deployment = left('context').find((deployment) => String(facet(deployment, 'context')) === $('context').value);
    $('cost-ratio-label').hidden = state.deployment.costRatio == null;
    $('pair').parentElement.hidden = offered.length === 1;
  }

  /** Those that differ in the batch alone. */
  function batches() {
    const like = (deployment) => FACETS.every((name) => name === 'batch' || facet(deployment, name) === facet(state.deployment, name));
    return state.deployment.costRatio != null ? [] : offered.filter(like).sort((a, b) => a.batch - b.batch);
  }

  function chooseTrace() {
    const trace = state.trace;
    options($('draft'), trace.drafts.map((_, i) => i), trace.drafts.map((draft) => draft.name));
    options($('domain'), ['all', ...trace.domains]);
    choose($('draft'), trace.best.draft);
    chooseDraft();
    choose($('rule'), trace.best.rule);
    $('draft-length').value = trace.best.draftLength;
  }

  function chooseDraft() {
    options($('rule'), Object.keys(state.trace.drafts[$('draft').value].laws));
  }

  /** All that is chosen. */
  function chosen() {
    const draft = state.trace.drafts[$('draft').value];
    const costRatio = Number($('cost-ratio').value);
    return {
      trace: state.trace, draft, rule: $('rule').value, domain: $('domain').value, K: Number($('draft-length').value),
      deployment: state.deployment, costRatio, costs: replay.costsOf(state.trace, state.deployment, draft, costRatio),
    };
  }

  /** What is priced, in a few words. */
  const priced = ({ deployment, costRatio }) =>
    deployment.costRatio != null ? `cost ratio ${costRatio}` : `${deployment.pair ? deployment.pair + ' on ' : ''}${deployment.machine}` +
      `${deployment.engine ? ', ' + deployment.engine : ''}, batch ${deployment.batch}${deployment.context ? ', context ' + deployment.context : ''}`;

  function update() {
    const now = chosen();
    const { trace, draft, rule, domain, K, deployment, costRatio, costs } = now;
    $('draft-length-value').textContent = K;
    $('cost-ratio-value').textContent = costRatio.toFixed(2);
    const { results, best } = replay.sweep(trace, draft, rule, report.draftLengths, costs, domain);
    const bestK = report.draftLengths[best];
    $('best-length').textContent = `Best: ${bestK}`;
    $('best-length').disabled = bestK === K;
    const at = report.draftLengths.indexOf(K);
    const result = at < 0 ? replay.pool(trace, draft, rule, K, costs, domain) : results[at];
    numbers(now, result);
    state.view = { ...now, results, result, bestK };
    const intervals = results.map((one) => replay.interval(report, one) || [null, null]);
    const paying = report.draftLengths.filter((_, i) => results[i].speedup > 1);
    draw($('live-chart'), {
      title: (paying.length === 0 ? 'No draft length beats plain decoding'
        : `Fastest at ${bestK} drafted ${bestK === 1 ? 'token' : 'tokens'}` +
          (paying.length < results.length ? `; ${paying.length === 1 ? `${paying[0]} beats` : `${paying[0]} to ${paying[paying.length - 1]} beat`} plain decoding` : '; every length beats plain decoding')) +
        `\n${draft.name}, rule ${rule}, ${domain === 'all' ? 'all texts' : domain}; ${priced(now)}`,
      xTitle: 'draft length K (tokens)', yTitle: 'speedup over plain decoding (×)',
      caption: 'The ring is the draft length chosen above.' + (intervals[0][0] == null ? '' : ' The band is the 95% interval over prompts (Student’s t).'),
      series: [
        { name: domain, style: 'LINE', color: (trace.charts[0].series.find((one) => one.name === domain) || { color: -1 }).color, x: report.draftLengths, y: results.map((r) => r.speedup),
          low: intervals.map((one) => one[0]), high: intervals.map((one) => one[1]) },
        { name: 'plain decoding', style: 'REFERENCE', color: -1, x: [report.draftLengths[0], report.draftLengths[report.draftLengths.length - 1]], y: [1, 1] },
      ],
    }, { here: { x: K, y: result.speedup }, level: 'h3', direct: true });
    $('command').textContent = command(now);
    link(now, results);
    cancelAnimationFrame(state.map);
    state.map = requestAnimationFrame(() => map(now, results));
    if ($('trust').open) trust(now, results);
  }

  function numbers({ trace, deployment }, result) {
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
      show('baseline-usd', usd(result.baselineTimePerToken), `plain decoding ${fixed(usd(result.baselineTimePerToken), 3)}; batch ${deployment.batch}`);
    }
    const texts = counted(result.sequences) + (result.sequences === 1 ? ' text' : ' texts');
    $('scope').textContent =
      (trace.sequences.length < trace.total
        ? `Over ${texts} that this page holds, of the recording's ${counted(trace.total)}; ` +
          'verdict and charts rest on all of them. redraft report --sequences N puts more into the page.'
        : `Over ${texts}, ${counted(result.tokens)} tokens.`) +
      (deployment.costRatio != null ? ' A verification costs one target pass, whatever the draft length; a cost ratio says nothing of batches.' : '');
    const other = deployment.target != null && deployment.target !== trace.target;
    $('pair-note').textContent = other
      ? `Two pairs in one number: acceptance is that of ${trace.target}, recorded, and costs are those of ${deployment.pair}. ` +
        'It holds as far as they would agree as often.' +
        (deployment.spread > 0 ? ` Speedups with such costs scatter around measured ones by about ±${fixed(100 * (Math.exp(deployment.spread) - 1), 0)}%.` : '')
      : '';
  }

  /** Speedup by batch and draft length; where a cost ratio is all that is known, by that. */
  function map(now, results) {
    const { trace, draft, rule, domain, deployment } = now;
    const all = batches();
    const byRatio = deployment.costRatio != null;
    $('heat-map').hidden = !byRatio && all.length < 2;
    if ($('heat-map').hidden) return;
    const rows = byRatio
      ? RATIOS.map((c) => ({ name: String(c), y: results.map((one) => one.tokens / (one.steps + (draft.model ? c : 0) * one.drafted)) }))
      : all.map((each) => ({
        name: String(each.batch),
        y: each === deployment ? results.map((one) => one.speedup)
          : replay.sweep(trace, draft, rule, report.draftLengths, replay.costsOf(trace, each, draft, 0), domain).results.map((one) => one.speedup),
      }));
    const stops = rows.find((row) => row.y.every((value) => value <= 1));
    const axis = byRatio ? 'cost ratio' : 'batch';
    draw($('heat-map'), {
      title: (stops == null ? `Some draft length beats plain decoding at every ${axis} up to ${rows[rows.length - 1].name}`
        : stops === rows[0] ? `No draft length beats plain decoding at any ${axis} shown` : `No draft length beats plain decoding from ${axis} ${stops.name} on, of those shown`) +
        `\nSpeedup by ${axis} (rows) and draft length: ${draft.name}, rule ${rule}` + (byRatio ? '' : `; ${deployment.pair ? deployment.pair + ' on ' : ''}${deployment.machine}${deployment.engine ? ', ' + deployment.engine : ''}`),
      xTitle: 'draft length K (tokens)', yTitle: axis, categories: report.draftLengths.map(String),
      caption: 'Blue is faster than plain decoding, orange slower, at these costs; the line is where it stops.',
      series: rows.map((row) => ({ ...row, name: `${axis} ${row.name}`, style: 'CELLS', color: 0 })),
    }, { level: 'h3' });
  }

  /** What a draft length chosen by synthetic acceptance loses. */
  function trust(now, results) {
    const { trace, draft, costs, domain } = now;
    const alpha = Number($('alpha').value);
    const preset = report.presets[Number($('trusted').value) - 1];
    $('alpha-label').hidden = preset != null;
    $('alpha-value').textContent = alpha.toFixed(2);
    const longest = report.draftLengths[report.draftLengths.length - 1];
    const survival = preset ? preset.survival : replay.constant(alpha, longest);
    const at = replay.trusting(survival, report.draftLengths, costs, replay.meanContext(trace, draft, costs, domain));
    const best = state.view.bestK;
    const got = results[at].speedup;
    const K = report.draftLengths[at];
    const could = results[report.draftLengths.indexOf(best)].speedup;
    const name = preset ? preset.name : `α = ${alpha.toFixed(2)}`;
    show('regret', [K, could - got],
      `${name} chooses K = ${K}, which runs at ${fixed(got, 3)} × here. ` +
      (K === best ? 'That is the best draft length: nothing is lost.'
        : `K = ${best} runs at ${fixed(could, 3)} ×: trusting it loses ${fixed(100 * (1 - got / could), 1)}%.`));
  }

  // ---- to take along

  const quoted = (word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

  function command({ trace, draft, rule, domain, K, deployment, costRatio }) {
    const words = ['redraft', 'replay', ...trace.source, '--draft', draft.name, '--rule', rule, '--draft-length', String(K)];
    if (deployment.costRatio != null) words.push('--cost-ratio', String(costRatio));
    else words.push(...deployment.options);
    if (deployment.batch > 1) words.push('--batch', String(deployment.batch));
    if (deployment.context) words.push('--context', String(deployment.context));
    if (domain !== 'all') words.push('--domain', domain);
    return words.map(quoted).join(' ');
  }

  /** The rows that replay --csv has for these settings, of the texts in the page. */
  function rows({ trace, draft, rule, domain, deployment, costRatio }, results) {
    const titles = ['trace', 'domain', 'draft', 'rule', 'draft_length', 'hardware', 'batch', 'sequences', 'positions', 'steps',
      'drafted', 'accepted', 'tokens_per_step', 'draft_acceptance_rate', 'speedup', 'speedup_low', 'speedup_high'];
    const cell = (value) => (value == null ? '' : /[",\n]/.test(value) ? `"${String(value).replaceAll('"', '""')}"` : String(value));
    const lines = results.map((one, i) => {
      const [low, high] = replay.interval(report, one) || [null, null];
      return [trace.name, domain, draft.name, rule, report.draftLengths[i],
        deployment.costRatio != null ? `cost-ratio-${costRatio}` : deployment.machine + (deployment.engine ? '/' + deployment.engine : ''),
        deployment.batch, one.sequences, one.tokens, one.steps, one.drafted, one.accepted, one.tokensPerStep, one.draftAcceptanceRate,
        one.speedup, low, high];
    });
    return [titles, ...lines].map((line) => line.map(cell).join(',') + '\n').join('');
  }

  function link(now, results) {
    if (state.csv) URL.revokeObjectURL(state.csv);
    state.csv = URL.createObjectURL(new Blob([rows(now, results)], { type: 'text/csv' }));
    $('csv').href = state.csv;
  }

  function start(changed) {
    $('draft').addEventListener('change', () => { chooseDraft(); changed(); });
    for (const id of ['rule', 'domain']) $(id).addEventListener('change', changed);
    for (const id of FACETS) $(id).addEventListener('change', () => { chooseDeployment(); changed(); });
    let waiting = 0; // one update a frame while a slider moves
    for (const id of ['draft-length', 'cost-ratio']) {
      $(id).addEventListener('input', () => {
        cancelAnimationFrame(waiting);
        waiting = requestAnimationFrame(changed);
      });
    }
    $('best-length').addEventListener('click', () => {
      $('draft-length').value = state.view.bestK;
      changed();
    });
    options($('trusted'), [0, ...report.presets.map((_, i) => i + 1)], ['one rate', ...report.presets.map((one) => one.name)]);
    for (const [kind, on] of [['input', $('alpha')], ['change', $('trusted')], ['toggle', $('trust')]]) {
      on.addEventListener(kind, () => trust(state.view, state.view.results));
    }
    $('copy-link').addEventListener('click', () => copy($('copy-link'), location.href));
    $('copy-command').addEventListener('click', () => copy($('copy-command'), $('command').textContent, $('command')));
    $('draft-length').max = report.draftLengths[report.draftLengths.length - 1];
    $('cost-ratio').max = Math.max(1, Math.ceil(ratio.costRatio));
    $('cost-ratio').value = ratio.costRatio;
    chooseDeployment();
  }

  return { start, chooseTrace, chooseDraft, chooseDeployment, update, FACETS, csv: () => rows(state.view, state.view.results) };
})();
