// Land, boundary lines and labels: the layers of the `base` tiles.

import { PROVINCE_TINTS } from './palettes.mjs';

export const FONT = ['Zhifang'];

const drawnFor = (level) => ['in', level, ['get', 'levels']];
const levelIs = (level) => ['==', ['get', 'level'], level];
const name = ['get', 'name'];

/** A layer of the base map; `group` is the switch of the legend it obeys. */
const base = (id, layer, group) => ({
  id,
  source: 'base',
  ...layer,
  ...(group || layer.metadata
    ? { metadata: { ...(group ? { 'zhifang:group': group } : {}), ...layer.metadata } }
    : {}),
});

export function landLayers(p) {
  const tint = [
    'match',
    ['slice', ['get', 'code'], 0, 2],
    ...PROVINCE_TINTS.flatMap((codes, i) => [codes, p.tints[i]]),
    p.land,
  ];
  return [
    { id: 'sea', type: 'background', paint: { 'background-color': p.sea } },
    base('land', {
      type: 'fill',
      'source-layer': 'divisions',
      filter: drawnFor('province'),
      paint: {
        'fill-antialias': false,
        'fill-color': ['interpolate', ['linear'], ['zoom'], 5, tint, p.tintEnd, p.land],
      },
    }),
    base('division-hit', {
      type: 'fill',
      'source-layer': 'divisions',
      filter: ['==', ['get', 'code'], ''],
      paint: { 'fill-antialias': false, 'fill-color': p.reach, 'fill-opacity': 0.14 },
      metadata: { 'zhifang:role': 'selection' },
    }),
  ];
}

/** Dashes are multiples of the line's width, so widths go in steps: otherwise dashes breathe. */
const steps = (...stops) => ['step', ['zoom'], ...stops];

/** Provinces whose outer edge is the sea, and those that have a land frontier as well. */
const SEA_PROVINCES = ['12', '13', '31', '32', '33', '35', '37', '44', '46', '71', '81', '82'];
const BOTH_PROVINCES = ['21', '45'];
/**
 * Units of the latter that lie at the frontier, of every level because low zooms carry high units;
 * where one lies at both, the frontier is drawn.
 */
const FRONTIER_UNITS = [
  '210000', '210600', '210602', '210603', '210604', '210624', '210681', '450000', '450600', '451000', '451400',
  '450603', '450681', '451026', '451081', '451422', '451423', '451424', '451481',
];
const owner = ['to-string', ['coalesce', ['get', 'left'], ['get', 'right'], '']];
/** The nation's outer edge is one level in the tiles; the coast is drawn as a coast. */
const IS_COAST = [
  'any',
  ['in', ['slice', owner, 0, 2], ['literal', SEA_PROVINCES]],
  [
    'all',
    ['in', ['slice', owner, 0, 2], ['literal', BOTH_PROVINCES]],
    ['!', ['in', ['slice', owner, 0, 6], ['literal', FRONTIER_UNITS]]],
  ],
];

const lineName = ['coalesce', ['get', 'name'], ''];
/**
 * Lines at sea between provinces and round the special regions: published among the nation's dashes,
 * but no national line.
 */
const IS_INNER_SEA_LINE = [
  'any',
  ['match', ['coalesce', ['get', 'kind'], ''], ['special_region', 'inter_province'], true, false],
  ['in', '特别行政区', lineName],
  ['in', '海域界线', lineName],
];
const IS_NATIONAL = ['all', levelIs('country'), ['!', IS_COAST], ['!', IS_INNER_SEA_LINE]];
const IS_PROVINCIAL = ['any', levelIs('province'), ['all', levelIs('country'), IS_INNER_SEA_LINE]];

