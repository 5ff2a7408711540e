'use strict';
// One page, no network: its parts together, and the address that keeps what is chosen.
(() => {
  const { report, $, state, options, choose } = page;
  // In the order in which they are set: each offers what the ones before it leave.
  const KEPT = ['trace', 'draft', 'rule', 'domain', ...explorer.FACETS, 'cost-ratio', 'draft-length', 'sequence', 'seed'];
  let usual = {}; // what the page opens with: not worth a word in the address

  /** A control's value as the address says it: the words of a choice, not its place. */
  const said = (control) => (control.tagName === 'SELECT' ? (control.selectedOptions[0] || {}).textContent : control.value);

  function keep() {
    const words = new URLSearchParams();
    for (const id of KEPT) {
      const control = $(id);
      if (said(control) != null && said(control) !== usual[id]) words.set(id, said(control));
    }
    const to = words.size > 0 ? '#' + words : location.pathname + location.search;
    if ('#' + words !== location.hash) history.replaceState(null, '', to);
  }

  function chooseTrace() {
    state.trace = report.traces[$('trace').value];
    explorer.chooseTrace();
    tokens.chooseTrace();
    verdict.update();
  }

  function update() {
    explorer.update();
    tokens.update();
    keep();
  }

  /** Chooses what the address says. */
  function follow() {
    const words = new URLSearchParams(location.hash.slice(1));
    if (!location.hash.includes('=')) return;
    for (const id of KEPT) {
      if (!words.has(id)) continue;
      if ($(id).tagName === 'SELECT') choose($(id), words.get(id));
      else $(id).value = words.get(id);
      if (id === 'trace') chooseTrace();
      if (id === 'draft') explorer.chooseDraft();
      if (explorer.FACETS.includes(id)) explorer.chooseDeployment();
    }
  }

  options($('trace'), report.traces.map((_, i) => i), report.traces.map((trace) => trace.name));
  // One whose text is sampled, there the probabilities have something to say, and that can be read.
  const first = [(trace) => !trace.greedy && trace.text, (trace) => !trace.greedy, () => true].map((wanted) => report.traces.findIndex(wanted));
  $('trace').value = first.find((index) => index >= 0);
  $('trace').disabled = report.traces.length === 1;
  $('seed').value = /^\d+$/.test(report.seed) ? report.seed : '0';
  verdict.start((i) => {
    $('trace').value = i;
    chooseTrace();
    update();
    scrollTo({ top: 0 });
  });
  explorer.start(update);
  tokens.start(keep);
  chooseTrace();
  usual = Object.fromEntries(KEPT.map((id) => [id, said($(id))]));
  follow();
  update();
  $('trace').addEventListener('change', () => { chooseTrace(); update(); });
  addEventListener('hashchange', () => { follow(); update(); });
  // Places in the page leave the address alone.
  for (const link of document.querySelectorAll('nav a, .skip')) {
    link.addEventListener('click', (event) => {
      event.preventDefault();
      const section = document.querySelector(link.getAttribute('href'));
      section.scrollIntoView();
      section.tabIndex = -1;
      section.focus({ preventScroll: true });
    });
  }
  for (const form of document.forms) form.addEventListener('submit', (event) => event.preventDefault());
  charts.listen(() => {
    verdict.redraw();
    update();
  });
  const folded = []; // opened for print, and closed again
  addEventListener('beforeprint', () => {
    for (const one of document.querySelectorAll('#details > details:not(#definitions), #caveats')) {
      if (!one.open) folded.push(one);
      one.open = true;
    }
  });
  addEventListener('afterprint', () => folded.splice(0).forEach((one) => { one.open = false; }));
  document.documentElement.dataset.ready = 'true';
})();
