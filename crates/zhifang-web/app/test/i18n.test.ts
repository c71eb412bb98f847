import { expect, test } from 'vitest';
import { en } from '../src/i18n/en';
import { fill, formatDistance, lang, t, term } from '../src/i18n';
import { zh } from '../src/i18n/zh';

test('both languages fill the same places', () => {
  const places = (s: string) => [...s.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort();
  for (const [key, text] of Object.entries(zh)) {
    expect(places(en[key as keyof typeof zh]), key).toEqual(places(text));
    expect(en[key as keyof typeof zh], key).not.toBe('');
  }
});

test('texts, terms, distances', () => {
  lang.value = 'zh';
  expect(t('results', { n: 3 })).toBe('3 个结果');
  expect(term('level', 'county')).toBe('县级');
  expect(term('level', 'galaxy')).toBe('galaxy');
  expect(formatDistance(37.4)).toBe('37 米');
  expect(formatDistance(2449)).toBe('2.4 公里');
  lang.value = 'en';
  expect(formatDistance(17_300)).toBe('17 km');
  expect(fill('{a} {b}', { a: 1 })).toBe('1 {b}');
  lang.value = 'zh';
});
