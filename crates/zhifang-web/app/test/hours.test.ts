import { expect, test } from 'vitest';
import { describeHours, isOpenAt, parseHours, type HoursWords } from '../src/ui/hours';
import { zh } from '../src/i18n/zh';

const words: HoursWords = {
  day: (d) => zh[`day_${d}` as keyof typeof zh],
  always: zh.hours_always,
  daily: zh.hours_daily,
  off: zh.hours_off,
  to: zh.hours_to,
  comma: zh.hours_comma,
};
// Wednesday 2026-03-04, hours of Asia/Shanghai.
const at = (clock: string, day = '2026-03-04') => new Date(`${day}T${clock}:00+08:00`);

test('words', () => {
  expect(describeHours('24/7', words)).toBe('全天 24 小时');
  expect(describeHours('Mo-Fr 08:30-12:00,14:30-17:30', words)).toBe('周一至周五 8:30–12:00、14:30–17:30');
  expect(describeHours('Mo-Sa 08:00-18:00; PH off', words)).toBe('周一至周六 8:00–18:00；节假日 休息');
  expect(describeHours('08:00-18:00', words)).toBe('每天 8:00–18:00');
  expect(describeHours('Sa,Su 09:00-16:00', words)).toBe('周六、周日 9:00–16:00');
  expect(describeHours('sunrise-sunset', words)).toBe('sunrise-sunset');
});

test('open at a time of Asia/Shanghai', () => {
  const office = 'Mo-Fr 08:30-12:00,14:30-17:30';
  expect(isOpenAt(office, at('08:29'))).toBe(false);
  expect(isOpenAt(office, at('08:30'))).toBe(true);
  expect(isOpenAt(office, at('12:00'))).toBe(false);
  expect(isOpenAt(office, at('15:00'))).toBe(true);
  expect(isOpenAt(office, at('10:00', '2026-03-07'))).toBe(false);
  expect(isOpenAt('24/7', at('03:00'))).toBe(true);
  expect(isOpenAt('Mo-Su 20:00-02:00', at('01:30'))).toBe(true);
  expect(isOpenAt('Mo-Fr 08:00-18:00; We off', at('10:00'))).toBe(false);
  expect(isOpenAt('week 1-10 Mo 10:00-12:00', at('10:00'))).toBeNull();
});

test('rules that say more are not guessed at', () => {
  expect(parseHours('Mo-Fr 08:00-12:00 "by appointment"')).toBeNull();
  expect(parseHours('')).toBeNull();
});
