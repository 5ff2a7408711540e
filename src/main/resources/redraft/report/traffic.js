'use strict';
// What serving under load gave: answers, charts, tables.
(() => {
  const { append, table, draw, listen } = charts;
  const traffic = JSON.parse(document.getElementById('data').textContent);
  const $ = (id) => document.getElementById(id);
  const drawn = []; // what to draw again when the width changes

  $('subject').textContent = traffic.parts.map((part) => part.name).join(', ');
  for (const part of traffic.parts) {
    const section = append($('parts'), 'section');
    append(section, 'h2', {}, traffic.parts.length > 1 ? part.name : 'Summary');
    append(section, 'p', { class: 'headline' }, part.headline);
    const list = append(section, 'ul');
    part.answers.forEach((line) => append(list, 'li', {}, line));
    table(section, part.table);
    if (part.all) {
      const details = append(section, 'details');
      append(details, 'summary', {}, part.all.caption);
      table(details, { ...part.all, caption: null });
    }
    append(section, 'h3', {}, 'Charts');
    const grid = append(section, 'div', { class: 'charts' });
    for (const chart of part.charts) {
      const figure = append(grid, 'figure', { class: 'chart' });
      drawn.push(() => draw(figure, chart, { level: 'h4' }));
    }
  }
  traffic.caveats.forEach((line) => append($('caveat-list'), 'li', {}, line));
  table($('settings'), traffic.settings);
  $('command').textContent = traffic.command;
  for (const source of traffic.sources) append($('source-list'), 'li', {}, source);
  drawn.forEach((draws) => draws());
  listen(() => drawn.forEach((again) => again()));
  document.documentElement.dataset.ready = 'true';
})();
