/** What is here: the whole hierarchy, the nearest line and its other side, marker, names, services. */

import { useEffect } from 'preact/hooks';
import { api } from '../api/client';
import type { Reverse, UnitRef } from '../api/types';
import { formatDistance, lang, t } from '../i18n';
import { pin, selectedCode } from '../state/app';
import { useLoaded } from '../state/load';
import { Await, CopyButton, Go, Ladder, Row, ShareButton } from './parts';
import { ServiceItem } from './ServiceItem';

export function HereCard({ lon, lat }: { lon: number; lat: number }) {
  const key = `${lon.toFixed(6)},${lat.toFixed(6)}`;
  const loaded = useLoaded(key, (signal) => api.reverse(lon, lat, signal));
  useEffect(() => {
    pin.value = [lon, lat];
  }, [key]);
  useEffect(() => {
    const divisions = loaded.value?.divisions;
    if (divisions) selectedCode.value = divisions.at(-1)?.code ?? null;
  }, [loaded.value]);
  return (
    <Await loaded={loaded}>
      {(answer) => (
        <article>
          <header class="card-head">
            <p class="overline">{t('here')}</p>
            <h2 tabIndex={-1}>{answer.divisions.at(-1)?.name ?? t('hereEmpty')}</h2>
            <p class="coordinates">
              <code>{key.replace(',', ', ')}</code> <small>CGCS2000</small>
            </p>
          </header>
          <p class="actions">
            <CopyButton text={key} label={t('coordinates')} />
            <ShareButton />
          </p>
          <Ladder units={answer.divisions} />
          <Around answer={answer} />
          <Services lon={lon} lat={lat} />
        </article>
      )}
    </Await>
  );
}

function Around({ answer }: { answer: Reverse }) {
  const { boundary, marker } = answer;
  const codes = new Set(answer.divisions.map((d) => d.code));
  const other = (boundary?.between ?? []).find((code): code is string => Boolean(code) && !codes.has(code!));
  return (
    <dl class="facts">
      {boundary && (
        <Row label={t('nearestBoundary')}>
          <Go to={{ page: 'record', collection: 'boundaries', id: boundary.id }}>
            {boundary.distance_m < 1 ? t('onBoundary') : formatDistance(boundary.distance_m)}
          </Go>
          {other && <OtherSide code={other} />}
        </Row>
      )}
      {marker && (
        <Row label={t('nearestMarker')}>
          <Go to={{ page: 'record', collection: 'markers', id: marker.id }}>{marker.number ?? marker.id}</Go>
          {' · '}
          {formatDistance(marker.distance_m)}
        </Row>
      )}
      {answer.names && answer.names.length > 0 && (
        <Row label={t('nearbyNames')}>
          <ul class="plain">
            {answer.names.slice(0, 5).map((name) => (
              <li key={name.id}>
                <Go to={{ page: 'place', id: name.id }}>{name.name}</Go>
                <small>
                  {' '}
                  {lang.value === 'zh' ? name.direction : ''} {formatDistance(name.distance_m)}
                </small>
              </li>
            ))}
          </ul>
        </Row>
      )}
    </dl>
  );
}

function OtherSide({ code }: { code: string }) {
  const loaded = useLoaded<UnitRef>(code, (signal) => api.division(code, signal));
  return (
    <span class="other-side">
      {' · '}
      <Go to={{ page: 'place', id: code }}>{t('otherSide', { name: loaded.value?.name ?? code })}</Go>
    </span>
  );
}

function Services({ lon, lat }: { lon: number; lat: number }) {
  const loaded = useLoaded(`${lon},${lat}`, (signal) => api.nearest({ lon, lat, limit: 5 }, signal));
  const near = loaded.value?.filter((s) => (s.distanceM ?? 0) < 50_000) ?? [];
  if (!near.length) return null;
  return (
    <section>
      <h3>{t('servicesNear')}</h3>
      <ul class="services">
        {near.map((service) => (
          <ServiceItem key={service.id} service={service} />
        ))}
      </ul>
      <p>
        <Go class="button" to={{ page: 'assist', lon, lat }}>
          {t('allServices')}
        </Go>
      </p>
    </section>
  );
}
