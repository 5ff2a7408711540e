'use strict';
// Two recordings beside each other: answers, tables, charts.
(() => {
  const { append, table, draw, listen } = charts;
  const found = JSON.parse(document.getElementById('data').textContent);
  const $ = (id) => document.getElementById(id);

  $('subject').textContent = found.subject;
  $('headline').textContent = found.headline;
  found.answers.forEach((line) => append($('answers'), 'li', {}, line));
  found.tables.forEach((one) => table($('tables'), one));
  $('all-title').textContent = found.all.caption;
  table($('all'), { ...found.all, caption: null });
  const drawn = found.charts.map((chart) => {
    const figure = append($('charts'), 'figure', { class: 'chart' });
    return () => draw(figure, chart, { level: 'h4' });
  });
  found.caveats.forEach((line) => append($('caveat-list'), 'li', {}, line));
  table($('recordings'), found.recordings);
  $('command').textContent = found.command;
  found.sources.forEach((source) => append($('source-list'), 'li', {}, source));
  drawn.forEach((draws) => draws());
  listen(() => drawn.forEach((again) => again()));
  document.documentElement.dataset.ready = 'true';
})();
