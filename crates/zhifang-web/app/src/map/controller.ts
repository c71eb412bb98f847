/** The map itself: MapLibre behind the few verbs that the page needs. */

import { addProtocol, Map as MapLibreMap, ScaleControl, setWorkerUrl, type MapGeoJSONFeature, type StyleSpecification } from 'maplibre-gl';
import type { LonLat } from '../api/types';
import { address, folderBase, isFolder } from '../base';
import type { View } from '../state/url';
import { prepareStyle, type Preferences, type Style } from './prepare';

setWorkerUrl(address('map-worker.js'));

/** The whole nation with every dash of the sea. */
export const NATION: [[number, number], [number, number]] = [
  [73.4, 3.2],
  [135.2, 53.7],
];

/** Layers whose features answer a click by themselves, topmost first. */
const HIT_LAYERS = [
  'service',
  'service-next',
  'service-last',
  'finding',
  'marker',
  'project',
  'cemetery',
  'finding-line',
  'claim-line-a',
  'claim-line-b',
  'sign',
  'name-point',
  'name-dot',
];

export interface Hit {
  collection: string;
  id: string;
  position: LonLat | null;
}

export interface Padding {
  top: number;
  right: number;
  bottom: number;
  left: number;
}

export interface MapEvents {
  onClick: (at: LonLat, hit: Hit | null) => void;
  onMove: (view: View, byUser: boolean) => void;
  onReady: () => void;
  onTrouble: (what: string) => void;
}

export interface MapController {
  show: (wanted: Wanted) => Promise<void>;
  fit: (bounds: [number, number, number, number], padding: Padding) => void;
  fly: (at: LonLat, zoom: number, padding: Padding) => void;
  nation: (padding: Padding) => void;
  zoomBy: (steps: number) => void;
  centre: () => View;
  resize: () => void;
}

/** Which style is wanted and how it is fitted. */
export interface Wanted extends Omit<Preferences, 'resolve'> {
  styleId: string;
  lang: string;
  session: number;
}

const styles = new Map<string, Promise<Style>>();

function loadStyle(id: string, lang: string): Promise<Style> {
  const path = isFolder
    ? `styles/${id}${lang === 'en' ? '.en' : ''}.json`
    : `styles/${id}.json${lang === 'en' ? '?lang=en' : ''}`;
  let style = styles.get(path);
  if (!style) {
    style = fetch(address(path)).then((response) => {
      if (!response.ok) throw new Error(`${path}: ${response.status}`);
      return response.json() as Promise<Style>;
    });
    style.catch(() => styles.delete(path));
    styles.set(path, style);
  }
  return style;
}

/** An address of a style; in a folder tiles are files that are read piece by piece. */
function resolve(url: string): string {
  if (!isFolder) return address(url);
  const local = folderBase && url.includes(folderBase) ? url.replace(`${folderBase}/`, '') : url;
  const tiles = 'pmtiles://';
  return local.startsWith(tiles) ? tiles + address(local.slice(tiles.length)) : address(local);
}

/**
 * Makes the map's fonts known to the page as well: last in its list, so that they are used (and
 * fetched, from the cache) only where the device has no font for a character.
 */
function shareFonts(style: Style): void {
  for (const [family, files] of Object.entries(style['font-faces'] ?? {})) {
    for (const { url, 'unicode-range': ranges } of files) {
      document.fonts.add(new FontFace(family, `url("${resolve(url)}")`, { unicodeRange: ranges?.join(',') }));
    }
  }
}

const hitOf = (feature: MapGeoJSONFeature | undefined): Hit | null => {
  const id = feature?.properties?.id as unknown;
  if (!feature?.sourceLayer || (typeof id !== 'string' && typeof id !== 'number')) return null;
  const geometry = feature.geometry;
  return {
    collection: feature.sourceLayer,
    id: String(id),
    position: geometry.type === 'Point' ? (geometry.coordinates as LonLat) : null,
  };
};

