/** The state that lives in the address: what is open, where the map is, what it shows. */

export type Route =
  | { page: 'home' }
  | { page: 'place'; id: string }
  | { page: 'at'; lon: number; lat: number }
  | { page: 'record'; collection: string; id: string }
  | { page: 'search'; q: string }
  | { page: 'findings' }
  | { page: 'assist'; kind?: string; lon?: number; lat?: number };

export interface View {
  lon: number;
  lat: number;
  zoom: number;
}

export interface Options {
  lang?: 'zh' | 'en';
  style?: string;
  /** Layer groups that differ from the default: `+signs`, `-names`. */
  layers?: string[];
  large?: boolean;
}

export interface UrlState {
  route: Route;
  view?: View;
  options: Options;
}

export const RECORD_COLLECTIONS = [
  'names',
  'signs',
  'boundaries',
  'markers',
  'claims',
  'disputes',
  'findings',
  'services',
  'cemeteries',
  'projects',
];

function lonLat(text: string | null): [number, number] | null {
  const match = /^(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?)$/.exec(text ?? '');
  if (!match) return null;
  const [lon, lat] = [Number(match[1]), Number(match[2])];
  return Math.abs(lon) <= 180 && Math.abs(lat) <= 90 ? [lon, lat] : null;
}

function parseRoute(path: string, query: URLSearchParams): Route {
  const [first, ...rest] = path.split('/').filter(Boolean);
  const tail = decodeURIComponent(rest.join('/'));
  if (first === 'place' && tail) return { page: 'place', id: tail };
  if (first === 'at') {
    const at = lonLat(tail);
    if (at) return { page: 'at', lon: at[0], lat: at[1] };
  }
  if (first === 'assist') {
    const at = lonLat(query.get('from'));
    const route: Route = { page: 'assist' };
    const kind = query.get('kind');
    if (kind) route.kind = kind;
    if (at) [route.lon, route.lat] = at;
    return route;
  }
  const show = query.get('show');
  if (show === 'findings') return { page: 'findings' };
  const slash = show?.indexOf('/') ?? -1;
  if (show && slash > 0 && RECORD_COLLECTIONS.includes(show.slice(0, slash))) {
    return { page: 'record', collection: show.slice(0, slash), id: show.slice(slash + 1) };
  }
  const q = query.get('q')?.trim();
  return q ? { page: 'search', q } : { page: 'home' };
}

/** Reads an address; `base` is the base path with its closing slash. Nothing in it is an error. */
export function parseUrl(url: URL, base: string): UrlState {
  const path = url.pathname.startsWith(base) ? url.pathname.slice(base.length) : url.pathname;
  const query = url.searchParams;
  const options: Options = {};
  const lang = query.get('lang');
  if (lang === 'zh' || lang === 'en') options.lang = lang;
  const style = query.get('style');
  if (style) options.style = style;
  const layers = query.get('layers');
  if (layers) options.layers = layers.split(',').filter((part) => /^[+-][a-z]+$/.test(part));
  if (query.get('large') === '1') options.large = true;

  let route: Route;
  try {
    route = parseRoute(path, query);
  } catch {
    route = { page: 'home' };
  }
  const state: UrlState = { route, options };
  const centre = lonLat(query.get('c'));
  const zoom = Number(query.get('z'));
  if (centre && query.has('z') && zoom >= 0 && zoom <= 24) state.view = { lon: centre[0], lat: centre[1], zoom };
  return state;
}

const degrees = (value: number): string => String(Number(value.toFixed(5)));

/** Writes the address of a state; the inverse of {@link parseUrl}. */
export function formatUrl(state: UrlState, base: string): string {
  const { route, view, options } = state;
  const parts: string[] = [];
  const put = (key: string, value: string): void => {
    parts.push(`${key}=${encodeURIComponent(value).replace(/%2C/g, ',').replace(/%2F/g, '/').replace(/%2B/g, '%2B')}`);
  };
  let path = '';
  switch (route.page) {
    case 'place':
      path = `place/${encodeURIComponent(route.id)}`;
      break;
    case 'at':
      path = `at/${degrees(route.lon)},${degrees(route.lat)}`;
      break;
    case 'assist':
      path = 'assist';
      if (route.kind) put('kind', route.kind);
      if (route.lon !== undefined && route.lat !== undefined) put('from', `${degrees(route.lon)},${degrees(route.lat)}`);
      break;
    case 'record':
      put('show', `${route.collection}/${route.id}`);
      break;
    case 'findings':
      put('show', 'findings');
      break;
    case 'search':
      put('q', route.q);
      break;
    case 'home':
      break;
  }
  if (view) {
    put('c', `${degrees(view.lon)},${degrees(view.lat)}`);
    put('z', String(Number(view.zoom.toFixed(2))));
  }
  if (options.lang) put('lang', options.lang);
  if (options.style) put('style', options.style);
  if (options.layers?.length) put('layers', options.layers.join(','));
  if (options.large) put('large', '1');
  return `${base}${path}${parts.length ? `?${parts.join('&')}` : ''}`;
}

/** The address of a state in a folder: all of it behind `#`, so that any web server will do. */
export function toFragment(url: string, base: string): string {
  const rest = url.slice(base.length);
  return rest ? `${base}#/${rest}` : base;
}

/** Takes the state out of the fragment again; other fragments are none of ours. */
export function fromFragment(url: URL, base: string): URL {
  return url.hash.startsWith('#/') ? new URL(base + url.hash.slice(2), url.origin) : url;
}
