/** A register entry, line, marker, finding or other record: its fields by name. */

import { useEffect } from 'preact/hooks';
import { api } from '../api/client';
import { boundsOf } from '../api/read';
import type { Feature } from '../api/types';
import { formatDistance, formatNumber, t, term, type Key } from '../i18n';
import { zh } from '../i18n/zh';
import { fit, fly } from '../map/port';
import { pin, selectedCode } from '../state/app';
import { useLoaded } from '../state/load';
import { MapSymbol } from './Icon';
import { Await, CopyButton, Go, Row, ShareButton, SourceNote } from './parts';

/** Fields in the order in which a reader wants them. */
const FIELDS = [
  'message', 'severity', 'rule', 'number', 'state', 'type', 'faces', 'boundary', 'sides', 'left', 'right', 'line_status',
  'agreement', 'length_m', 'length_agreed_m', 'keeper', 'last_inspected', 'category', 'generic', 'specific', 'meaning',
  'origin', 'aliases', 'name_status', 'heritage', 'announcement', 'claimant', 'dispute', 'parties', 'dispute_state',
  'evidence', 'text', 'set_on', 'area_m2', 'plots_planned', 'plots_used', 'annual_use', 'burial_types', 'serves', 'phone',
  'no', 'place', 'investment', 'start', 'end', 'progress', 'division',
];
const UNIT_FIELDS = new Set(['sides', 'left', 'right', 'keeper', 'claimant', 'parties', 'division']);
const CODE = /^\d{6,12}$/;

function load(collection: string, id: string, signal: AbortSignal): Promise<Feature> {
  switch (collection) {
    case 'names':
      return api.name(id, signal);
    case 'boundaries':
      return api.boundary(id, signal);
    case 'markers':
      return api.marker(id, signal);
    default:
      return api.item(collection, id, signal);
  }
}

function UnitName({ code }: { code: string }) {
  const loaded = useLoaded(code, (signal) => api.division(code, signal));
  return <Go to={{ page: 'place', id: code }}>{loaded.value?.name ?? code}</Go>;
}

function plain(value: unknown): string {
  if (Array.isArray(value)) return value.map(plain).filter(Boolean).join('、');
  if (typeof value === 'object' && value !== null) {
    const named = (value as { name?: unknown }).name;
    return typeof named === 'string' ? named : Object.values(value).map(plain).filter(Boolean).join(' ');
  }
  if (typeof value === 'number') return formatNumber(value, 2);
  return value === null || value === undefined ? '' : String(value);
}

function Value({ field, value }: { field: string; value: unknown }) {
  if (UNIT_FIELDS.has(field)) {
    const codes = (Array.isArray(value) ? value : [value]).filter((v): v is string => typeof v === 'string');
    return (
      <>
        {codes.map((code, i) => (
          <span key={code}>
            {i > 0 && ' · '}
            {CODE.test(code) ? <UnitName code={code} /> : code}
          </span>
        ))}
      </>
    );
  }
  if (field === 'boundary' && typeof value === 'string') {
    return <Go to={{ page: 'record', collection: 'boundaries', id: value }}>{value}</Go>;
  }
  if (field === 'severity') return <>{term('sev', plain(value))}</>;
  if (field === 'state') return <>{term('state', plain(value))}</>;
  if (/^length/.test(field) && typeof value === 'number') return <>{formatDistance(value)}</>;
  return <>{plain(value)}</>;
}

function symbolOf(collection: string, p: Record<string, unknown>): string | null {
  switch (collection) {
    case 'markers': {
      const sides = Array.isArray(p.sides) ? p.sides.length : 2;
      return `${sides > 2 ? 'tripoint' : 'marker'}-${String(p.state ?? 'good')}`;
    }
    case 'findings':
      return `finding-${String(p.severity ?? 'info')}`;
    case 'cemeteries':
      return 'cemetery';
    case 'projects':
      return 'project';
    case 'signs':
      return 'sign';
    default:
      return null;
  }
}

export function RecordCard({ collection, id }: { collection: string; id: string }) {
  const loaded = useLoaded(`${collection}/${id}`, (signal) => load(collection, id, signal));
  const feature = loaded.value;
  useEffect(() => {
    if (!feature) return;
    selectedCode.value = null;
    const bounds = boundsOf(feature.geometry);
    if (!bounds) return;
    const [w, s, e, n] = bounds;
    pin.value = feature.geometry?.type === 'Point' ? [w, s] : null;
    if (w === e && s === n) fly([w, s], 13);
    else fit(bounds);
  }, [feature]);
  return (
    <Await loaded={loaded} missing={t('unknownPlace', { id })}>
      {(f) => <Card collection={collection} feature={f} id={id} />}
    </Await>
  );
}

function Card({ collection, feature, id }: { collection: string; feature: Feature; id: string }) {
  const p: Record<string, unknown> = { length_m: (feature as { length_m?: unknown }).length_m, ...feature.properties };
  const symbol = symbolOf(collection, p);
  const name = plain(p.name) || plain(p.number) || id;
  const shown = FIELDS.filter((field) => {
    const value = p[field];
    return `f_${field}` in zh && value !== undefined && value !== null && value !== '' && !(Array.isArray(value) && !value.length) && plain(value) !== name;
  });
  return (
    <article>
      <header class={symbol ? 'card-head with-symbol' : 'card-head'}>
        {symbol && <MapSymbol name={symbol} />}
        <div>
          <p class="overline">{term('rec', collection)}</p>
          <h2 tabIndex={-1}>{name}</h2>
          {typeof p.pinyin === 'string' && p.pinyin && <p class="pinyin">{p.pinyin}</p>}
        </div>
      </header>
      <dl class="facts">
        {shown.map((field) => (
          <Row key={field} label={t(`f_${field}` as Key)}>
            <Value field={field} value={p[field]} />
          </Row>
        ))}
      </dl>
      <p class="actions">
        <CopyButton text={`${id} ${name}`} />
        <ShareButton />
      </p>
      <SourceNote source={typeof p.source === 'string' ? p.source : undefined} />
    </article>
  );
}
