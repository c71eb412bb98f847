/** Fits a style to what the page shows: addresses, switched layers, the selected unit, the pin. */

import type { LonLat } from '../api/types';

type Json = Record<string, unknown>;
export interface Style {
  sources: Record<string, Json>;
  layers: Json[];
  sprite?: unknown;
  'font-faces'?: Record<string, { url: string; 'unicode-range'?: string[] }[]>;
  [key: string]: unknown;
}

export interface Preferences {
  groups: Record<string, boolean>;
  /** Groups whose layers the service does not have for this caller: left out altogether. */
  absent: string[];
  selectedCode: string | null;
  pin: LonLat | null;
  accent: string;
  /** Makes an address of the style absolute. */
  resolve: (url: string) => string;
}

/** The digits that a unit and everything below it share. */
export function codePrefix(code: string): string {
  const digits = code.replace(/@.*$/, '');
  if (digits.length > 6) return digits;
  if (digits.endsWith('0000')) return digits.slice(0, 2);
  return digits.endsWith('00') ? digits.slice(0, 4) : digits;
}

/** Lines with the unit on one side only: its outline, from whichever level draws it. */
export function outlineFilter(code: string): unknown[] {
  const prefix = codePrefix(code);
  const side = (name: string): unknown[] => [
    '==',
    ['slice', ['to-string', ['coalesce', ['get', name], '']], 0, prefix.length],
    prefix,
  ];
  return ['!=', side('left'), side('right')];
}

export function prepareStyle(raw: Style, wanted: Preferences): Style {
  const style = structuredClone(raw);
  for (const source of Object.values(style.sources)) {
    if (typeof source.url === 'string') source.url = wanted.resolve(source.url);
  }
  if (typeof style.sprite === 'string') style.sprite = wanted.resolve(style.sprite);
  for (const files of Object.values(style['font-faces'] ?? {})) {
    for (const file of files) file.url = wanted.resolve(file.url);
  }
  style.layers = style.layers.filter((layer) => {
    const group = ((layer.metadata ?? {}) as Json)['zhifang:group'];
    return typeof group !== 'string' || !wanted.absent.includes(group);
  });
  for (const layer of style.layers) {
    const metadata = (layer.metadata ?? {}) as Json;
    const group = metadata['zhifang:group'];
    if (typeof group === 'string') {
      layer.layout = { ...(layer.layout as Json), visibility: wanted.groups[group] === false ? 'none' : 'visible' };
    }
    if (metadata['zhifang:role'] === 'selection') {
      const code = wanted.selectedCode;
      layer.filter =
        layer.type === 'line'
          ? code
            ? outlineFilter(code)
            : ['==', ['get', 'left'], '-']
          : ['==', ['get', 'code'], code?.replace(/@.*$/, '') ?? ''];
    }
  }
  style.sources.pin = {
    type: 'geojson',
    data: {
      type: 'FeatureCollection',
      features: wanted.pin
        ? [{ type: 'Feature', properties: {}, geometry: { type: 'Point', coordinates: wanted.pin } }]
        : [],
    },
  };
  style.layers.push(
    {
      id: 'pin-ring',
      source: 'pin',
      type: 'circle',
      paint: { 'circle-radius': 15, 'circle-color': wanted.accent, 'circle-opacity': 0.18 },
    },
    {
      id: 'pin',
      source: 'pin',
      type: 'circle',
      paint: {
        'circle-radius': 6,
        'circle-color': wanted.accent,
        'circle-stroke-color': '#ffffff',
        'circle-stroke-width': 2.5,
      },
    },
  );
  return style;
}