export function boundaryLayers(p) {
  const s = p.boundaryStrength;
  const line = (id, level, layer) =>
    base(
      id,
      {
        type: 'line',
        'source-layer': 'boundaries',
        filter: levelIs(level),
        ...layer,
        layout: { 'line-join': 'round', ...(layer.layout ?? {}) },
      },
      'divisions',
    );
  return [
    line('boundary-village', 'village', {
      minzoom: 12,
      paint: { 'line-color': p.village, 'line-width': 0.9 * s, 'line-dasharray': [1, 3.5] },
    }),
    line('boundary-township', 'township', {
      minzoom: 9,
      paint: { 'line-color': p.township, 'line-width': steps(0.9 * s, 11, 1.1 * s, 13, 1.4 * s), 'line-dasharray': [1.2, 2] },
    }),
    line('boundary-county', 'county', {
      minzoom: 6,
      paint: {
        'line-color': p.county,
        'line-width': steps(0.6 * s, 8, 1 * s, 10, 1.3 * s, 12, 1.6 * s),
        'line-dasharray': [5, 2.5],
        'line-opacity': ['interpolate', ['linear'], ['zoom'], 6, 0.45, 8, 1],
      },
    }),
    line('boundary-prefecture', 'prefecture', {
      minzoom: 4,
      paint: {
        'line-color': p.prefecture,
        'line-width': steps(0.5 * s, 6, 0.9 * s, 8, 1.3 * s, 10, 1.7 * s, 12, 2.2 * s),
        'line-dasharray': [6, 2, 1, 2, 1, 2],
        'line-opacity': ['interpolate', ['linear'], ['zoom'], 4, 0, 5, 0.55, 7, 1],
      },
    }),
    line('boundary-province-casing', 'province', {
      filter: IS_PROVINCIAL,
      layout: { 'line-cap': 'round' },
      paint: {
        'line-color': p.provinceCasing,
        'line-opacity': p.provinceCasingOpacity,
        'line-width': ['interpolate', ['linear'], ['zoom'], 3, 2, 6, 4, 12, 9],
      },
    }),
    line('boundary-province-low', 'province', {
      filter: IS_PROVINCIAL,
      maxzoom: 5,
      paint: { 'line-color': p.province, 'line-width': ['interpolate', ['linear'], ['zoom'], 3, 0.6, 5, 0.9], 'line-opacity': 0.8 },
    }),
    line('boundary-province', 'province', {
      filter: IS_PROVINCIAL,
      minzoom: 5,
      paint: { 'line-color': p.province, 'line-width': steps(1, 7, 1.4, 9, 1.8, 11, 2.3, 13, 2.8), 'line-dasharray': [7, 2.2, 1, 2.2] },
    }),
    line('boundary-coast', 'country', {
      filter: ['all', levelIs('country'), IS_COAST],
      paint: { 'line-color': p.coast, 'line-width': ['interpolate', ['linear'], ['zoom'], 3, 0.6, 6, 0.9, 12, 1.4] },
    }),
    line('boundary-country-casing', 'country', {
      filter: IS_NATIONAL,
      layout: { 'line-cap': 'round' },
      paint: {
        'line-color': p.countryCasing,
        'line-opacity': p.countryCasingOpacity,
        'line-width': ['interpolate', ['linear'], ['zoom'], 3, 4, 6, 7, 12, 11],
      },
    }),
    line('boundary-country', 'country', {
      filter: IS_NATIONAL,
      layout: { 'line-cap': 'round' },
      paint: { 'line-color': p.country, 'line-width': ['interpolate', ['linear'], ['zoom'], 3, 1.1, 6, 1.6, 12, 2.6] },
    }),
    {
      ...line('boundary-selected', 'none', {
        layout: { 'line-cap': 'round' },
        paint: { 'line-color': p.reach, 'line-width': ['interpolate', ['linear'], ['zoom'], 3, 2, 12, 3.5], 'line-opacity': 0.9 },
      }),
      metadata: { 'zhifang:role': 'selection' },
    },
  ];
}

const SHORT_ZH = {
  11: '北京', 12: '天津', 13: '河北', 14: '山西', 15: '内蒙古', 21: '辽宁', 22: '吉林', 23: '黑龙江', 31: '上海', 32: '江苏',
  33: '浙江', 34: '安徽', 35: '福建', 36: '江西', 37: '山东', 41: '河南', 42: '湖北', 43: '湖南', 44: '广东', 45: '广西',
  46: '海南', 50: '重庆', 51: '四川', 52: '贵州', 53: '云南', 54: '西藏', 61: '陕西', 62: '甘肃', 63: '青海', 64: '宁夏',
  65: '新疆', 71: '台湾', 81: '香港', 82: '澳门',
};
const SHORT_EN = {
  11: 'Beijing', 12: 'Tianjin', 13: 'Hebei', 14: 'Shanxi', 15: 'Nei Mongol', 21: 'Liaoning', 22: 'Jilin', 23: 'Heilongjiang',
  31: 'Shanghai', 32: 'Jiangsu', 33: 'Zhejiang', 34: 'Anhui', 35: 'Fujian', 36: 'Jiangxi', 37: 'Shandong', 41: 'Henan',
  42: 'Hubei', 43: 'Hunan', 44: 'Guangdong', 45: 'Guangxi', 46: 'Hainan', 50: 'Chongqing', 51: 'Sichuan', 52: 'Guizhou',
  53: 'Yunnan', 54: 'Xizang', 61: 'Shaanxi', 62: 'Gansu', 63: 'Qinghai', 64: 'Ningxia', 65: 'Xinjiang', 71: 'Taiwan',
  81: 'Hong Kong', 82: 'Macao',
};
const short = (names) => ['match', ['slice', ['get', 'code'], 0, 2], ...Object.entries(names).flat(), name];

const ANCHORS = ['center', 'top', 'bottom', 'left', 'right'];
const rank = ['coalesce', ['get', 'rank'], 0];

