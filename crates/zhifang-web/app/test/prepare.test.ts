import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { codePrefix, outlineFilter, prepareStyle, type Style } from '../src/map/prepare';

const light = JSON.parse(readFileSync(new URL('../../../../tiles/styles/light.json', import.meta.url), 'utf8')) as Style;
const wanted = {
  groups: { names: false },
  absent: [] as string[],
  selectedCode: null,
  pin: null,
  accent: '#000000',
  resolve: (url: string) => `http://h/p/${url.replace(/^\//, '')}`,
};
const layer = (style: Style, id: string) => style.layers.find((l) => l.id === id) as Record<string, never>;

test('addresses become absolute and the given style stays as it was', () => {
  const before = JSON.stringify(light);
  const style = prepareStyle(light, wanted);
  expect(style.sources.base!.url).toBe('http://h/p/tiles/base.json');
  expect(style.sprite).toBe('http://h/p/sprites/zhifang');
  for (const file of Object.values(style['font-faces']!).flat()) expect(file.url).toMatch(/^http:\/\/h\/p\/fonts\//);
  expect(JSON.stringify(light)).toBe(before);
});

test('switched groups are hidden, others shown', () => {
  const style = prepareStyle(light, wanted);
  expect(layer(style, 'name-point').layout).toMatchObject({ visibility: 'none' });
  expect(layer(style, 'marker').layout).toMatchObject({ visibility: 'visible' });
});

test('what the caller does not have is left out', () => {
  const style = prepareStyle(light, { ...wanted, absent: ['claims', 'disputes', 'findings'] });
  expect(style.layers.filter((l) => /claim|dispute|finding/.test(String(l.id)))).toEqual([]);
  expect(layer(style, 'marker')).toBeDefined();
});

test('the selected unit is lifted out, and nothing without one', () => {
  const none = prepareStyle(light, wanted);
  expect(layer(none, 'division-hit').filter).toEqual(['==', ['get', 'code'], '']);
  const one = prepareStyle(light, { ...wanted, selectedCode: '420682@1983-08-19', pin: [111, 32] });
  expect(layer(one, 'division-hit').filter).toEqual(['==', ['get', 'code'], '420682']);
  expect(layer(one, 'boundary-selected').filter).toEqual(outlineFilter('420682'));
  expect((one.sources.pin!.data as { features: unknown[] }).features).toHaveLength(1);
});

test('a code and the digits it shares with what lies below', () => {
  expect(codePrefix('420000')).toBe('42');
  expect(codePrefix('420600')).toBe('4206');
  expect(codePrefix('420682')).toBe('420682');
  expect(codePrefix('420682001')).toBe('420682001');
  expect(codePrefix('420682001005')).toBe('420682001005');
});
