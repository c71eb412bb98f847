/** Starts the page: panels first, the map beside them. */

import { effect } from '@preact/signals';
import { render } from 'preact';
import { isFolder } from './base';
import { lang, t } from './i18n';
import type { Wanted } from './map/controller';
import { fly, setMap, startPadding } from './map/port';
import {
  dark,
  DESK_GROUPS,
  groups,
  loadMe,
  mapReady,
  me,
  navigate,
  pin,
  route,
  say,
  selectedCode,
  session,
  startView,
  styleId,
  view,
} from './state/app';
import { App } from './ui/App';
import './styles/page.css';
import './styles/panel.css';
import './styles/cards.css';
import './styles/map.css';

const root = document.getElementById('app');
if (root) {
  root.textContent = '';
  render(<App />, root);
}
effect(() => {
  document.title = t('title');
});

const wanted = (): Wanted => ({
  styleId: styleId.value,
  lang: lang.value,
  groups: groups.value,
  absent: me.value ? [] : DESK_GROUPS,
  selectedCode: selectedCode.value,
  pin: pin.value,
  accent: dark.value ? '#6cb6e8' : '#0072b2',
  session: session.value,
});

/** Collections whose records have a card. */
const WITH_CARD = new Set(['services', 'markers', 'findings', 'claims', 'signs', 'cemeteries', 'projects', 'names']);

async function start(container: HTMLElement): Promise<void> {
  const who = loadMe({ hinted: true });
  const { startMap } = await import('./map/controller');
  const drawn = wanted();
  const home = isFolder ? await (await import('./api/folder')).site() : null;
  const map = await startMap(container, drawn, startView, home, startPadding(), t('mapLabel'), {
    onClick: (at, hit) => {
      if (hit && WITH_CARD.has(hit.collection)) {
        navigate(
          hit.collection === 'names'
            ? { page: 'place', id: hit.id }
            : { page: 'record', collection: hit.collection, id: hit.id },
        );
      } else if (route.value.page === 'assist') {
        navigate({ ...route.value, lon: at[0], lat: at[1] });
      } else {
        navigate({ page: 'at', lon: Number(at[0].toFixed(6)), lat: Number(at[1].toFixed(6)) });
      }
    },
    onMove: (next) => (view.value = next),
    onReady: () => (mapReady.value = true),
    onTrouble: (what) => {
      if (!mapReady.value) console.warn(what);
    },
  });
  setMap(map);
  const opened = route.value;
  if (opened.page === 'at' && !startView) fly([opened.lon, opened.lat], 11);
  await who;
  // From here on the map follows what the page knows; at once where that has changed meanwhile.
  let last = JSON.stringify(drawn);
  effect(() => {
    const next = wanted();
    const text = JSON.stringify(next);
    if (text === last) return;
    last = text;
    void map.show(next);
  });
}

const container = document.getElementById('map');
if (container) {
  container.removeAttribute('aria-hidden');
  start(container).catch((error: unknown) => {
    document.documentElement.dataset.map = 'failed';
    say(t('failed', { why: error instanceof Error ? error.message : String(error) }));
  });
}
