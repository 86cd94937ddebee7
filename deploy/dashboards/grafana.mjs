// Grafana's dashboards as far as these need them: panels of few kinds, laid out in rows from left to right.

/** The series of the pools that are chosen at the top. */
export const pools = 'namespace=~"$namespace",pool=~"$pool"';

/** The series of the accounts that are chosen at the top. */
export const accounts = 'account=~"$account"';

const datasource = { type: 'prometheus', uid: '${datasource}' };
const width = 24;

/** Colours that mean the same in all dashboards. */
export const colour = {
  good: 'green', watch: 'orange', bad: 'red', idle: 'blue', limit: 'dark-red', quiet: 'rgb(120, 120, 130)',
};

/** Thresholds: the first colour from the start, each next one from its value on. */
export const steps = (first, ...then) => ({
  mode: 'absolute',
  steps: [{ color: first, value: null }, ...then.map(([value, color]) => ({ color, value }))],
});

/** One query: what it is called in the legend, and how its line looks if not as all. */
export const query = (expr, legend = '', look = null) => ({ expr, legend, look });

function targets(queries, extra = {}) {
  return queries.map((q, i) => ({
    refId: String.fromCharCode(65 + i), datasource, editorMode: 'code', expr: q.expr,
    legendFormat: q.legend || '__auto', ...extra,
  }));
}

function override(matcher, options, properties) {
  return {
    matcher: { id: matcher, options },
    properties: Object.entries(properties).map(([id, value]) => ({ id, value })),
  };
}

const looks = {
  limit: { color: { mode: 'fixed', fixedColor: colour.limit }, 'custom.lineStyle': { fill: 'dash', dash: [8, 6] },
    'custom.fillOpacity': 0, 'custom.lineWidth': 2, 'custom.stacking': { mode: 'none', group: 'A' } },
};
const fixed = (name) => ({ color: { mode: 'fixed', fixedColor: name } });

function overridesOf(queries, colours) {
  return [
    ...queries.filter((q) => q.look).map((q) => override('byName', q.legend, looks[q.look])),
    ...Object.entries(colours).map(([name, color]) => override('byName', name, fixed(color))),
  ];
}

/**
 * Lines over time. Options: stack, bars, max, min, colours ({series: colour}), thresholds (drawn as lines), w, h.
 */
export function lines(title, description, unit, queries, o = {}) {
  return {
    type: 'timeseries', title, description, w: o.w ?? 12, h: o.h ?? 8, datasource, targets: targets(queries),
    fieldConfig: {
      defaults: {
        unit, min: o.min ?? 0, max: o.max, color: { mode: 'palette-classic' },
        thresholds: o.thresholds ?? steps(colour.good),
        custom: {
          drawStyle: o.bars ? 'bars' : 'line', lineWidth: o.bars ? 0 : 1, lineInterpolation: 'linear', spanNulls: false,
          fillOpacity: o.bars ? 90 : o.stack ? 30 : 8, showPoints: 'never', axisSoftMin: 0,
          stacking: { mode: o.stack ? 'normal' : 'none', group: 'A' },
          thresholdsStyle: { mode: o.thresholds ? 'dashed' : 'off' },
        },
      },
      overrides: overridesOf(queries, o.colours ?? {}),
    },
    options: {
      legend: { displayMode: 'table', placement: 'bottom', showLegend: true, calcs: o.calcs ?? ['lastNotNull', 'max'] },
      tooltip: { mode: 'multi', sort: 'desc' },
    },
  };
}

/** One number, large, coloured by its thresholds. */
export function stat(title, description, unit, expr, thresholds, o = {}) {
  return {
    type: 'stat', title, description, w: o.w ?? 3, h: o.h ?? 4, datasource,
    targets: targets([query(expr, o.legend ?? title)], { instant: true, range: false }),
    fieldConfig: {
      defaults: {
        unit, thresholds, color: { mode: 'thresholds' }, decimals: o.decimals, noValue: o.none ?? '–',
        mappings: o.mappings ?? [],
      },
      overrides: [],
    },
    options: {
      reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false }, colorMode: 'background', graphMode: 'none',
      justifyMode: 'center', textMode: o.textMode ?? 'value', wideLayout: true,
    },
  };
}

/** The counts of a histogram's buckets over time, as colours. */
export function heatmap(title, description, expr, o = {}) {
  return {
    type: 'heatmap', title, description, w: o.w ?? 12, h: o.h ?? 8, datasource,
    targets: targets([query(expr, '{{le}}')], { format: 'heatmap' }),
    fieldConfig: { defaults: { custom: {} }, overrides: [] },
    options: {
      calculate: false, cellGap: 1, color: { mode: 'scheme', scheme: 'Oranges', steps: 32, fill: colour.watch },
      yAxis: { unit: 's', axisPlacement: 'left' }, rowsFrame: { layout: 'auto' }, filterValues: { le: 1e-9 },
      tooltip: { mode: 'single', yHistogram: true }, legend: { show: true },
    },
  };
}

/** What held when, one bar for each series. */
export function timeline(title, description, queries, mappings, o = {}) {
  return {
    type: 'state-timeline', title, description, w: o.w ?? 12, h: o.h ?? 8, datasource, targets: targets(queries),
    fieldConfig: {
      defaults: { mappings: valueMappings(mappings), color: { mode: 'thresholds' }, thresholds: steps(colour.quiet),
        custom: { lineWidth: 0, fillOpacity: 80 } },
      overrides: [],
    },
    options: { mergeValues: true, showValue: 'never', rowHeight: 0.8, legend: { displayMode: 'list', placement: 'bottom' } },
  };
}

