/** The answers of the service that the page reads. */

export type Level = 'country' | 'province' | 'prefecture' | 'county' | 'township' | 'village';
export type LonLat = [number, number];

export interface Geometry {
  type: string;
  coordinates: unknown;
}

export interface Feature<P = Record<string, unknown>> {
  type: 'Feature';
  id?: string | number;
  geometry: Geometry | null;
  properties: P;
}

export interface FeatureCollection<P = Record<string, unknown>> {
  type: 'FeatureCollection';
  features: Feature<P>[];
}

export interface UnitRef {
  code: string;
  name: string;
  level: string;
}

export interface SearchProperties {
  id: string;
  name: string;
  label?: string;
  category?: string | number;
  level?: string | null;
  division?: UnitRef[];
  matched?: { name?: string; kind?: string; how?: string };
  confidence?: number;
}

export interface Division extends UnitRef {
  id?: string;
  kind?: string;
  pinyin?: string;
  area_km2?: number;
  population?: number;
  former_names?: unknown[];
  short_names?: unknown[];
  seat?: unknown;
  valid_from?: string | null;
  valid_to?: string | null;
  source?: string;
  geometry?: Geometry | null;
  ancestors: UnitRef[];
  children: UnitRef[];
  neighbours: UnitRef[];
  lines?: { id: string; level?: string | null; left?: string | null; right?: string | null }[];
  lives?: string[];
}

export interface Reverse {
  lon: number;
  lat: number;
  crs?: string;
  divisions: UnitRef[];
  names?: { id: string; name: string; distance_m: number; direction?: string }[];
  boundary?: { id: string; distance_m: number; between?: (string | null)[] } | null;
  marker?: { id: string; distance_m: number; number?: string } | null;
}

/** A service as the page shows it, read from whatever answer carries it. */
export interface Service {
  id: string;
  name: string;
  kind: string;
  address?: string;
  phone?: string;
  hours?: string;
  open?: boolean | null;
  change?: string;
  distanceM?: number;
  minutes?: number;
  accessible?: boolean;
  beds?: number;
  nursingBeds?: number;
  operator?: string;
  source?: string;
  position?: LonLat;
  links: Record<string, string>;
  closed: boolean;
}

export interface Me {
  name: string;
  role: string;
  division?: string | null;
}

export interface Problem {
  title?: string;
  status?: number;
  detail?: string;
}
