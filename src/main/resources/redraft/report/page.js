'use strict';
// What the parts of the page share: its data, what is chosen, and how things are shown.
const page = (() => {
  const { append, clear } = charts;
  const report = replay.unpack(JSON.parse(document.getElementById('data').textContent));
  const $ = (id) => document.getElementById(id);
  const state = { trace: null };

  if (report.deployments.every((deployment) => deployment.costRatio == null)) {
    report.deployments.push({ index: report.deployments.length, pair: '', batch: 1, context: null, costRatio: 0.1, compared: false }); // what if
  }

  function options(select, values, labels = values) {
    const kept = select.value;
    clear(select);
    values.forEach((value, i) => append(select, 'option', { value }, labels[i]));
    if (values.map(String).includes(kept)) select.value = kept;
  }

  /** Chooses an option by its value or its text, where there is such a one. */
  function choose(select, value) {
    const found = [...select.options].find((option) => option.value === String(value) || option.textContent === String(value));
    if (found) select.value = found.value;
  }

  function show(id, value, text) {
    $(id).textContent = text;
    $(id).dataset.value = Array.isArray(value) ? value.join(' ') : value;
  }

  /** To the clipboard, and where a page may not write there, selected so that the keyboard copies it. */
  async function copy(button, text, shown) {
    let done = true;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const field = append(document.body, 'textarea', { class: 'off', 'aria-hidden': 'true' });
      field.value = text;
      field.select();
      done = document.execCommand('copy');
      field.remove();
      if (!done && shown) getSelection().selectAllChildren(shown);
    }
    const label = button.dataset.label || button.textContent;
    button.dataset.label = label;
    button.textContent = done ? 'Copied' : 'Selected: press Ctrl+C';
    setTimeout(() => { button.textContent = label; }, 1600);
  }

  return { report, $, state, options, choose, show, copy };
})();
