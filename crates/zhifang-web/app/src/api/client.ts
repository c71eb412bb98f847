/** Requests to the service. Every call takes a signal, so that the latest wins. */

import { address, isFolder } from '../base';
import { readServices } from './read';
import type { Division, Feature, FeatureCollection, Me, Problem, Reverse, SearchProperties, Service } from './types';

/** A request that was answered with an error, or not at all (`status` 0). */
export class RequestError extends Error {
  status: number;
  constructor(status: number, message: string) {
    super(message);
    this.name = 'RequestError';
    this.status = status;
  }
}

export const isAbort = (error: unknown): boolean => error instanceof DOMException && error.name === 'AbortError';

async function request(path: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(address(path), { credentials: 'same-origin', ...init });
  } catch (error) {
    if (isAbort(error)) throw error;
    throw new RequestError(0, String(error));
  }
  if (!response.ok) {
    const problem = (await response.json().catch(() => ({}))) as Problem;
    throw new RequestError(response.status, problem.detail ?? problem.title ?? response.statusText);
  }
  return response;
}

export async function json<T>(path: string, signal?: AbortSignal): Promise<T> {
  return (await request(path, { signal, headers: { accept: 'application/json, application/geo+json' } })).json() as Promise<T>;
}

function query(values: Record<string, string | number | undefined>): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(values)) if (value !== undefined && value !== '') params.set(key, String(value));
  const text = params.toString();
  return text ? `?${text}` : '';
}

const id = encodeURIComponent;
type Found = FeatureCollection<SearchProperties>;
interface Near {
  lon?: number;
  lat?: number;
}

const live = {
  autocomplete: (q: string, near: Near, lang: string, signal?: AbortSignal) =>
    json<Found>(`v1/autocomplete${query({ q, limit: 8, lang, ...near })}`, signal),
  search: (q: string, near: Near, lang: string, signal?: AbortSignal) =>
    json<Found>(`v1/search${query({ q, limit: 20, lang, ...near })}`, signal),
  reverse: (lon: number, lat: number, signal?: AbortSignal) =>
    json<Reverse>(`v1/reverse${query({ lon: lon.toFixed(6), lat: lat.toFixed(6) })}`, signal),
  division: (code: string, signal?: AbortSignal) => json<Division>(`v1/divisions/${id(code)}`, signal),
  name: (name: string, signal?: AbortSignal) => json<Feature>(`v1/names/${id(name)}`, signal),
  boundary: (line: string, signal?: AbortSignal) => json<Feature>(`v1/boundaries/${id(line)}`, signal),
  marker: (marker: string, signal?: AbortSignal) => json<Feature>(`v1/markers/${id(marker)}`, signal),
  item: (collection: string, item: string, signal?: AbortSignal) =>
    json<Feature>(`ogc/collections/${id(collection)}/items/${id(item)}`, signal),
  items: (collection: string, limit: number, signal?: AbortSignal) =>
    json<FeatureCollection>(`ogc/collections/${id(collection)}/items${query({ limit })}`, signal),
  nearest: async (
    at: { lon: number; lat: number; kind?: string; limit?: number; mode?: string },
    signal?: AbortSignal,
  ): Promise<Service[]> =>
    readServices(
      await json<unknown>(
        `v1/assistance/nearest${query({ ...at, lon: at.lon.toFixed(6), lat: at.lat.toFixed(6) })}`,
        signal,
      ),
    ),
  /** The signed-in user, or null. */
  me: async (): Promise<Me | null> => {
    try {
      return await json<Me>('v1/me');
    } catch (error) {
      if (error instanceof RequestError) return null;
      throw error;
    }
  },
  signIn: async (token: string): Promise<void> => {
    await request('session', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
    });
  },
  signOut: async (): Promise<void> => {
    await request('session', { method: 'DELETE' });
  },
};

/** The same questions, answered from the files of a published folder. */
const inFolder: typeof live = {
  ...live,
  autocomplete: async (q, _near, _language, signal) => (await import('./folder')).search(q, 8, signal),
  search: async (q, _near, _language, signal) => (await import('./folder')).search(q, 20, signal),
  reverse: async (lon, lat, signal) => (await import('./folder')).reverse(lon, lat, signal),
  division: async (code, signal) => (await import('./folder')).division(code, signal),
  name: async (name, signal) => (await import('./folder')).item('names', name, signal),
  boundary: async (line, signal) => (await import('./folder')).item('boundaries', line, signal),
  marker: async (marker, signal) => (await import('./folder')).item('markers', marker, signal),
  item: async (collection, item, signal) => (await import('./folder')).item(collection, item, signal),
  items: async () => ({ type: 'FeatureCollection', features: [] }),
  nearest: async (at, signal) => (await import('./folder')).nearest(at, signal),
  me: async () => null,
};

export const api = isFolder ? inFolder : live;
