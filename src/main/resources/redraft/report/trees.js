'use strict';
// Trees of candidates: nodes by level from left to right, branches as wide as their reach.
const trees = (() => {
  const { append, clear, fixed, table } = charts;

  const ROW = 22; // between leaves
  const LEVEL = 60; // the least between levels, room for a node and its reach
  const RADIUS = 9;
  const WIDEST = 16; // a branch of reach 1
  const MARGIN = 14;

  /** Small reaches keep two digits. */
  const reached = (value) =>
    value === 0 ? '0' : value >= 0.0095 ? fixed(value, 2) : value >= 0.0005 ? fixed(value, 3) : '<0.001';

  /** Rows of the nodes: leaves one below the other, a parent at its first child. */
  function layout(tree) {
    const nodes = tree.nodes.map((node, index) => ({ ...node, index, children: [] }));
    const root = { index: -1, depth: 0, reach: 1, first: true, children: [] };
    for (const node of nodes) {
      node.above = node.parent < 0 ? root : nodes[node.parent];
      node.above.children.push(node);
    }
    let rows = 0;
    const order = []; // from top to bottom, each before its children
    const place = (node) => {
      if (node !== root) order.push(node);
      node.children.sort((a, b) => a.rank - b.rank);
      if (node.children.length === 0) node.row = rows++;
      node.children.forEach(place);
      if (node.children.length > 0) node.row = node.children[0].row;
    };
    place(root);
    return { root, order, rows, levels: Math.max(...order.map((node) => node.depth)) };
  }

  function path(node) {
    return node.index < 0 ? [] : [...path(node.above), node.rank];
  }

  function words(tree, node) {
    const given = node.above.reach > 0 ? `, ${fixed((100 * node.reach) / node.above.reach, 1)}% of the steps that accept the node before it` : '';
    return `Ranks ${path(node).join(', ')}: accepted by ${fixed(100 * node.reach, 2)}% of steps${node.depth > 1 ? given : ''}.`;
  }

  function draw(figure, tree) {
    clear(figure);
    append(figure, 'h3', {}, tree.words.title);
    const list = append(figure, 'ul', { class: 'legend' });
    for (const [colour, name] of [['c0', 'first choices all along'], ['c1', 'other branches']]) {
      const item = append(list, 'li');
      const key = append(item, 'svg', { viewBox: '0 0 28 12', class: colour, 'aria-hidden': 'true' });
      append(key, 'path', { class: 'branch', d: 'M0 6h28', 'stroke-width': 6 });
      item.append(name);
    }
    const { root, order, rows, levels } = layout(tree);
    const room = Math.max(280, Math.min(1128, figure.clientWidth || 560));
    const step = Math.max(LEVEL, Math.min(150, (room - 2 * MARGIN - 40) / levels));
    const width = Math.max(280, Math.ceil(2 * MARGIN + levels * step + 40));
    const height = rows * ROW + 2 * MARGIN;
    const x = (node) => MARGIN + node.depth * step;
    const y = (node) => MARGIN + (node.row + 0.5) * ROW;
    const scroll = append(figure, 'div', { class: 'scroll' });
    const svg = append(scroll, 'svg', {
      viewBox: `0 0 ${width} ${height}`, width, height, class: 'tree', role: 'tree', 'aria-label': `${tree.words.title}; arrow keys move from node to node`,
    });
    for (const node of [...order].reverse()) { // the path of first choices above the others
      const from = x(node.above) + RADIUS * (node.above === root ? 0.5 : 1);
      const to = x(node) - RADIUS;
      const bend = from + Math.min(24, (to - from) * 0.6);
      append(svg, 'path', {
        class: `branch ${node.first ? 'c0' : 'c1'}`,
        'stroke-width': Math.max(0.75, WIDEST * node.reach),
        d: `M${from} ${y(node.above)}C${bend} ${y(node.above)} ${from} ${y(node)} ${bend} ${y(node)}H${to}`,
      });
    }
    append(svg, 'circle', { class: 'root', cx: x(root), cy: y(root), r: RADIUS / 2 });
    const said = append(figure, 'p', { class: 'small reach', 'aria-live': 'polite' });
    const groups = order.map((node, i) => {
      const group = append(svg, 'g', {
        class: 'node', role: 'treeitem', tabindex: i === 0 ? 0 : -1, 'aria-level': node.depth, 'aria-label': words(tree, node),
        'data-reach': node.reach, 'aria-selected': 'false',
      });
      append(group, 'title', {}, words(tree, node));
      append(group, 'circle', { cx: x(node), cy: y(node), r: RADIUS });
      append(group, 'text', { class: 'rank', x: x(node), y: y(node) + 3.5, 'text-anchor': 'middle' }, String(node.rank));
      append(group, 'text', { class: 'tick', x: x(node) + RADIUS + 3, y: y(node) - (node.children.length > 0 ? 4 + WIDEST * node.children[0].reach / 2 : -3.5) },
        reached(node.reach));
      return group;
    });
    let chosen = 0;
    const choose = (i, focus) => {
      groups[chosen].setAttribute('tabindex', -1);
      groups[chosen].setAttribute('aria-selected', 'false');
      chosen = i;
      groups[i].setAttribute('tabindex', 0);
      groups[i].setAttribute('aria-selected', 'true');
      said.textContent = words(tree, order[i]);
      if (focus) groups[i].focus();
    };
    groups.forEach((group, i) => {
      for (const kind of ['mouseover', 'focus', 'click']) group.addEventListener(kind, () => choose(i, false));
    });
    svg.addEventListener('keydown', (event) => {
      const node = order[chosen];
      const to = {
        ArrowRight: node.children.length > 0 ? order.indexOf(node.children[0]) : chosen,
        ArrowLeft: node.above === root ? chosen : order.indexOf(node.above),
        ArrowDown: Math.min(order.length - 1, chosen + 1), ArrowUp: Math.max(0, chosen - 1), Home: 0, End: order.length - 1,
      }[event.key];
      if (to != null) {
        event.preventDefault();
        choose(to, true);
      }
    });
    choose(0, false);
    append(figure, 'figcaption', {}, tree.words.caption);
    table(figure, tree.comparison);
    const details = append(figure, 'details');
    append(details, 'summary', {}, 'Numbers');
    table(details, {
      titles: ['ranks', 'reach'],
      rows: order.map((node) => [path(node).join(' '), fixed(node.reach, 4)]),
    });
  }

  return { draw };
})();
