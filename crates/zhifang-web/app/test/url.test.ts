import { describe, expect, test } from 'vitest';
import { formatUrl, fromFragment, parseUrl, toFragment, type UrlState } from '../src/state/url';

const parse = (path: string, base = '/') => parseUrl(new URL(path, 'http://h'), base);

describe('the address', () => {
  const states: UrlState[] = [
    { route: { page: 'home' }, options: {} },
    { route: { page: 'place', id: '420682' }, options: { lang: 'en' } },
    { route: { page: 'place', id: '420682@1983-08-19' }, options: {} },
    { route: { page: 'place', id: 'name/老河口&?' }, options: {} },
    { route: { page: 'at', lon: 111.67, lat: 32.385 }, view: { lon: 111.6, lat: 32.4, zoom: 9.5 }, options: {} },
    { route: { page: 'record', collection: 'markers', id: '42001Q' }, options: { style: 'dark' } },
    { route: { page: 'search', q: '老河口 a+b' }, options: { layers: ['+signs', '-names'] } },
    { route: { page: 'findings' }, options: { large: true } },
    { route: { page: 'assist', kind: 'elderly_home', lon: 111.67, lat: 32.38 }, options: {} },
  ];
  for (const base of ['/', '/gov/map/']) {
    for (const state of states) {
      test(`${base} keeps ${JSON.stringify(state)}`, () => {
        const url = formatUrl(state, base);
        expect(url.startsWith(base)).toBe(true);
        expect(parse(url, base)).toEqual(state);
        const inFolder = new URL(toFragment(url, base), 'http://h');
        expect(inFolder.pathname).toBe(base);
        expect(parseUrl(fromFragment(inFolder, base), base)).toEqual(state);
      });
    }
  }

  test('nonsense opens the map', () => {
    for (const path of ['/at/nowhere', '/at/500,1', '/%E0%A4%A', '/?show=users/1', '/?c=a,b&z=3', '/place/%E0%A4%A']) {
      const state = parse(path);
      expect(state.route).toEqual({ page: 'home' });
      expect(state.view).toBeUndefined();
    }
  });
});