function label(p, id, level, layer) {
  return base(
    id,
    {
      type: 'symbol',
      'source-layer': 'division_labels',
      filter: levelIs(level),
      ...layer,
      layout: {
        'text-font': FONT,
        'text-field': name,
        'text-max-width': 7,
        'text-padding': 3,
        'symbol-sort-key': rank,
        'text-variable-anchor': ANCHORS,
        'text-radial-offset': 0.35,
        'text-justify': 'auto',
        ...layer.layout,
      },
      paint: {
        'text-color': p.text,
        'text-halo-color': p.halo,
        'text-halo-width': 1.4,
        'text-halo-blur': 0.3,
        ...layer.paint,
      },
    },
    'divisions',
  );
}

/** Labels, lowest priority first: MapLibre places the topmost layer first. */
export function labelLayers(p) {
  return [
    label(p, 'label-village', 'village', {
      minzoom: 12,
      layout: { 'text-size': ['interpolate', ['linear'], ['zoom'], 12, 11, 15, 13] },
      paint: { 'text-color': p.textSoft },
    }),
    label(p, 'label-township', 'township', {
      minzoom: 9.5,
      layout: { 'text-size': ['interpolate', ['linear'], ['zoom'], 9.5, 11.5, 13, 14] },
      paint: { 'text-color': p.textSoft },
    }),
    label(p, 'label-county', 'county', {
      minzoom: 7,
      maxzoom: 12.5,
      layout: { 'text-size': ['interpolate', ['linear'], ['zoom'], 7, 11, 10, 14, 13, 16] },
    }),
    label(p, 'label-prefecture', 'prefecture', {
      minzoom: 5,
      maxzoom: 10.5,
      layout: { 'text-size': ['interpolate', ['linear'], ['zoom'], 5, 11.5, 8, 14.5, 10, 16], 'text-letter-spacing': 0.04 },
    }),
    label(p, 'label-province', 'province', {
      minzoom: 5,
      maxzoom: 8,
      layout: { 'text-size': ['interpolate', ['linear'], ['zoom'], 5, 14, 7, 17], 'text-letter-spacing': 0.12 },
      paint: { 'text-color': p.province, 'text-halo-width': 1.8 },
    }),
    label(p, 'label-province-short', 'province', {
      maxzoom: 5,
      metadata: { 'zhifang:text-field-en': short(SHORT_EN) },
      layout: {
        'text-field': short(SHORT_ZH),
        'text-size': ['interpolate', ['linear'], ['zoom'], 1.5, 10, 3, 12, 5, 15],
        'text-padding': 1,
        'symbol-sort-key': ['match', ['slice', ['get', 'code'], 0, 2], ['81', '82'], 99, 0],
      },
    }),
  ];
}

export function nameLayers(p) {
  const category = ['to-string', ['get', 'category']];
  const colour = ['match', category, '1', p.nature, '5', p.street, p.textSoft];
  const text = {
    'text-font': FONT,
    'text-field': name,
    'text-size': ['interpolate', ['linear'], ['zoom'], 10, 11, 15, 13],
    'text-max-width': 8,
    'text-padding': 4,
  };
  const paint = { 'text-color': colour, 'text-halo-color': p.halo, 'text-halo-width': 1.4 };
  return [
    base(
      'name-line',
      {
        type: 'symbol',
        'source-layer': 'names',
        minzoom: 10,
        filter: ['==', ['geometry-type'], 'LineString'],
        layout: { ...text, 'symbol-placement': 'line', 'symbol-spacing': 320, 'text-letter-spacing': 0.1 },
        paint,
      },
      'names',
    ),
    base(
      'name-dot',
      {
        type: 'circle',
        'source-layer': 'names',
        minzoom: 11,
        filter: ['==', ['geometry-type'], 'Point'],
        paint: { 'circle-radius': ['interpolate', ['linear'], ['zoom'], 11, 1.6, 15, 3], 'circle-color': colour, 'circle-stroke-color': p.halo, 'circle-stroke-width': 1 },
      },
      'names',
    ),
    base(
      'name-point',
      {
        type: 'symbol',
        'source-layer': 'names',
        minzoom: 12,
        filter: ['!=', ['geometry-type'], 'LineString'],
        layout: { ...text, 'text-variable-anchor': ['left', 'right', 'top', 'bottom'], 'text-radial-offset': 0.5, 'text-justify': 'auto' },
        paint,
      },
      'names',
    ),
    base(
      'sign',
      {
        type: 'symbol',
        'source-layer': 'signs',
        minzoom: 13,
        layout: { 'icon-image': 'sign', 'icon-size': ['interpolate', ['linear'], ['zoom'], 13, 0.5, 16, 0.8] },
      },
      'signs',
    ),
  ];
}