/** Where a folder's map starts and how far it reaches. */
export interface Home {
  bounds: [number, number, number, number];
  extent: [number, number, number, number];
}

export async function startMap(
  container: HTMLElement,
  first: Wanted,
  view: View | undefined,
  home: Home | null,
  padding: Padding,
  label: string,
  events: MapEvents,
): Promise<MapController> {
  const fitted = async (wanted: Wanted): Promise<StyleSpecification> =>
    prepareStyle(await loadStyle(wanted.styleId, wanted.lang), { ...wanted, resolve }) as unknown as StyleSpecification;

  if (isFolder) {
    const { Protocol } = await import('pmtiles');
    addProtocol('pmtiles', new Protocol().tile);
  }
  shareFonts(await loadStyle(first.styleId, first.lang));
  const map = new MapLibreMap({
    container,
    style: await fitted(first),
    ...(view
      ? { center: [view.lon, view.lat] as LonLat, zoom: view.zoom }
      : { bounds: home?.bounds ?? NATION, fitBoundsOptions: { padding } }),
    ...(home ? { maxBounds: home.extent } : {}),
    minZoom: 1.5,
    maxZoom: 18,
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    renderWorldCopies: false,
    fadeDuration: 120,
    localIdeographFontFamily: "'PingFang SC','Microsoft YaHei','Noto Sans SC',sans-serif",
    locale: { 'Map.Title': label },
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new ScaleControl({ maxWidth: 90, unit: 'metric' }), 'bottom-left');

  let shown = first;
  const root = document.documentElement;
  map.on('idle', () => {
    root.dataset.ready = '1';
    events.onReady();
  });
  map.on('movestart', () => delete root.dataset.ready);
  map.on('moveend', (event) => {
    const { lng, lat } = map.getCenter();
    events.onMove({ lon: lng, lat, zoom: map.getZoom() }, 'originalEvent' in event && event.originalEvent !== undefined);
  });
  map.on('error', (event) => events.onTrouble(event.error?.message ?? 'map'));

  map.on('click', (event) => {
    const { x, y } = event.point;
    const layers = HIT_LAYERS.filter((id) => map.getLayer(id));
    const around = map.queryRenderedFeatures([[x - 8, y - 8], [x + 8, y + 8]], { layers });
    events.onClick([event.lngLat.lng, event.lngLat.lat], hitOf(around[0]));
  });
  for (const layer of HIT_LAYERS) {
    map.on('mouseenter', layer, () => (map.getCanvas().style.cursor = 'pointer'));
    map.on('mouseleave', layer, () => (map.getCanvas().style.cursor = ''));
  }
  map.getCanvas().addEventListener('keydown', (event) => {
    if (event.key !== 'Enter') return;
    const { lng, lat } = map.getCenter();
    events.onClick([lng, lat], null);
  });

  const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
  const duration = still ? 0 : 900;
  return {
    show: async (wanted) => {
      const next = await fitted(wanted);
      delete root.dataset.ready;
      map.setStyle(next, { diff: wanted.session === shown.session });
      shown = wanted;
      map.triggerRepaint();
    },
    fit: (bounds, space) => map.fitBounds(bounds, { padding: space, duration, maxZoom: 15 }),
    fly: (at, zoom, space) =>
      map.easeTo({
        center: at,
        zoom: Math.max(zoom, map.getZoom()),
        offset: [(space.left - space.right) / 2, (space.top - space.bottom) / 2],
        duration,
      }),
    nation: (space) => map.fitBounds(home?.bounds ?? NATION, { padding: space, duration }),
    zoomBy: (steps) => map.easeTo({ zoom: map.getZoom() + steps, duration: still ? 0 : 250 }),
    centre: () => {
      const { lng, lat } = map.getCenter();
      return { lon: lng, lat, zoom: map.getZoom() };
    },
    resize: () => map.resize(),
  };
}
