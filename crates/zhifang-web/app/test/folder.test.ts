import { describe, expect, test } from 'vitest';
import { covers, distance, score, shardOf, type Entry } from '../src/api/folder';

const town: Entry = ['420682', '老河口市', 'county', 'laohekoushi', 'lhks', '420600', 111.67, 32.39, '光化县'];
const river: Entry = ['n-1', '老河', '', 'laohe', 'lh', '420682', null, null];

describe('a published folder', () => {
  test('names are found by their beginning, an older name, spelling, initials and code', () => {
    for (const words of ['老河口', '老河口市', '光化', 'laohekou', 'laohekoushi', 'lhk', '4206']) {
      expect(score(town, words), words).not.toBeNull();
    }
    for (const words of ['襄阳', 'xiang', '99']) expect(score(town, words), words).toBeNull();
  });

  test('the unit comes before what only begins like it', () => {
    const better = (words: string) => (score(town, words) ?? 99) < (score(river, words) ?? 99);
    expect(better('老河口')).toBe(true);
    expect(better('老河')).toBe(false);
  });

  test('shards follow FNV-1a, as the publisher has it', () => {
    // The reference value of the 32-bit hash of "foobar" is 0xbf9cf968.
    expect(shardOf('foobar', 2 ** 32)).toBe(0xbf9cf968);
    expect(shardOf('老河口', 7)).toBeLessThan(7);
  });

  test('holes are outside', () => {
    const square = (a: number, b: number) => [[a, a], [b, a], [b, b], [a, b], [a, a]];
    const geometry = { type: 'Polygon', coordinates: [square(0, 10), square(4, 6)] };
    expect(covers(geometry, [1, 1])).toBe(true);
    expect(covers(geometry, [5, 5])).toBe(false);
  });

  test('a degree of latitude is about 111 kilometres', () => {
    expect(distance([111, 32], [111, 33])).toBeCloseTo(111_195, -2);
  });
});
