/** Search: an ARIA combobox that leaves the keys of an input method alone. */

import { useEffect, useRef, useState } from 'preact/hooks';
import { api, isAbort } from '../api/client';
import { ancestorLine } from '../api/read';
import type { Feature, SearchProperties } from '../api/types';
import { lang, t, term } from '../i18n';
import { navigate, route, view } from '../state/app';
import { LineIcon } from './Icon';

/** Long enough not to ask for every key, short enough not to be felt. */
const DEBOUNCE_MS = 60;

type Hit = Feature<SearchProperties>;

/** Where to look first: only when the map is near enough to mean something. */
export const nearView = () =>
  view.value && view.value.zoom >= 6
    ? { lon: Number(view.value.lon.toFixed(3)), lat: Number(view.value.lat.toFixed(3)) }
    : {};

/** What tells equal names apart: the ancestors, or the label when there are none. */
export function whereabouts(p: SearchProperties): string {
  return ancestorLine(p.division, p.id) || (p.label && p.label !== p.name ? p.label : '');
}

export function kindWord(p: SearchProperties): string {
  return p.level ? term('level', p.level) : t('rec_names');
}

export function alsoKnown(p: SearchProperties): string {
  const { name, kind } = p.matched ?? {};
  return name && name !== p.name && kind && !/^(name|pinyin|code|standard|short)/.test(kind) && /\p{Script=Han}/u.test(name)
    ? t('matchedAs', { name })
    : '';
}

export function SearchBox() {
  const [text, setText] = useState(route.value.page === 'search' ? route.value.q : '');
  const [hits, setHits] = useState<Hit[]>([]);
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const [count, setCount] = useState('');
  const input = useRef<HTMLInputElement>(null);
  const control = useRef<AbortController | null>(null);
  const timer = useRef(0);
  const composing = useRef(false);

  const ask = (value: string): void => {
    clearTimeout(timer.current);
    control.current?.abort();
    // Within a composition the text is Pinyin with apostrophes between syllables.
    const q = value.replace(/'/g, '').trim();
    if (!q) {
      setHits([]);
      setOpen(false);
      setCount('');
      return;
    }
    timer.current = window.setTimeout(() => {
      const mine = new AbortController();
      control.current = mine;
      api.autocomplete(q, nearView(), lang.value, mine.signal).then(
        ({ features }) => {
          if (mine.signal.aborted) return;
          setHits(features);
          setActive(-1);
          setOpen(document.activeElement === input.current);
          setCount(features.length ? t('results', { n: features.length }) : t('noResults', { q }));
        },
        (error: unknown) => {
          if (!isAbort(error)) setOpen(false);
        },
      );
    }, DEBOUNCE_MS);
  };

  const choose = (hit: Hit): void => {
    setText(hit.properties.name);
    setOpen(false);
    control.current?.abort();
    clearTimeout(timer.current);
    navigate({ page: 'place', id: hit.properties.id });
    input.current?.blur();
  };

  const search = (): void => {
    const q = text.replace(/'/g, '').trim();
    if (!q) return;
    clearTimeout(timer.current);
    control.current?.abort();
    setOpen(false);
    navigate({ page: 'search', q });
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    // Keys of an input method: Safari ends the composition before the key, hence the old key code.
    if (event.isComposing || event.keyCode === 229 || composing.current) return;
    switch (event.key) {
      case 'ArrowDown':
      case 'ArrowUp': {
        if (!hits.length) return;
        event.preventDefault();
        setOpen(true);
        const step = event.key === 'ArrowDown' ? 1 : -1;
        setActive((n) => (n + step + hits.length + (n < 0 && step < 0 ? 1 : 0)) % hits.length);
        break;
      }
      case 'Enter': {
        event.preventDefault();
        const hit = open ? hits[active] : undefined;
        if (hit) choose(hit);
        else search();
        break;
      }
      case 'Escape':
        if (open) setOpen(false);
        else {
          setText('');
          ask('');
        }
        break;
    }
  };

  useEffect(() => {
    const onSlash = (event: KeyboardEvent): void => {
      const target = event.target as HTMLElement;
      if (event.key !== '/' || event.ctrlKey || event.metaKey || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) return;
      event.preventDefault();
      input.current?.focus();
      input.current?.select();
    };
    addEventListener('keydown', onSlash);
    return () => removeEventListener('keydown', onSlash);
  }, []);

  return (
    <div class="search" role="search">
      <div class="search-box">
        <LineIcon name="search" />
        <input
          ref={input}
          id="search"
          type="text"
          role="combobox"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          enterkeyhint="search"
          aria-label={t('searchLabel')}
          aria-autocomplete="list"
          aria-expanded={open && hits.length > 0}
          aria-controls="search-list"
          aria-activedescendant={open && active >= 0 ? `hit-${active}` : undefined}
          placeholder={t('search')}
          value={text}
          onInput={(event) => {
            setText(event.currentTarget.value);
            ask(event.currentTarget.value);
          }}
          onCompositionStart={() => (composing.current = true)}
          onCompositionEnd={(event) => {
            // Chromium sends no `input` after this.
            composing.current = false;
            setText(event.currentTarget.value);
            ask(event.currentTarget.value);
          }}
          onKeyDown={onKeyDown}
          onFocus={() => hits.length > 0 && setOpen(true)}
          onBlur={() => {
            composing.current = false;
            setOpen(false);
          }}
        />
        {text && (
          <button
            type="button"
            class="icon-button"
            aria-label={t('clear')}
            title={t('clear')}
            onClick={() => {
              setText('');
              ask('');
              if (route.value.page === 'search') navigate({ page: 'home' });
              input.current?.focus();
            }}
          >
            <LineIcon name="close" />
          </button>
        )}
        <button
          type="button"
          class="lang-button"
          lang={lang.value === 'zh' ? 'en' : 'zh-CN'}
          title={t('languageLabel')}
          onClick={() => (lang.value = lang.value === 'zh' ? 'en' : 'zh')}
        >
          {t('language')}
        </button>
      </div>
      <ul id="search-list" role="listbox" aria-label={t('searchLabel')} hidden={!open || hits.length === 0}>
        {hits.map((hit, i) => (
          <li
            key={hit.properties.id}
            id={`hit-${i}`}
            role="option"
            aria-selected={i === active}
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => choose(hit)}
          >
            <HitText properties={hit.properties} />
          </li>
        ))}
      </ul>
      <div class="visually-hidden" role="status" aria-live="polite">
        {count}
      </div>
    </div>
  );
}

/** Name, level and ancestors of a result. */
export function HitText({ properties: p }: { properties: SearchProperties }) {
  const also = alsoKnown(p);
  return (
    <>
      <span class="hit-name">{p.name}</span>
      <span class="hit-kind">{kindWord(p)}</span>
      <span class="hit-where">
        {whereabouts(p)}
        {also && <em>{also}</em>}
      </span>
    </>
  );
}
