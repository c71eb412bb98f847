import { expect, test } from 'vitest';
import { nextHeight, PEEK_PX, restingHeight, sheetPixels, TOP_PX } from '../src/ui/sheet';

const H = 844;

test('heights', () => {
  expect(sheetPixels('peek', H)).toBe(PEEK_PX);
  expect(sheetPixels('half', H)).toBe(422);
  expect(sheetPixels('full', H)).toBe(H - TOP_PX);
});

test('a slow release rests at the nearest height', () => {
  expect(restingHeight(150, 0, H)).toBe('peek');
  expect(restingHeight(400, 0.1, H)).toBe('half');
  expect(restingHeight(700, -0.1, H)).toBe('full');
});

test('a flick goes one height on', () => {
  expect(restingHeight(150, 1, H)).toBe('half');
  expect(restingHeight(430, 1, H)).toBe('full');
  expect(restingHeight(430, -1, H)).toBe('half');
  expect(restingHeight(410, -1, H)).toBe('peek');
  expect(restingHeight(800, 1, H)).toBe('full');
});

test('a click goes round', () => {
  expect(nextHeight('peek')).toBe('half');
  expect(nextHeight('half')).toBe('full');
  expect(nextHeight('full')).toBe('peek');
});
