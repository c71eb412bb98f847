/** The answers of a published folder: compact files by unit, by shard and by first character. */

import { json, RequestError } from './client';
import { readService } from './read';
import type { Division, Feature, FeatureCollection, Geometry, LonLat, Reverse, SearchProperties, Service, UnitRef } from './types';

/** What the folder says of itself. */
export interface Site {
  seq: number;
  within: string;
  name: string;
  bounds: [number, number, number, number];
  /** What has tiles, and what the map does not leave. */
  extent: [number, number, number, number];
  /** How many files the records of a collection are spread over. */
  shards: Record<string, number>;
}

/** A name of the index: id, name, level or empty, spelling without tones, initials, unit above, longitude, latitude. */
export type Entry = [string, string, string, string, string, string, number | null, number | null, string?];
interface Names {
  units: Record<string, [name: string, level: string, parent: string]>;
  entries: Entry[];
}
interface Area extends UnitRef {
  parent: string;
  geometry: Geometry;
}

const files = new Map<string, Promise<unknown>>();

/** A file of the folder, fetched once. One that is not there is empty: it would hold nothing. */
function file<T>(path: string, empty: T, signal?: AbortSignal): Promise<T> {
  let known = files.get(path);
  if (!known) {
    known = json<T>(path).catch((error: unknown) => {
      if (error instanceof RequestError && error.status === 404) return empty;
      files.delete(path);
      throw error;
    });
    files.set(path, known);
  }
  return known.then((value) => {
    signal?.throwIfAborted();
    return value as T;
  });
}

export const site = (): Promise<Site> => json<Site>('data/site.json');

const missing = (what: string): RequestError => new RequestError(404, what);

/** FNV-1a of 32 bits over UTF-8: which file holds a record. */
export function shardOf(id: string, shards: number): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(id)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash % shards;
}

export async function division(code: string, signal?: AbortSignal): Promise<Division> {
  const bare = code.replace(/@.*$/, '').padEnd(6, '0');
  const units = await file<Record<string, Division>>(`data/divisions/${bare.slice(0, 9)}.json`, {}, signal);
  const found = units[bare];
  if (!found) throw missing(code);
  return found;
}

async function shard(collection: string, number: number, signal?: AbortSignal): Promise<Record<string, Feature>> {
  return file<Record<string, Feature>>(`data/${collection}/${number}.json`, {}, signal);
}

export async function item(collection: string, id: string, signal?: AbortSignal): Promise<Feature> {
  const { shards } = await file<Site>('data/site.json', { shards: {} } as Site, signal);
  const count = shards[collection];
  const found = count ? (await shard(collection, shardOf(id, count), signal))[id] : undefined;
  if (!found) throw missing(id);
  return found;
}

const isHan = (character: string): boolean => /\p{Script=Han}/u.test(character);
const plain = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/[\u0300-\u0307\u0309-\u036f]/g, '')
    .replace(/u\u0308/g, 'v')
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '');

/** Levels from the nation down; standard names stand with villages. */
const RANK: Record<string, number> = { country: 0, province: 1, prefecture: 2, county: 3, township: 4, village: 5, '': 5 };

/** How well an entry answers; lower is better, null is not at all. */
export function score(entry: Entry, words: string): number | null {
  const [, name, level, pinyin, initials, , , , also] = entry;
  const rank = RANK[level] ?? 6;
  if (isHan(words[0] ?? '')) {
    for (const [penalty, text] of [[0, name], [40, also ?? '']] as const) {
      const at = text.indexOf(words);
      if (at < 0) continue;
      // A name that is the words and a generic term of one or two characters is as good as equal.
      const rest = text.length - words.length;
      return penalty + (at > 0 ? 30 : rest <= 1 ? 0 : rest <= 3 ? 10 : 20) + rank;
    }
    return null;
  }
  if (/^\d+$/.test(words)) return entry[0].startsWith(words) ? entry[0].length - words.length : null;
  if (pinyin === words) return rank;
  if (pinyin.startsWith(words)) return 10 + rank;
  if (initials.startsWith(words)) return 20 + rank + initials.length - words.length;
  return null;
}

