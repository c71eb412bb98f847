import { expect, test } from 'vitest';
import { ancestorLine, boundsOf, isDivisionId, readFormerNames, readSeat, readService, readServices } from '../src/api/read';

test('a service from a feature and from a plain object', () => {
  const feature = {
    type: 'Feature',
    id: 's1',
    geometry: { type: 'Point', coordinates: [111.67, 32.38] },
    properties: { name: '救助管理站', kind: 'assistance_station', phone: '0710-1', distance_m: 120, links: { amap: 'https://a' } },
  };
  expect(readService(feature)).toMatchObject({ id: 's1', position: [111.67, 32.38], distanceM: 120, links: { amap: 'https://a' }, closed: false });
  expect(readService({ id: 's2', name: '点', kind: 'day_care', lon: 1, lat: 2, closed: '2020-01-01' })).toMatchObject({
    position: [1, 2],
    closed: true,
    open: null,
  });
  expect(readService(null)).toBeNull();
  expect(readServices({ features: [feature, 5] })).toHaveLength(1);
  expect(readServices({ services: [{ id: 'x' }] })).toHaveLength(1);
  expect(readServices('nothing')).toEqual([]);
});

test('former names', () => {
  expect(readFormerNames(['光化县', { name: '老河口镇', from: '1937-01-01', to: '1951-01-01' }, 3, { name: '' }])).toEqual([
    { name: '光化县' },
    { name: '老河口镇', years: '1937–1951' },
  ]);
  expect(readFormerNames(undefined)).toEqual([]);
});

test('bounds and seats', () => {
  expect(boundsOf({ type: 'MultiPolygon', coordinates: [[[[1, 2], [3, 4], [1, 5], [1, 2]]]] })).toEqual([1, 2, 3, 5]);
  expect(boundsOf(null)).toBeNull();
  expect(readSeat('POINT(111.67 32.385)')).toEqual([111.67, 32.385]);
  expect(readSeat({ type: 'Point', coordinates: [1, 2] })).toEqual([1, 2]);
  expect(readSeat({ lon: 1, lat: 2 })).toEqual([1, 2]);
  expect(readSeat('光化街道')).toBeNull();
});

test('ids and ancestors', () => {
  expect(isDivisionId('420682')).toBe(true);
  expect(isDivisionId('420682@1983-08-19')).toBe(true);
  expect(isDivisionId('name-1')).toBe(false);
  const units = [
    { code: '420000', name: '湖北省', level: 'province' },
    { code: '420600', name: '襄阳市', level: 'prefecture' },
    { code: '420682', name: '老河口市', level: 'county' },
  ];
  expect(ancestorLine(units, '420682')).toBe('湖北省 襄阳市');
});
