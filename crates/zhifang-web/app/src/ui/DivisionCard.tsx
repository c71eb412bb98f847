/** A division: names, code, chain of parents, what lies below and beside. */

import { useEffect } from 'preact/hooks';
import { api } from '../api/client';
import { boundsOf, readFormerNames, readSeat } from '../api/read';
import type { Division } from '../api/types';
import { address, isFolder } from '../base';
import { formatNumber, lang, t, term } from '../i18n';
import { fit, fly } from '../map/port';
import { pin, selectedCode } from '../state/app';
import { useLoaded } from '../state/load';
import { Await, CopyButton, Ladder, Row, ShareButton, SourceNote, UnitList } from './parts';

export function DivisionCard({ code }: { code: string }) {
  const loaded = useLoaded(code, (signal) => api.division(code, signal));
  const division = loaded.value;
  useEffect(() => {
    if (!division) return;
    selectedCode.value = division.code;
    const bounds = boundsOf(division.geometry);
    const seat = readSeat(division.seat);
    pin.value = bounds ? null : seat;
    if (bounds) fit(bounds);
    else if (seat) fly(seat, division.level === 'village' ? 14 : 12);
  }, [division]);
  return (
    <Await loaded={loaded} missing={t('unknownPlace', { id: code })}>
      {(d) => <Card division={d} />}
    </Await>
  );
}

function Card({ division: d }: { division: Division }) {
  const former = readFormerNames(d.former_names);
  const short = readFormerNames(d.short_names);
  const children = d.children ?? [];
  const neighbours = d.neighbours ?? [];
  return (
    <article>
      <header class="card-head">
        <h2 tabIndex={-1}>
          {d.name}
          {d.valid_to && <span class="tag tag-warn">{t('retired')}</span>}
        </h2>
        {d.pinyin && <p class="pinyin">{d.pinyin}</p>}
        <p class="tags">
          <span class="tag">{d.kind && lang.value === 'zh' ? d.kind : term('level', d.level)}</span>
          <code class="tag">{d.code}</code>
        </p>
      </header>
      <p class="actions">
        <CopyButton text={`${d.code} ${d.name}`} />
        <ShareButton />
        {!isFolder && (
          <a class="chip" href={address(`v1/divisions/${encodeURIComponent(d.code)}`)} target="_blank" rel="noopener">
            {t('jsonLink')}
          </a>
        )}
      </p>
      <section>
        <h3>{t('parents')}</h3>
        <Ladder units={[...(d.ancestors ?? []), { code: d.code, name: d.name, level: d.level }]} current={d.code} />
      </section>
      <dl class="facts">
        {d.area_km2 !== undefined && (
          <Row label={t('area')}>{t('area_km2', { n: formatNumber(d.area_km2, d.area_km2 < 100 ? 1 : 0) })}</Row>
        )}
        {d.population !== undefined && <Row label={t('population')}>{formatNumber(d.population)}</Row>}
        {short.length > 0 && <Row label={t('shortNames')}>{short.map((n) => n.name).join(t('hours_comma'))}</Row>}
        {former.length > 0 && (
          <Row label={t('formerNames')}>
            {former.map((n) => (
              <span key={n.name} class="former">
                {n.name}
                {n.years && <small> {n.years}</small>}
              </span>
            ))}
          </Row>
        )}
      </dl>
      {children.length > 0 && (
        <section>
          <h3>{t('childrenCount', { n: children.length })}</h3>
          <UnitList units={children} />
        </section>
      )}
      {neighbours.length > 0 && (
        <section>
          <h3>{t('neighboursCount', { n: neighbours.length })}</h3>
          <UnitList units={neighbours} />
        </section>
      )}
      <SourceNote source={d.source} />
    </article>
  );
}
