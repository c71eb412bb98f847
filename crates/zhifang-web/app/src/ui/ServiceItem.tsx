/** A service in a list and as a card: is it open, how far, call, navigate. */

import { useEffect } from 'preact/hooks';
import { api } from '../api/client';
import { readService } from '../api/read';
import type { LonLat, Service } from '../api/types';
import { formatDistance, formatNumber, t, term, type Key } from '../i18n';
import { fly } from '../map/port';
import { pin, selectedCode } from '../state/app';
import { useLoaded } from '../state/load';
import { describeHours, isOpenAt, type HoursWords } from './hours';
import { LineIcon, MapSymbol } from './Icon';
import { Await, Go, Row, ShareButton, SourceNote } from './parts';

const hoursWords = (): HoursWords => ({
  day: (day) => t(`day_${day}` as Key),
  always: t('hours_always'),
  daily: t('hours_daily'),
  off: t('hours_off'),
  to: t('hours_to'),
  comma: t('hours_comma'),
});

export const hoursText = (hours: string): string => describeHours(hours, hoursWords());

/** Open, closed, closed for good, or unknown: always a word, never colour alone. */
export function OpenState({ service }: { service: Service }) {
  if (service.closed) return <span class="state state-gone">{t('closedForGood')}</span>;
  const open = service.open ?? (service.hours ? isOpenAt(service.hours, new Date()) : null);
  if (open === null) return <span class="state">{t('hoursUnknown')}</span>;
  return open ? (
    <span class="state state-open">{t('openNow')}</span>
  ) : (
    <span class="state state-closed">{t('closedNow')}</span>
  );
}

export function CallButton({ phone, wide }: { phone: string; wide?: boolean }) {
  return (
    <a class={wide ? 'button primary wide' : 'button primary'} href={`tel:${phone.replace(/[^+\d]/g, '')}`}>
      <svg class="line-icon solid" viewBox="0 0 24 24" aria-hidden="true">
        <path d="M8 5.600l2.200-.5 1.300 3-1.500 1.300a9 9 0 0 0 4.600 4.600l1.300-1.500 3 1.300-.5 2.200c-.2.9-1 1.500-1.900 1.500C11 17.500 6.500 13 6.500 7.500c0-.9.6-1.700 1.500-1.900z" />
      </svg>
      {t('call')} <span class="phone">{phone}</span>
    </a>
  );
}

const APPS = ['amap', 'tencent', 'baidu', 'apple', 'geo'];

/** Links come from the service, each in the datum of its app. */
export function NavigateButtons({ links }: { links: Record<string, string> }) {
  const apps = APPS.filter((app) => links[app]);
  if (!apps.length) return null;
  return (
    <details class="navigate">
      <summary class="button">
        <LineIcon name="go" />
        {t('navigate')}
      </summary>
      <p>
        {apps.map((app) => (
          <a key={app} class="button" href={links[app]} target="_blank" rel="noopener noreferrer">
            {term('nav', app)}
          </a>
        ))}
      </p>
    </details>
  );
}

export function ServiceItem({ service }: { service: Service }) {
  return (
    <li class="service">
      <Go class="service-head" to={{ page: 'record', collection: 'services', id: service.id }}>
        <MapSymbol name={service.kind} />
        <span class="service-name">{service.name}</span>
        <span class="service-facts">
          {term('kind', service.kind)}
          {service.distanceM !== undefined && ` · ${formatDistance(service.distanceM)}`}
          {service.minutes !== undefined && ` · ${t('minutes', { n: formatNumber(Math.max(1, Math.round(service.minutes))) })}`}
        </span>
        <OpenState service={service} />
      </Go>
      <div class="service-actions">
        {service.phone && <CallButton phone={service.phone} />}
        <NavigateButtons links={service.links} />
      </div>
    </li>
  );
}

/** The record, with the links that only the nearest answer carries. */
async function loadService(id: string, signal: AbortSignal): Promise<Service> {
  const feature = await api.item('services', id, signal);
  const service = readService(feature);
  if (!service) throw new Error(id);
  if (service.position && Object.keys(service.links).length === 0) {
    const [lon, lat] = service.position;
    const near = await api.nearest({ lon, lat, kind: service.kind, limit: 5 }, signal).catch(() => []);
    const same = near.find((s) => s.id === service.id);
    if (same) return { ...service, links: same.links, open: same.open, change: same.change };
  }
  return service;
}

export function ServiceCard({ id }: { id: string }) {
  const loaded = useLoaded(id, (signal) => loadService(id, signal));
  useEffect(() => {
    const at: LonLat | undefined = loaded.value?.position;
    if (!at) return;
    pin.value = at;
    selectedCode.value = null;
    fly(at, 13);
  }, [loaded.value]);
  return (
    <Await loaded={loaded} missing={t('unknownPlace', { id })}>
      {(s) => (
        <article>
          <header class="card-head with-symbol">
            <MapSymbol name={s.kind} />
            <div>
              <p class="overline">{term('kind', s.kind)}</p>
              <h2 tabIndex={-1}>{s.name}</h2>
              <OpenState service={s} />
            </div>
          </header>
          <div class="service-actions big">
            {s.phone && <CallButton phone={s.phone} wide />}
            <NavigateButtons links={s.links} />
          </div>
          <dl class="facts">
            {s.hours && <Row label={t('hours')}>{hoursText(s.hours)}</Row>}
            {s.address && <Row label={t('address')}>{s.address}</Row>}
            {s.beds !== undefined && (
              <Row label={t('beds')}>
                {s.nursingBeds !== undefined
                  ? t('bedsOf', { beds: s.beds, nursing: s.nursingBeds })
                  : t('bedsPlain', { beds: s.beds })}
              </Row>
            )}
            {s.accessible !== undefined && <Row label={t('accessible')}>{s.accessible ? t('yes') : t('no')}</Row>}
          </dl>
          <p class="actions">
            <ShareButton />
          </p>
          <SourceNote source={s.source} />
        </article>
      )}
    </Await>
  );
}
