import { readFileSync } from 'node:fs';
import { validateStyleMin } from '@maplibre/maplibre-gl-style-spec';
import { expect, test } from 'vitest';
// @ts-expect-error a plain script without types
import { makeStyle } from '../tools/styles.mjs';
import symbols from '../src/map/symbols.json';

const folder = new URL('../../../../tiles/styles/', import.meta.url);
const read = (file: string): string => readFileSync(new URL(file, folder), 'utf8');
const fonts = JSON.parse(read('fonts/fonts.json'));

for (const id of ['light', 'dark', 'print', 'assistance']) {
  test(`${id} is what its rules make, and valid`, () => {
    const text = read(`${id}.json`);
    expect(text).toBe(`${JSON.stringify(makeStyle(id, fonts), null, 1)}\n`);
    expect(validateStyleMin(JSON.parse(text)).map((e) => e.message)).toEqual([]);
  });

  test(`${id} uses only symbols of the sheet`, () => {
    const sheet = JSON.parse(read('sprites/zhifang.json'));
    const names = [...read(`${id}.json`).matchAll(/"(?:marker|tripoint|finding|hatch)-[a-z]+"/g)]
      .map((m) => m[0].slice(1, -1))
      .filter((n) => !/-(line|area)/.test(n));
    for (const name of names) expect(sheet, name).toHaveProperty(name);
    for (const name of Object.keys(symbols.symbols)) expect(sheet, name).toHaveProperty(name);
  });
}