export const valueMappings = (mappings) => [{
  type: 'value',
  options: Object.fromEntries(mappings.map(([value, text, color], index) => [value, { text, color, index }])),
}];

/**
 * A table with a line for each set of labels and a column for each query; labels first, in the order of their titles.
 * Columns: {title: {expr, unit, thresholds, mappings, max}}; labels: {label: title}.
 */
export function table(title, description, labels, columns, o = {}) {
  const names = Object.keys(columns);
  const asked = targets(names.map((n) => query(columns[n].expr)), { format: 'table', instant: true, range: false });
  // Grafana names the column of a query "Value #A"; of a single one just "Value".
  const column = (i) => (names.length === 1 ? 'Value' : `Value #${asked[i].refId}`);
  const titles = Object.keys(labels);
  return {
    type: 'table', title, description, w: o.w ?? width, h: o.h ?? 8, datasource, targets: asked,
    transformations: [
      { id: 'merge', options: {} },
      {
        id: 'organize',
        options: {
          excludeByName: { Time: true, ...Object.fromEntries(names.flatMap((n, i) => (columns[n].hide ? [[column(i), true]] : []))) },
          indexByName: Object.fromEntries([...titles, ...names.map((_, i) => column(i))].map((n, i) => [n, i])),
          renameByName: { ...labels, ...Object.fromEntries(names.map((n, i) => [column(i), n])) },
        },
      },
    ],
    fieldConfig: {
      defaults: { custom: { align: 'auto', filterable: true }, thresholds: steps('text') },
      overrides: names.filter((n) => !columns[n].hide).map((n) => override('byName', n, {
        unit: columns[n].unit ?? 'short',
        ...(columns[n].decimals === undefined ? {} : { decimals: columns[n].decimals }),
        ...(columns[n].thresholds
          ? { thresholds: columns[n].thresholds, 'custom.cellOptions': { type: columns[n].max ? 'gauge' : 'color-background', mode: 'gradient' } }
          : {}),
        ...(columns[n].max ? { min: 0, max: columns[n].max } : {}),
        ...(columns[n].mappings ? { mappings: valueMappings(columns[n].mappings) } : {}),
      })),
    },
    options: { showHeader: true, cellHeight: 'sm', sortBy: o.sortBy ?? [] },
  };
}

/** A sentence among the panels. */
export const note = (title, content, o = {}) => ({
  type: 'text', title, description: '', w: o.w ?? width, h: o.h ?? 3, options: { mode: 'markdown', content },
});

/** A variable whose values Prometheus has. */
export const choice = (name, label, expr) => ({
  name, label, type: 'query', datasource, definition: expr, query: { qryType: 1, query: expr, refId: name },
  multi: true, includeAll: true, allValue: '.*', refresh: 2, sort: 1,
  current: { selected: true, text: ['All'], value: ['$__all'] },
});

/** A variable with values of ours; the first is chosen at first. */
export const fixedChoice = (name, label, first, values) => ({
  name, label, type: 'custom', query: values.join(','), multi: false, includeAll: false,
  current: { selected: true, text: first, value: first },
  options: values.map((v) => ({ text: v, value: v, selected: v === first })),
});

export const datasourceChoice = {
  name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus', multi: false, includeAll: false,
  current: {}, refresh: 1,
};

export const namespaceChoice = choice('namespace', 'Namespace', 'label_values(runnerscaler_runners, namespace)');
export const poolChoice = choice(
  'pool', 'Pool', 'label_values(runnerscaler_runners{namespace=~"$namespace"}, pool)');

/** Vertical marks, or areas, where a query has a value. */
export const annotation = (name, expr, title, iconColor) => ({
  name, datasource, enable: true, hide: false, expr, iconColor, titleFormat: title, step: '30s',
});

/** A small number that stays the same for a panel as long as its title does: links to panels go on working. */
function idOf(title) {
  let hash = 5381;
  for (const c of title) hash = (hash * 33 + c.charCodeAt(0)) % 1_000_003;
  return hash + 1;
}

function laidOut(rows) {
  const out = [];
  let y = 0;
  for (const { title, panels, collapsed = false } of rows) {
    const row = { type: 'row', id: idOf(`row ${title}`), title, collapsed, gridPos: { x: 0, y, w: width, h: 1 }, panels: [] };
    out.push(row);
    y += 1;
    let [x, high] = [0, 0];
    for (const { w, h, ...panel } of panels) {
      if (x + w > width) [x, y, high] = [0, y + high, 0];
      (collapsed ? row.panels : out).push({ id: idOf(panel.title), gridPos: { x, y, w, h }, ...panel });
      [x, high] = [x + w, Math.max(high, h)];
    }
    y += high;
  }
  const ids = out.flatMap((p) => [p, ...(p.panels ?? [])]).map((p) => p.id);
  if (new Set(ids).size !== ids.length) throw new Error('two panels of one dashboard have the same title, or give the same id: change one');
  return out;
}

export function dashboard({ uid, title, description, variables, annotations = [], rows, from = 'now-6h' }) {
  return {
    uid, title, description, tags: ['runnerscaler'], schemaVersion: 41, version: 1, editable: true, graphTooltip: 1,
    refresh: '30s', time: { from, to: 'now' }, timezone: 'browser', fiscalYearStartMonth: 0, weekStart: '',
    links: [{
      type: 'dashboards', title: 'RunnerScaler', tags: ['runnerscaler'], asDropdown: false, includeVars: true,
      keepTime: true, targetBlank: false, icon: 'external link', tooltip: '', url: '',
    }],
    annotations: { list: annotations },
    templating: { list: variables },
    panels: laidOut(rows),
  };
}
