/** What the page knows, as signals; the address follows them and they follow the address. */

import { computed, effect, signal } from '@preact/signals';
import { api } from '../api/client';
import type { LonLat, Me } from '../api/types';
import { basePath, isFolder } from '../base';
import { lang } from '../i18n';
import type { SheetHeight } from '../ui/sheet';
import { formatUrl, fromFragment, parseUrl, toFragment, type Route, type UrlState, type View } from './url';

/** Groups of layers that the legend switches, with what is shown at first. */
export const GROUPS: Record<string, boolean> = {
  divisions: true,
  names: true,
  signs: false,
  markers: true,
  claims: true,
  disputes: true,
  findings: true,
  services: true,
  cemeteries: false,
  projects: false,
};
/** Groups that only a signed-in user has. */
export const DESK_GROUPS = ['claims', 'disputes', 'findings'];

export const STYLE_CHOICES = ['auto', 'light', 'dark', 'print'] as const;
export type StyleChoice = (typeof STYLE_CHOICES)[number];

function readAddress(): UrlState {
  const url = new URL(location.href);
  return parseUrl(isFolder ? fromFragment(url, basePath()) : url, basePath());
}

function writeAddress(state: UrlState): string {
  const url = formatUrl(state, basePath());
  return isFolder ? toFragment(url, basePath()) : url;
}

/** The address of something that a link opens. */
export const hrefOf = (to: Route): string => writeAddress({ route: to, options: {} });

const start = readAddress();

/** How far the sheet of a phone opens for what it shows. */
function sheetFor(shown: Route): SheetHeight {
  return shown.page === 'home' ? 'peek' : shown.page === 'assist' ? 'full' : 'half';
}

/** The view that the address asked for when the page was opened. */
export const startView: View | undefined = start.view;

export const route = signal<Route>(start.route);
export const view = signal<View | undefined>(start.view);
export const styleChoice = signal<StyleChoice>(
  STYLE_CHOICES.find((s) => s === start.options.style) ?? 'auto',
);
export const groupChanges = signal<Record<string, boolean>>(
  Object.fromEntries((start.options.layers ?? []).map((part) => [part.slice(1), part.startsWith('+')])),
);
export const large = signal(start.options.large ?? false);
export const me = signal<Me | null>(null);
/** Counts sign-ins and sign-outs: tiles must be asked for again. */
export const session = signal(0);
export const sheet = signal<SheetHeight>(sheetFor(start.route));
export const layersOpen = signal(false);
export const signInOpen = signal(false);
export const toast = signal('');
export const online = signal(navigator.onLine);
export const mapReady = signal(false);
export const narrow = signal(matchMedia('(max-width: 719px)').matches);
/** The unit whose area and line are lifted out, and a point that is marked. */
export const selectedCode = signal<string | null>(null);
export const pin = signal<LonLat | null>(null);

if (start.options.lang) lang.value = start.options.lang;

const darkQuery = matchMedia('(prefers-color-scheme: dark)');
const prefersDark = signal(darkQuery.matches);
darkQuery.addEventListener('change', (event) => (prefersDark.value = event.matches));
matchMedia('(max-width: 719px)').addEventListener('change', (event) => (narrow.value = event.matches));
addEventListener('online', () => (online.value = true));
addEventListener('offline', () => (online.value = false));

/** Whether panels are dark. */
export const dark = computed(
  () => styleChoice.value === 'dark' || (styleChoice.value === 'auto' && prefersDark.value),
);
/** The id of the map style to draw with. */
export const styleId = computed(() => {
  if (styleChoice.value === 'print') return 'print';
  if (dark.value) return 'dark';
  return route.value.page === 'assist' ? 'assistance' : 'light';
});

export const groups = computed<Record<string, boolean>>(() => {
  const shown: Record<string, boolean> = { ...GROUPS };
  if (route.value.page === 'assist') Object.assign(shown, { names: false, markers: false, cemeteries: true });
  Object.assign(shown, groupChanges.value);
  if (!me.value) for (const group of DESK_GROUPS) shown[group] = false;
  return shown;
});

function urlState(shown: Route = route.value): UrlState {
  const layers = Object.entries(groupChanges.value)
    .filter(([group, on]) => GROUPS[group] !== on)
    .map(([group, on]) => `${on ? '+' : '-'}${group}`);
  return {
    route: shown,
    view: view.value,
    options: {
      lang: lang.value === 'en' ? 'en' : undefined,
      style: styleChoice.value === 'auto' ? undefined : styleChoice.value,
      layers,
      large: large.value,
    },
  };
}

/** Opens something: a new entry of the history, so that the back button closes it. */
export function navigate(next: Route, { replace = false } = {}): void {
  const url = writeAddress(urlState(next));
  if (replace) history.replaceState(null, '', url);
  else history.pushState(null, '', url);
  // After the history, or the effect below would overwrite the entry that is left.
  route.value = next;
  sheet.value = sheetFor(next);
}

/** The address of the present state, absolute, for sharing. */
export const shareUrl = (): string => new URL(writeAddress(urlState()), location.href).href;

addEventListener('popstate', () => {
  route.value = readAddress().route;
});

/** Pans, switches and languages replace the entry instead of adding one. */
effect(() => {
  const url = writeAddress(urlState());
  if (url !== location.pathname + location.search + (isFolder ? location.hash : '')) history.replaceState(null, '', url);
});

effect(() => {
  document.documentElement.lang = lang.value === 'zh' ? 'zh-CN' : 'en';
  document.documentElement.dataset.theme = dark.value ? 'dark' : 'light';
  document.documentElement.toggleAttribute('data-large', large.value);
});

let toastTimer = 0;
export function say(text: string): void {
  toast.value = text;
  clearTimeout(toastTimer);
  toastTimer = window.setTimeout(() => (toast.value = ''), 3500);
}

/** The cookie of a session cannot be read from here; this says that asking makes sense. */
const HINT = 'zhifang-session';

export async function loadMe({ hinted = false } = {}): Promise<void> {
  try {
    if (isFolder || (hinted && localStorage.getItem(HINT) === null)) return;
    me.value = await api.me();
    if (me.value) localStorage.setItem(HINT, '1');
    else localStorage.removeItem(HINT);
  } catch {
    me.value = null;
  }
}

/** The device's position, asked for on a tap only. */
export function askPosition(): Promise<LonLat> {
  return new Promise((resolve, reject) => {
    if (!('geolocation' in navigator)) return reject(new Error('no geolocation'));
    navigator.geolocation.getCurrentPosition(
      (p) => resolve([p.coords.longitude, p.coords.latitude]),
      (error) => reject(new Error(error.message)),
      { enableHighAccuracy: true, timeout: 10_000, maximumAge: 60_000 },
    );
  });
}
