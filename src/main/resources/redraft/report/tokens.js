'use strict';
// One run of a text, step by step: what the draft proposed, what the target kept, what it added.
const tokens = (() => {
  const { append, clear, fixed } = charts;
  const { report, $, state, options, show } = page;
  const PAUSE = { draft: 900, verify: 900, done: 500 }; // milliseconds that a part of a step is shown, at speed 1

  const KINDS = {
    accepted: 'the draft’s, kept',
    recovered: 'the target’s own, in place of a rejected token',
    bonus: 'the target’s own, after a draft that was kept whole',
    prefill: 'written while the prompt was read, before the first step',
  };

  // Steps that are over, and the part of the next one that is shown: 'done' between steps.
  const now = { step: 0, part: 'done', timer: 0 };

  function pieces(trace, sequence) {
    if (!trace.text) return null;
    let at = sequence.text;
    return Array.from({ length: sequence.tokens }, (_, i) => {
      const length = trace.pieceLengths[sequence.from + i];
      at += length;
      return trace.text.slice(at - length, at);
    });
  }

  function chooseTrace() {
    options($('sequence'), state.trace.sequences.map((_, i) => i),
      state.trace.sequences.map((sequence) => `${sequence.id}${sequence.sample ? ', sample ' + sequence.sample : ''} (${sequence.domain})`));
    state.selected = 0;
  }

  function current() {
    return { trace: state.trace, sequence: state.trace.sequences[$('sequence').value], draft: state.trace.drafts[$('draft').value], rule: $('rule').value };
  }

  // ---- the run as a whole

  function update() {
    pause();
    const { trace, sequence, draft, rule } = current();
    const K = Number($('draft-length').value);
    const law = replay.lawOf(draft, rule, sequence);
    const seed = /^\d+$/.test($('seed').value) ? BigInt.asIntN(64, BigInt($('seed').value)) : 0n;
    const steps = replay.timeline(sequence, law, K, seed);
    const kept = document.activeElement && document.activeElement.parentElement === $('text').lastElementChild;
    state.steps = steps;
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
    state.texts = pieces(trace, sequence);
    show('text-note', [steps.length, drafted, accepted],
      `One of the runs that could have written this text, drawn under the seed; every run writes the same text: ` +
      `${steps.length} steps, ${accepted} of ${drafted} drafted tokens kept, ${fixed(law.length / steps.length, 2)} tokens a step. ` +
      `On average over all runs: ${fixed(law.length / replay.expectation(sequence, law, K, replay.costsOf(trace, { costRatio: 0, context: null }, draft, 0)).steps, 2)}. ` +
      (state.texts ? '' : 'Token numbers are shown: no tokenizer was at hand when the report was written (redraft report --models DIR). ') +
      (sequence.tokens === state.run.length ? '' : 'The measured run differs in length from the recorded tokens. '));
    const container = clear($('text'));
    append(container, 'span', { class: 'prompt' }, sequence.prompt || `(${sequence.promptTokens} prompt tokens) `);
    const list = append(container, 'span', { role: 'listbox', 'aria-orientation': 'horizontal', 'aria-label': 'Generated tokens; arrow keys move from token to token, space plays and pauses' });
    state.ghosts = null;
    state.spans = [];
    for (let i = 0; i < Math.min(sequence.tokens, state.run.length); i++) {
      const piece = state.texts ? state.texts[i] : '';
      const run = state.run[i];
      const text = piece || `⟨${trace.tokens[sequence.from + i]}⟩`;
      const span = append(list, 'span', {
        class: `token ${run.kind}${run.place === 1 && i > 0 ? ' first' : ''}${piece ? '' : ' bare'}`,
        role: 'option', tabindex: -1, 'aria-selected': 'false', 'data-index': i,
        'aria-label': `${piece.trim() || 'token ' + trace.tokens[sequence.from + i]}, ${KINDS[run.kind]}`,
      }, text === '\n' ? '⏎\n' : text);
      state.spans.push(span);
    }
    $('seek').max = steps.length;
    now.step = steps.length;
    now.part = 'done';
    paint(true);
    select(Math.min(state.selected || 0, state.spans.length - 1), kept);
  }

  // ---- step by step

  const NUMBERS = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];
  const few = (n, word = 'token') => `${NUMBERS[n] ?? n} ${word}${n === 1 ? '' : 's'}`;

  /** What is shown of the run at this moment. */
  function paint(whole) {
    const steps = state.steps;
    const from = steps.length === 0 || now.step === steps.length ? state.spans.length : current().sequence.decodeFrom + steps[now.step].start;
    const last = steps[now.step - 1];
    state.spans.forEach((span, i) => {
      span.classList.toggle('future', i >= from);
      span.classList.toggle('now', !whole && now.part === 'done' && last != null && state.run[i].step === last);
    });
    $('seek').value = now.step;
    $('seek-value').textContent = `${now.step} of ${steps.length}`;
    if (state.ghosts) state.ghosts.remove();
    state.ghosts = null;
    if (whole || steps.length === 0) {
      const accepted = steps.reduce((sum, step) => sum + step.accepted, 0);
      $('said').textContent = `The whole run: ${steps.length} steps instead of ${state.run.length - current().sequence.decodeFrom}, ${accepted} tokens from the draft. Play it, or go step by step.`;
      return;
    }
    if (now.part === 'done') {
      $('said').textContent = last ? `Step ${now.step}: ${outcome(last)}` : 'Before the first step.';
      if (last && last.accepted < last.drafted) ghosts(last, last.accepted, 'done');
    } else {
      const step = steps[now.step];
      ghosts(step, 0, now.part);
      $('said').textContent = now.part === 'draft'
        ? `Step ${now.step + 1}: the draft proposes ${few(step.drafted)}.`
        : `Step ${now.step + 1}: the target checks them in one pass and keeps ${step.accepted === step.drafted ? 'them all' : step.accepted === 0 ? 'none' : few(step.accepted)}.`;
    }
  }

  function outcome(step) {
    if (step.drafted === 0) return 'nothing was drafted; the target added a token of its own.';
    const pass = `${few(step.accepted + 1)} for one pass of the target.`;
    if (step.accepted === 0) return `the target rejected the first of ${few(step.drafted)} and put its own in its place: ${pass}`;
    return step.accepted === step.drafted
      ? `all ${few(step.drafted)} kept, and one more added: ${pass}`
      : `of ${few(step.drafted)} the target kept ${few(step.accepted)}, rejected the next and put its own in its place: ${pass}`;
  }

  /** The proposals of a step from a place on: kept ones are tokens of the text, of others what the recording knows. */
  function ghosts(step, from, part) {
    const { sequence, draft, rule } = current();
    const box = append($('text'), 'span', { class: 'ghosts', 'aria-hidden': 'true' });
    const instead = state.spans[sequence.decodeFrom + step.start + step.accepted];
    if (part === 'done' && instead) instead.before(box); // where they would have stood
    state.ghosts = box;
    for (let i = from; i < step.drafted; i++) {
      const index = sequence.decodeFrom + step.start + i;
      const own = i === step.accepted ? rejected(draft, rule, sequence.from + index) : null;
      const text = i < step.accepted
        ? (state.texts && state.texts[index]) || `⟨${state.trace.tokens[sequence.from + index]}⟩`
        : own ? visible(own.text) : i === step.accepted ? '?' : '·';
      const fate = part === 'draft' ? 'ghost' : i < step.accepted ? 'ghost kept' : 'ghost struck';
      append(box, part === 'draft' || i < step.accepted ? 'span' : 's', { class: fate }, text === '\n' ? '⏎' : text);
      if (own && own.words.includes('gone on with')) break; // it is the whole of the rest
    }
  }

  function advance() {
    if (now.step >= state.steps.length) return pause();
    if (now.part === 'done') now.part = 'draft';
    else if (now.part === 'draft') now.part = 'verify';
    else {
      now.part = 'done';
      now.step++;
    }
    paint(false);
    const seen = state.ghosts || state.spans[Math.max(0, state.spans.findIndex((span) => span.classList.contains('future')) - 1)];
    if (seen && now.timer) seen.scrollIntoView({ block: 'nearest' });
    if (now.timer) now.timer = setTimeout(advance, PAUSE[now.part] / Number($('speed').value));
  }

  function play() {
    if (now.timer) return pause();
    if (now.step >= state.steps.length) now.step = 0;
    now.part = 'done';
    $('play').textContent = 'Pause';
    $('said').setAttribute('aria-live', 'off'); // a voice would not keep up
    now.timer = setTimeout(advance, 0);
  }

  function pause() {
    clearTimeout(now.timer);
    now.timer = 0;
    $('play').textContent = 'Play';
    $('said').removeAttribute('aria-live');
  }

  /** Shows the run after so many steps. */
  function seek(step) {
    pause();
    now.step = Math.max(0, Math.min(state.steps.length, step));
    now.part = 'done';
    paint(false);
    const index = state.run.findLastIndex((run) => run.number === now.step); // the target's own
    if (index >= 0) select(Math.min(index, state.spans.length - 1), false);
  }

  // ---- a token

  function select(index, focus) {
    if (index < 0 || !state.spans[index]) {
      clear($('token'));
      return;
    }
    for (const before of $('text').querySelectorAll('.selected')) {
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

  /**
   * What the draft proposed where it was rejected: of its first choices what it would have gone on with, of draws another draw that
   * was recorded, or the token that is rejected most often.
   */
  function rejected(draft, rule, at) {
    const wrote = draft.wrote || {};
    const choices = rule === 'greedy-draft' || state.trace.greedy;
    const chain = choices ? (wrote.greedy || (state.trace.greedy && wrote.sampled) || [])[at] : (wrote.sampled || [])[at];
    if (chain) return { text: chain, words: choices ? 'Rejected here, and what the draft would have gone on with:'
      : 'The rejected token is one that the draft drew. What it drew from here by itself, when it was recorded:' };
    if (choices) return wrote.choice && wrote.choice[at] ? { text: wrote.choice[at], words: 'Rejected here:' } : null;
    const likely = wrote.likely && wrote.likely[at];
    if (!likely) return null;
    const space = likely.indexOf(' ');
    return { text: likely.slice(space + 1), words: `Rejected here is most often (${likely.slice(0, space)}% of cases):` };
  }

  function describe(index) {
    const { trace, sequence, draft, rule } = current();
    const at = sequence.from + index;
    const run = state.run[index];
    const box = clear($('token'));
    append(box, 'button', { type: 'button', class: 'close' }, 'Close').addEventListener('click', close);
    const title = append(box, 'div');
    append(title, 'code', {}, visible(state.texts && state.texts[index] ? state.texts[index] : `⟨${trace.tokens[at]}⟩`));
    append(box, 'div', { class: 'note' }, KINDS[run.kind] + (index === sequence.tokens - 1 ? '; it ends the text' : ''));
    const list = append(box, 'dl');
    const row = (name, value, exact) => {
      append(list, 'dt', {}, name);
      const cell = append(list, 'dd', {}, value);
      if (exact != null) cell.dataset.value = exact;
    };
    if (run.step) row('step', `${run.number}: kept ${run.step.accepted} of ${run.step.drafted}`);
    if (draft.logprob) {
      const p = Math.exp(trace.logprob[at]);
      const q = Math.exp(draft.logprob[at]);
      row('target gives it p', probability(p), p);
      row('draft gives it q', probability(q), q);
      if (run.step) {
        const S = new Float64Array(run.place + 1);
        const law = replay.lawOf(draft, rule, sequence);
        const t = index - sequence.decodeFrom;
        const reached = run.place <= run.step.drafted && t - run.step.start === run.place - 1;
        law.survival(t, 1, S);
        row('chance that the draft supplies it, starting here', probability(S[1]), S[1]);
        if (reached && run.place > 1) {
          law.survival(run.step.start, run.place, S);
          const here = S[run.place] / S[run.place - 1];
          row(`the same as token ${run.place} of this draft`, probability(here), here);
        }
      }
      row('rank in the draft’s list', String(draft.rank[at]), draft.rank[at]);
      row('target’s uncertainty (nats)', fixed(trace.entropy[at], 3), trace.entropy[at]);
      row('agreement Σ min(p, q)', fixed(draft.overlap[at], 3), draft.overlap[at]);
    } else if (run.step && draft.laws[rule].matched) {
      const matched = draft.laws[rule].matched[draft.starts[sequence.index] + index - sequence.decodeFrom];
      row('kept of a draft starting here', String(matched), matched);
    }
    row('position', String(index));
    row('token number', String(trace.tokens[at]));
    const own = run.kind === 'recovered' ? rejected(draft, rule, at) : null;
    if (own) {
      append(box, 'div', { class: 'note' }, own.words);
      append(append(box, 'div'), 'code', { class: 'rejected' }, visible(own.text));
    } else if (run.kind === 'recovered' && draft.logprob) {
      append(box, 'div', { class: 'note' }, 'What was rejected here is not in this recording (record --logits top, or --rollouts).');
    }
    if (!draft.logprob) {
      append(box, 'div', { class: 'note' }, !draft.model
        ? 'A copied token is certain under the draft; it is kept exactly when the text goes on with it.'
        : 'The recording holds accept lengths only: no p, q, rank or entropy.');
    }
  }

  /** On a narrow screen the detail lies over the text. */
  function close() {
    $('token').classList.remove('open');
  }

  function start(changed) {
    $('sequence').addEventListener('change', () => { state.selected = 0; update(); changed(); });
    $('seed').addEventListener('input', () => { update(); changed(); });
    $('play').addEventListener('click', play);
    $('back').addEventListener('click', () => seek(now.step - 1));
    $('forward').addEventListener('click', () => seek(now.step >= state.steps.length ? 1 : now.step + 1));
    $('seek').addEventListener('input', () => seek(Number($('seek').value)));
    const over = (event) => {
      const span = event.target.closest('.token');
      if (!span) return;
      select(Number(span.dataset.index), false);
      if (event.type === 'click') $('token').classList.add('open');
    };
    $('text').addEventListener('mouseover', over);
    $('text').addEventListener('focusin', over);
    $('text').addEventListener('click', over);
    $('tokens').addEventListener('keydown', (event) => {
      if (event.key === 'Escape') close();
      if (!event.target.closest('#text')) return;
      const last = state.spans.findLastIndex((span) => !span.classList.contains('future'));
      const to = {
        ArrowRight: Math.min(last, state.selected + 1), ArrowLeft: Math.max(0, state.selected - 1),
        ArrowDown: Math.min(last, state.selected + 10), ArrowUp: Math.max(0, state.selected - 10), Home: 0, End: last,
      }[event.key];
      if (event.key === ' ') play();
      else if (event.key === 'Enter') $('token').classList.add('open');
      else if (to != null) select(to, true);
      else return;
      event.preventDefault();
    });
  }

  return { start, chooseTrace, update };
})();
