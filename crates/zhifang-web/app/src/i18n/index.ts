/** Texts in the chosen language. */

import { signal } from '@preact/signals';
import { en } from './en';
import { zh, type Key } from './zh';

export type Lang = 'zh' | 'en';
export type { Key };

const DICTIONARIES: Record<Lang, Record<Key, string>> = { zh, en };

export const lang = signal<Lang>('zh');

/** Puts `{name}` values into a text. */
export function fill(text: string, values: Record<string, string | number> = {}): string {
  return text.replace(/\{(\w+)\}/g, (whole, key: string) => (key in values ? String(values[key]) : whole));
}

export function t(key: Key, values?: Record<string, string | number>): string {
  return fill(DICTIONARIES[lang.value][key], values);
}

/** The text of a key that is put together (`kind_…`), or the bare value where there is none. */
export function term(prefix: string, value: string): string {
  const key = `${prefix}_${value}`;
  return key in zh ? t(key as Key) : value;
}

export const locale = (): string => (lang.value === 'zh' ? 'zh-CN' : 'en');

export function formatNumber(value: number, digits = 0): string {
  return new Intl.NumberFormat(locale(), { maximumFractionDigits: digits }).format(value);
}

/** `380 米`, `2.4 公里`, `17 公里`. */
export function formatDistance(metres: number): string {
  if (metres < 1000) return t('distance_m', { n: formatNumber(metres < 100 ? metres : Math.round(metres / 10) * 10) });
  return t('distance_km', { n: formatNumber(metres / 1000, metres < 10_000 ? 1 : 0) });
}
