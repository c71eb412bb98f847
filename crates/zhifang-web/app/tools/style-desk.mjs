// Markers, claims, disputes and findings (`boundary` tiles); services, cemeteries, projects and reach
// (`assistance` tiles).

import { FONT } from './style-base.mjs';

const named = (source, group) => (id, layer) => ({ id, source, ...layer, metadata: { 'zhifang:group': group } });
const kindOf = (type) => ['==', ['geometry-type'], type];
const image = (...names) => ['coalesce', ...names.map((n) => ['image', n])];
const growing = (from, to) => ['interpolate', ['linear'], ['zoom'], from, 0.55, to, 1];

function textLayout(field) {
  return {
    'text-field': field,
    'text-font': FONT,
    'text-size': 12,
    'text-variable-anchor': ['top', 'bottom', 'left', 'right'],
    'text-radial-offset': 1.1,
    'text-justify': 'auto',
    'text-max-width': 8,
    'text-optional': true,
  };
}
const textPaint = (p) => ({ 'text-color': p.text, 'text-halo-color': p.halo, 'text-halo-width': 1.4 });

export function areaLayers(p) {
  const dispute = named('boundary', 'disputes');
  const claim = named('boundary', 'claims');
  const reach = named('assistance', 'reach');
  return [
    reach('reach-area', {
      type: 'fill',
      'source-layer': 'reach',
      paint: { 'fill-color': p.reach, 'fill-opacity': 0.14 },
    }),
    dispute('dispute-area', {
      type: 'fill',
      'source-layer': 'disputes',
      filter: kindOf('Polygon'),
      paint: { 'fill-pattern': 'hatch-grey', 'fill-opacity': 0.7 },
    }),
    claim('claim-area-a', {
      type: 'fill',
      'source-layer': 'claims',
      filter: ['all', kindOf('Polygon'), ['!=', ['get', 'side'], 2]],
      paint: { 'fill-pattern': 'hatch-red', 'fill-opacity': 0.55 },
    }),
    claim('claim-area-b', {
      type: 'fill',
      'source-layer': 'claims',
      filter: ['all', kindOf('Polygon'), ['==', ['get', 'side'], 2]],
      paint: { 'fill-pattern': 'hatch-blue', 'fill-opacity': 0.55 },
    }),
  ];
}

export function deskLayers(p) {
  const claim = named('boundary', 'claims');
  const finding = named('boundary', 'findings');
  const marker = named('boundary', 'markers');
  const severity = ['match', ['get', 'severity'], 'error', p.error, 'warning', p.warning, p.info];
  const shape = ['case', ['==', ['get', 'faces'], 3], 'tripoint-', 'marker-'];
  return [
    claim('claim-line-b', {
      type: 'line',
      'source-layer': 'claims',
      filter: ['==', ['get', 'side'], 2],
      paint: { 'line-color': p.claimB, 'line-width': 1.8, 'line-dasharray': [3, 1.6] },
    }),
    claim('claim-line-a', {
      type: 'line',
      'source-layer': 'claims',
      filter: ['!=', ['get', 'side'], 2],
      paint: { 'line-color': p.claimA, 'line-width': 1.8 },
    }),
    finding('finding-area', {
      type: 'fill',
      'source-layer': 'findings',
      filter: kindOf('Polygon'),
      paint: { 'fill-color': severity, 'fill-opacity': 0.28 },
    }),
    finding('finding-line', {
      type: 'line',
      'source-layer': 'findings',
      filter: ['!=', ['geometry-type'], 'Point'],
      layout: { 'line-cap': 'round', 'line-join': 'round' },
      paint: { 'line-color': severity, 'line-width': 4, 'line-opacity': 0.75 },
    }),
    marker('marker', {
      type: 'symbol',
      'source-layer': 'markers',
      minzoom: 8,
      layout: {
        'icon-image': image(
          ['concat', shape, ['coalesce', ['get', 'state'], 'good']],
          ['concat', shape, 'good'],
          'marker-good',
        ),
        'icon-size': growing(8, 14),
        'icon-overlap': 'always',
        'symbol-sort-key': ['match', ['get', 'state'], 'good', 0, 1],
        ...textLayout(['step', ['zoom'], '', 12.5, ['coalesce', ['get', 'number'], ['get', 'name']]]),
        'text-size': 11,
      },
      paint: textPaint(p),
    }),
    finding('finding', {
      type: 'symbol',
      'source-layer': 'findings',
      filter: kindOf('Point'),
      layout: {
        'icon-image': image(['concat', 'finding-', ['get', 'severity']], 'finding-info'),
        'icon-size': growing(6, 12),
        'icon-overlap': 'always',
        'symbol-sort-key': ['match', ['get', 'severity'], 'error', 2, 'warning', 1, 0],
      },
    }),
  ];
}

/** From which zoom a kind of service is drawn: what serves the county first, what serves a village last. */
const FIRST_KINDS = ['assistance_station', 'elderly_home', 'funeral_home', 'hotline', 'shelter'];
const LAST_KINDS = ['assistance_point', 'community_center', 'day_care', 'home_care_center', 'social_work_point', 'volunteer_station'];

export function assistanceLayers(p, { prominent }) {
  const early = prominent ? 1 : 0;
  const kind = ['get', 'kind'];
  const group = (id, sourceLayer, icon, layer) =>
    named('assistance', sourceLayer)(id, {
      type: 'symbol',
      'source-layer': sourceLayer,
      ...layer,
      layout: {
        'icon-image': icon,
        'icon-size': prominent ? ['interpolate', ['linear'], ['zoom'], 8, 0.7, 12, 1] : growing(8, 14),
        'icon-padding': 1,
        // Thinned out while they would hide each other and the map; all there from here on.
        'icon-overlap': ['step', ['zoom'], 'never', 14 - early, 'cooperative'],
        ...textLayout(['step', ['zoom'], '', 13 - early, ['get', 'name']]),
        ...layer.layout,
      },
      paint: textPaint(p),
    });
  const service = (id, filter, minzoom) =>
    group(id, 'services', image(kind, 'community_center'), {
      minzoom,
      filter,
      layout: { 'symbol-sort-key': ['match', kind, ['assistance_station', 'hotline'], 0, ['elderly_home', 'funeral_home'], 1, 2] },
    });
  return [
    group('cemetery', 'cemeteries', 'cemetery', { minzoom: 9 }),
    group('project', 'projects', 'project', { minzoom: 9 }),
    service('service-last', ['in', kind, ['literal', LAST_KINDS]], 12.5 - 1.5 * early),
    service('service-next', ['!', ['in', kind, ['literal', [...FIRST_KINDS, ...LAST_KINDS]]]], 11 - 1.5 * early),
    service('service', ['in', kind, ['literal', FIRST_KINDS]], 9 - early),
  ];
}
