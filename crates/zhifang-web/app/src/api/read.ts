/** Turns answers into what the page shows; tolerant where a field is optional. */

import type { Feature, Geometry, LonLat, Service, UnitRef } from './types';

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
const number = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined;

export function pointOf(geometry: unknown): LonLat | undefined {
  if (!isObject(geometry) || geometry.type !== 'Point' || !Array.isArray(geometry.coordinates)) return undefined;
  const [lon, lat] = geometry.coordinates as unknown[];
  return typeof lon === 'number' && typeof lat === 'number' ? [lon, lat] : undefined;
}

/** A service from a Feature or from a plain object. */
export function readService(value: unknown): Service | null {
  if (!isObject(value)) return null;
  const p: Json = isObject(value.properties) ? { id: value.id, ...value.properties } : value;
  const id = text(p.id) ?? (number(p.id) !== undefined ? String(p.id) : undefined);
  if (!id) return null;
  const lon = number(p.lon);
  const lat = number(p.lat);
  const links: Record<string, string> = {};
  if (isObject(p.links)) {
    for (const [app, link] of Object.entries(p.links)) if (typeof link === 'string') links[app] = link;
  }
  const seconds = number(p.duration_s) ?? number(p.seconds);
  return {
    id,
    name: text(p.name) ?? id,
    kind: text(p.kind) ?? 'community_center',
    address: text(p.address),
    phone: text(p.phone),
    hours: text(p.hours),
    open: typeof p.open === 'boolean' ? p.open : typeof p.open_now === 'boolean' ? p.open_now : null,
    change: text(p.next_change) ?? text(p.change),
    distanceM: number(p.distance_m),
    minutes: number(p.minutes) ?? (seconds === undefined ? undefined : seconds / 60),
    accessible: typeof p.accessible === 'boolean' ? p.accessible : undefined,
    beds: number(p.beds),
    nursingBeds: number(p.nursing_beds),
    operator: text(p.operator),
    source: text(p.source),
    position: pointOf(value.geometry) ?? (lon !== undefined && lat !== undefined ? [lon, lat] : undefined),
    links,
    closed: text(p.closed) !== undefined || p.status === 'retired',
  };
}

/** The list of services of a nearest answer: features, or a named list. */
export function readServices(answer: unknown): Service[] {
  if (!isObject(answer)) return [];
  const list = [answer.features, answer.services, answer.results, answer.items].find(Array.isArray) as
    | unknown[]
    | undefined;
  return (list ?? []).map(readService).filter((s): s is Service => s !== null);
}

/** Former names are plain strings or objects with `name`, `from`, `to`. */
export function readFormerNames(list: unknown): { name: string; years?: string }[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((item) => {
    if (typeof item === 'string') return item ? [{ name: item }] : [];
    if (!isObject(item)) return [];
    const name = text(item.name);
    if (!name) return [];
    const years = [text(item.from) ?? text(item.valid_from), text(item.to) ?? text(item.valid_to)].map((d) => d?.slice(0, 4) ?? '');
    return [{ name, years: years.some(Boolean) ? years.join('–') : undefined }];
  });
}

/** West, south, east, north of any GeoJSON geometry. */
export function boundsOf(geometry: Geometry | null | undefined): [number, number, number, number] | null {
  if (!geometry) return null;
  let [w, s, e, n] = [Infinity, Infinity, -Infinity, -Infinity];
  const walk = (c: unknown): void => {
    if (!Array.isArray(c)) return;
    if (typeof c[0] === 'number' && typeof c[1] === 'number') {
      w = Math.min(w, c[0]);
      e = Math.max(e, c[0]);
      s = Math.min(s, c[1]);
      n = Math.max(n, c[1]);
    } else c.forEach(walk);
  };
  walk(geometry.coordinates);
  return Number.isFinite(w) ? [w, s, e, n] : null;
}

/** Where a unit's seat is: a GeoJSON point, WKT, `[lon, lat]` or `{lon, lat}`. */
export function readSeat(seat: unknown): LonLat | null {
  if (Array.isArray(seat) && typeof seat[0] === 'number' && typeof seat[1] === 'number') return [seat[0], seat[1]];
  if (typeof seat === 'string') {
    const match = /^POINT\s*\(\s*(-?[\d.]+)\s+(-?[\d.]+)\s*\)$/i.exec(seat.trim());
    return match ? [Number(match[1]), Number(match[2])] : null;
  }
  if (isObject(seat) && typeof seat.lon === 'number' && typeof seat.lat === 'number') return [seat.lon, seat.lat];
  return pointOf(seat) ?? null;
}

/** `湖北省 襄阳市 老河口市`, in the order of the hierarchy, without the unit itself. */
export function ancestorLine(units: UnitRef[] | undefined, own?: string): string {
  return (units ?? [])
    .filter((u) => u.code !== own && u.level !== 'country')
    .map((u) => u.name)
    .join(' ');
}

/** Digits, perhaps with `@date`: a division code; everything else is a register entry's id. */
export function isDivisionId(id: string): boolean {
  return /^\d{2,12}(@[\d-]+)?$/.test(id);
}

export function isFeature(value: unknown): value is Feature {
  return isObject(value) && value.type === 'Feature' && isObject(value.properties);
}
