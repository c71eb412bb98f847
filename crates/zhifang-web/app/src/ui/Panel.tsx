/** The panel at the left, or the bottom sheet of a phone, with what is open. */

import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { isDivisionId } from '../api/read';
import { t } from '../i18n';
import { narrow, navigate, pin, route, selectedCode, sheet } from '../state/app';
import { AssistView } from './AssistView';
import { DivisionCard } from './DivisionCard';
import { FindingsPanel } from './FindingsPanel';
import { HereCard } from './HereCard';
import { HomePanel } from './HomePanel';
import { LineIcon } from './Icon';
import { RecordCard } from './RecordCard';
import { SearchResults } from './SearchResults';
import { ServiceCard } from './ServiceItem';
import { nextHeight, restingHeight, sheetPixels } from './sheet';

function Content() {
  const r = route.value;
  switch (r.page) {
    case 'home':
      return <HomePanel />;
    case 'place':
      return isDivisionId(r.id) ? <DivisionCard code={r.id} /> : <RecordCard collection="names" id={r.id} />;
    case 'at':
      return <HereCard lon={r.lon} lat={r.lat} />;
    case 'record':
      return r.collection === 'services' ? <ServiceCard id={r.id} /> : <RecordCard collection={r.collection} id={r.id} />;
    case 'search':
      return <SearchResults q={r.q} />;
    case 'findings':
      return <FindingsPanel />;
    case 'assist':
      return <AssistView route={r} />;
  }
}

export function Panel() {
  const panel = useRef<HTMLElement>(null);
  const body = useRef<HTMLDivElement>(null);
  const r = route.value;
  const key = JSON.stringify(r);

  useEffect(() => {
    if (body.current) body.current.scrollTop = 0;
    if (r.page === 'home') {
      selectedCode.value = null;
      pin.value = null;
    }
  }, [key]);

  // Heights come from script: inline styles in the page's text are not allowed.
  useLayoutEffect(() => {
    const element = panel.current;
    if (!element) return;
    const apply = (): void => {
      const pixels = `${sheetPixels(sheet.value, innerHeight)}px`;
      element.style.height = narrow.value ? pixels : '';
      // What floats over the map keeps above the sheet.
      document.documentElement.style.setProperty('--sheet', pixels);
    };
    apply();
    addEventListener('resize', apply);
    return () => removeEventListener('resize', apply);
  }, [narrow.value, sheet.value]);

  const drag = useRef<{ y: number; pixels: number; last: number; time: number; speed: number; moved: boolean } | null>(null);
  const onPointerDown = (event: PointerEvent): void => {
    const element = panel.current;
    if (!element) return;
    drag.current = { y: event.clientY, pixels: element.offsetHeight, last: event.clientY, time: event.timeStamp, speed: 0, moved: false };
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
    element.classList.add('dragging');
  };
  const onPointerMove = (event: PointerEvent): void => {
    const d = drag.current;
    const element = panel.current;
    if (!d || !element) return;
    const elapsed = Math.max(1, event.timeStamp - d.time);
    d.speed = (d.last - event.clientY) / elapsed;
    d.last = event.clientY;
    d.time = event.timeStamp;
    if (Math.abs(event.clientY - d.y) > 6) d.moved = true;
    if (d.moved) element.style.height = `${Math.max(60, Math.min(innerHeight - 60, d.pixels + d.y - event.clientY))}px`;
  };
  const onPointerUp = (): void => {
    const d = drag.current;
    const element = panel.current;
    drag.current = null;
    if (!d || !element) return;
    element.classList.remove('dragging');
    const rest = d.moved ? restingHeight(element.offsetHeight, d.speed, innerHeight) : nextHeight(sheet.value);
    element.style.height = `${sheetPixels(rest, innerHeight)}px`;
    sheet.value = rest;
  };

  return (
    <main class={`panel panel-${r.page}`} ref={panel} data-height={sheet.value}>
      {narrow.value && (
        <button
          type="button"
          class="handle"
          aria-label={t('menu')}
          aria-expanded={sheet.value !== 'peek'}
          onPointerDown={onPointerDown}
          onPointerMove={onPointerMove}
          onPointerUp={onPointerUp}
          onPointerCancel={onPointerUp}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' && event.key !== ' ') return;
            event.preventDefault();
            sheet.value = nextHeight(sheet.value);
          }}
        >
          <span />
        </button>
      )}
      {r.page !== 'home' && (
        <button
          type="button"
          class="icon-button panel-close"
          aria-label={t('close')}
          title={t('close')}
          onClick={() => navigate({ page: 'home' })}
        >
          <LineIcon name="close" />
        </button>
      )}
      <div
        class="panel-body"
        ref={body}
        key={key}
        onKeyDown={(event) => {
          if (event.key === 'Escape' && r.page !== 'home') navigate({ page: 'home' });
        }}
      >
        <Content />
      </div>
    </main>
  );
}