const key = (words: string): string =>
  isHan(words[0] ?? '') ? (words.codePointAt(0) ?? 0).toString(16) : /^\d/.test(words) ? 'code' : words.slice(0, 1);

export async function search(q: string, limit: number, signal?: AbortSignal): Promise<FeatureCollection<SearchProperties>> {
  const parts = q.trim().split(/[\s,，、]+/).filter(Boolean);
  const last = parts.pop() ?? '';
  const words = isHan(last[0] ?? '') ? last : plain(last);
  if (!words) return { type: 'FeatureCollection', features: [] };
  const names = await file<Names>(`data/search/${key(words)}.json`, { units: {}, entries: [] }, signal);
  const above = (code: string): UnitRef[] => {
    const chain: UnitRef[] = [];
    for (let at = names.units[code], own = code; at; own = at[2], at = names.units[own]) {
      chain.unshift({ code: own, name: at[0], level: at[1] });
    }
    return chain;
  };
  const found = names.entries
    .map((entry) => ({ entry, score: score(entry, words), division: above(entry[5]) }))
    .filter((hit): hit is typeof hit & { score: number } => hit.score !== null)
    .filter((hit) => parts.every((part) => hit.division.some((unit) => unit.name.includes(part))))
    .sort((a, b) => a.score - b.score || (a.entry[0] < b.entry[0] ? -1 : 1))
    .slice(0, limit);
  return {
    type: 'FeatureCollection',
    features: found.map(({ entry: [id, name, level, , , , lon, lat], division }) => ({
      type: 'Feature',
      geometry: lon === null || lat === null ? null : { type: 'Point', coordinates: [lon, lat] },
      properties: { id, name, level: level || null, division },
    })),
  };
}

function inRing(ring: LonLat[], [x, y]: LonLat): boolean {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
    const [xi, yi] = ring[i] as LonLat;
    const [xj, yj] = ring[j] as LonLat;
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

/** Whether an area covers a point. */
export function covers(geometry: Geometry, at: LonLat): boolean {
  const polygons = (geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates) as LonLat[][][];
  return polygons.some(([outer, ...holes]) => outer && inRing(outer, at) && !holes.some((hole) => inRing(hole, at)));
}

export async function reverse(lon: number, lat: number, signal?: AbortSignal): Promise<Reverse> {
  const areas = await file<Area[]>('data/areas.json', [], signal);
  const divisions = areas
    .filter((area) => covers(area.geometry, [lon, lat]))
    .map(({ code, name, level }) => ({ code, name, level }));
  return { lon, lat, divisions, names: [], boundary: null, marker: null };
}

/** Metres between two places on a sphere of the ellipsoid's mean radius. */
export function distance([lon1, lat1]: LonLat, [lon2, lat2]: LonLat): number {
  const radians = Math.PI / 180;
  const a =
    Math.sin(((lat2 - lat1) * radians) / 2) ** 2 +
    Math.cos(lat1 * radians) * Math.cos(lat2 * radians) * Math.sin(((lon2 - lon1) * radians) / 2) ** 2;
  return 2 * 6_371_008.8 * Math.asin(Math.sqrt(a));
}

export async function nearest(
  at: { lon: number; lat: number; kind?: string; limit?: number },
  signal?: AbortSignal,
): Promise<Service[]> {
  const { shards } = await file<Site>('data/site.json', { shards: {} } as Site, signal);
  const numbers = Array.from({ length: shards.services ?? 0 }, (_, number) => number);
  const all = await Promise.all(numbers.map((number) => shard('services', number, signal)));
  return all
    .flatMap((features) => Object.values(features))
    .map(readService)
    .filter((service): service is Service => service !== null && service.position !== undefined)
    .filter((service) => !at.kind || service.kind === at.kind)
    .map((service) => ({ ...service, distanceM: distance([at.lon, at.lat], service.position as LonLat) }))
    .sort((a, b) => a.distanceM - b.distanceM || (a.id < b.id ? -1 : 1))
    .slice(0, at.limit ?? 10);
}
