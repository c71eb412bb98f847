/** Small parts that every card uses. */

import type { ComponentChildren } from 'preact';
import type { UnitRef } from '../api/types';
import { t, term } from '../i18n';
import type { Loaded } from '../state/load';
import { hrefOf, navigate, say, shareUrl } from '../state/app';
import type { Route } from '../state/url';
import { LineIcon } from './Icon';

/** A real link (it can be opened in a new tab) that the page follows itself. */
export function Go({ to, class: className, children }: { to: Route; class?: string; children: ComponentChildren }) {
  return (
    <a
      class={className}
      href={hrefOf(to)}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        navigate(to);
      }}
    >
      {children}
    </a>
  );
}

export function Unit({ unit }: { unit: UnitRef }) {
  return <Go to={{ page: 'place', id: unit.code }}>{unit.name}</Go>;
}

/** Province → village, each a link, one under the other. */
export function Ladder({ units, current }: { units: UnitRef[]; current?: string }) {
  return (
    <ol class="ladder">
      {units
        .filter((u) => u.level !== 'country')
        .map((unit) => (
          <li key={unit.code} class={unit.code === current ? 'current' : ''}>
            <span class="ladder-level">{term('level', unit.level)}</span>
            {unit.code === current ? <strong>{unit.name}</strong> : <Unit unit={unit} />}
            <code>{unit.code}</code>
          </li>
        ))}
    </ol>
  );
}

export function Row({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <div class="row">
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

export function CopyButton({ text, label }: { text: string; label?: string }) {
  return (
    <button
      type="button"
      class="chip"
      onClick={() => {
        void navigator.clipboard?.writeText(text).then(() => say(t('copied')));
      }}
    >
      <LineIcon name="copy" />
      {label ?? t('copy')}
    </button>
  );
}

export function ShareButton() {
  return (
    <button
      type="button"
      class="chip"
      onClick={() => {
        const url = shareUrl();
        if (navigator.share) void navigator.share({ url }).catch(() => undefined);
        else void navigator.clipboard?.writeText(url).then(() => say(t('copied')));
      }}
    >
      <LineIcon name="link" />
      {t('share')}
    </button>
  );
}

export function SourceNote({ source }: { source?: string }) {
  if (!source) return null;
  const illustrative = /illustrative|示意/i.test(source);
  return (
    <p class={illustrative ? 'note note-warn' : 'note'}>
      {illustrative ? t('illustrative') : t('sourceIs', { source })}
    </p>
  );
}

/** Waiting, failing or showing. */
export function Await<T>({ loaded, missing, children }: { loaded: Loaded<T>; missing?: string; children: (value: T) => ComponentChildren }) {
  if (loaded.error) {
    const gone = loaded.error.status === 404 && missing;
    return (
      <div class="trouble" role="alert">
        <p>{gone ? missing : t('failed', { why: loaded.error.status === 0 ? t('offline') : loaded.error.message })}</p>
        {!gone && (
          <button type="button" class="button" onClick={loaded.retry}>
            {t('retry')}
          </button>
        )}
      </div>
    );
  }
  if (loaded.value === null) {
    return (
      <p class="waiting" role="status">
        {t('loading')}
      </p>
    );
  }
  return <>{children(loaded.value)}</>;
}

/** A list that shows its first entries and the rest on demand. */
export function UnitList({ units, first = 24 }: { units: UnitRef[]; first?: number }) {
  if (!units.length) return null;
  const link = (unit: UnitRef) => (
    <li key={unit.code}>
      <Unit unit={unit} />
    </li>
  );
  return (
    <>
      <ul class="unit-list">{units.slice(0, first).map(link)}</ul>
      {units.length > first && (
        <details class="more">
          <summary>{t('showAll')}</summary>
          <ul class="unit-list">{units.slice(first).map(link)}</ul>
        </details>
      )}
    </>
  );
}
