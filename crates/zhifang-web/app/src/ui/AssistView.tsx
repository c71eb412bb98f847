/** The assistance map: hotline first, then what do you need, where are you, the nearest. */

import { useEffect, useRef } from 'preact/hooks';
import { api } from '../api/client';
import { readSeat } from '../api/read';
import type { LonLat, Service } from '../api/types';
import { t, term } from '../i18n';
import { fit, mapCentre } from '../map/port';
import { askPosition, large, navigate, pin, say, selectedCode, view } from '../state/app';
import { useLoaded } from '../state/load';
import type { Route } from '../state/url';
import { LineIcon, MapSymbol } from './Icon';
import { Await } from './parts';
import { ServiceItem } from './ServiceItem';

type AssistRoute = Extract<Route, { page: 'assist' }>;

/** The kinds a citizen chooses from, commonest first. */
export const KINDS = [
  'assistance_station',
  'assistance_point',
  'elderly_home',
  'day_care',
  'home_care_center',
  'child_protection_station',
  'disability_care_station',
  'social_work_station',
  'community_center',
  'volunteer_station',
  'shelter',
  'funeral_home',
];

/** Beyond this the map's centre is not where the citizen is. */
const FAR_M = 60_000;
const NATION_CENTRE: LonLat = [104.5, 35];

interface Start {
  at: LonLat;
  from: 'chosen' | 'centre' | 'area';
}

/** The seat of the county that has services, and failing that the service. */
async function seatNear(at: LonLat, signal: AbortSignal): Promise<LonLat> {
  const here = await api.reverse(at[0], at[1], signal).catch(() => null);
  const county = here?.divisions.find((unit) => unit.level === 'county');
  const unit = county && (await api.division(county.code, signal).catch(() => null));
  return readSeat(unit?.seat) ?? at;
}

/** The point to measure from: the chosen one, the map's centre when near, else where services are. */
async function startPoint(chosen: LonLat | null, signal: AbortSignal): Promise<Start> {
  if (chosen) return { at: chosen, from: 'chosen' };
  const centre = mapCentre() ?? view.value;
  const at: LonLat = centre ? [centre.lon, centre.lat] : NATION_CENTRE;
  const [nearest] = await api.nearest({ lon: at[0], lat: at[1], limit: 1 }, signal);
  if (nearest?.position && (nearest.distanceM ?? 0) > FAR_M) {
    return { at: await seatNear(nearest.position, signal), from: 'area' };
  }
  return { at, from: 'centre' };
}

interface Answer extends Start {
  services: Service[];
  hotline: Service | undefined;
}

export function AssistView({ route }: { route: AssistRoute }) {
  const chosen: LonLat | null = route.lon !== undefined && route.lat !== undefined ? [route.lon, route.lat] : null;
  const key = `${route.kind ?? ''}@${chosen?.join(',') ?? ''}`;
  const loaded = useLoaded<Answer>(key, async (signal) => {
    const { at, from } = await startPoint(chosen, signal);
    const [services, hotlines] = await Promise.all([
      api.nearest({ lon: at[0], lat: at[1], kind: route.kind, limit: 12 }, signal),
      api.nearest({ lon: at[0], lat: at[1], kind: 'hotline', limit: 1 }, signal).catch(() => []),
    ]);
    return { at, from, services, hotline: hotlines[0] };
  });
  const answer = loaded.value;
  const hotline = useRef<Service | undefined>(undefined);
  if (answer?.hotline) hotline.current = answer.hotline;

  useEffect(() => {
    if (!answer) return;
    selectedCode.value = null;
    pin.value = answer.at;
    const points = [answer.at, ...answer.services.slice(0, 5).flatMap((s) => (s.position ? [s.position] : []))];
    const lons = points.map((p) => p[0]);
    const lats = points.map((p) => p[1]);
    // Where nobody said where he is, the surroundings matter more than the next house.
    const margin = answer.from === 'area' ? 0.03 : 0.004;
    fit([Math.min(...lons) - margin, Math.min(...lats) - margin, Math.max(...lons) + margin, Math.max(...lats) + margin]);
  }, [answer]);

  const choose = (kind?: string): void =>
    navigate({ page: 'assist', kind, ...(chosen ? { lon: chosen[0], lat: chosen[1] } : {}) });
  const locate = (): void => {
    askPosition().then(
      ([lon, lat]) => navigate({ page: 'assist', kind: route.kind, lon, lat }),
      () => say(t('locateDenied')),
    );
  };
  const place =
    answer?.from === 'area' ? t('assistServiceArea') : answer?.from === 'centre' ? t('assistCentre') : t('assistMapPoint');

  return (
    <article class="assist">
      <h2 tabIndex={-1} class="assist-title">
        {t('assistTitle')}
        <button type="button" class="chip" aria-pressed={large.value} onClick={() => (large.value = !large.value)}>
          <LineIcon name="text" />
          {large.value ? t('largeTextOff') : t('largeText')}
        </button>
      </h2>
      {hotline.current?.phone && (
        <a class="hotline" href={`tel:${hotline.current.phone.replace(/[^+\d]/g, '')}`}>
          <MapSymbol name="hotline" />
          <span>
            {t('callHotline')}
            <strong>{hotline.current.phone}</strong>
          </span>
        </a>
      )}
      <h3 class="with-chip">
        {t('assistAsk')}
        <button type="button" class="chip" aria-pressed={!route.kind} onClick={() => choose()}>
          {t('assistAll')}
        </button>
      </h3>
      <ul class="kinds">
        {KINDS.map((kind) => (
          <li key={kind}>
            <button
              type="button"
              class="kind"
              title={term('kind', kind)}
              aria-pressed={route.kind === kind}
              onClick={() => choose(kind)}
            >
              <MapSymbol name={kind} />
              {term('short', kind)}
            </button>
          </li>
        ))}
      </ul>
      <h3>{t('assistWhere')}</h3>
      <p class="actions">
        <button type="button" class="button" onClick={locate}>
          <LineIcon name="locate" />
          {t('assistHere')}
        </button>
        <span class="hint">{t('assistFromMap')}</span>
      </p>
      <Await loaded={loaded}>
        {({ services }) => (
          <section aria-live="polite">
            <p class="note">
              {t('assistFrom', { place })} · {t('results', { n: services.length })}
            </p>
            {services.length ? (
              <ul class="services">
                {services.map((service) => (
                  <ServiceItem key={service.id} service={service} />
                ))}
              </ul>
            ) : (
              <p class="note">{t('assistNone')}</p>
            )}
          </section>
        )}
      </Await>
    </article>
  );
}
