/** Findings of the checks, worst first; each zooms to its place. */

import { api } from '../api/client';
import { boundsOf } from '../api/read';
import type { Feature } from '../api/types';
import { lang, t, term } from '../i18n';
import { fit, fly } from '../map/port';
import { navigate, pin } from '../state/app';
import { useLoaded } from '../state/load';
import { MapSymbol } from './Icon';
import { Await } from './parts';

const ORDER = ['error', 'warning', 'info'];
const MOST = 1000;

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

function messageOf(f: Feature): string {
  const p = f.properties;
  return (
    text(lang.value === 'en' ? p.message_en : p.message_zh) ||
    text(p.message) ||
    text(p.name) ||
    text(p.rule)
  );
}

function zoomTo(f: Feature): void {
  const bounds = boundsOf(f.geometry);
  if (!bounds) return;
  const [w, s, e, n] = bounds;
  pin.value = [(w + e) / 2, (s + n) / 2];
  if (e - w < 1e-4 && n - s < 1e-4) fly([w, s], 14);
  else fit(bounds);
}

export function FindingsPanel() {
  const loaded = useLoaded('findings', (signal) => api.items('findings', MOST, signal));
  return (
    <Await loaded={loaded}>
      {({ features }) => {
        const sorted = [...features].sort(
          (a, b) => ORDER.indexOf(text(a.properties.severity)) - ORDER.indexOf(text(b.properties.severity)),
        );
        return (
          <article>
            <h2 tabIndex={-1}>{t('findingsCount', { n: features.length })}</h2>
            {sorted.length === 0 && <p class="note">{t('findingsNone')}</p>}
            <ul class="findings">
              {sorted.map((f) => {
                const id = text(f.properties.id) || String(f.id ?? '');
                const severity = text(f.properties.severity) || 'info';
                return (
                  <li key={id}>
                    <button
                      type="button"
                      onClick={() => zoomTo(f)}
                      onDblClick={() => navigate({ page: 'record', collection: 'findings', id })}
                      title={t('zoomTo')}
                    >
                      <MapSymbol name={`finding-${severity}`} />
                      <span>
                        <small>
                          {term('sev', severity)} · {text(f.properties.rule)}
                        </small>
                        {messageOf(f)}
                      </span>
                    </button>
                  </li>
                );
              })}
            </ul>
          </article>
        );
      }}
    </Await>
  );
}
