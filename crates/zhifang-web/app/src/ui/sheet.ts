/** The bottom sheet of a phone: three heights, dragged by its handle. Pure arithmetic. */

export type SheetHeight = 'peek' | 'half' | 'full';

export const PEEK_PX = 116;
/** Kept free above a full sheet: the search box. */
export const TOP_PX = 72;

/** Visible pixels of the sheet at each height. */
export function sheetPixels(height: SheetHeight, viewport: number): number {
  switch (height) {
    case 'peek':
      return Math.min(PEEK_PX, viewport);
    case 'half':
      return Math.round(viewport * 0.5);
    case 'full':
      return Math.max(PEEK_PX, viewport - TOP_PX);
  }
}

/**
 * The height at which a released sheet comes to rest. `pixels` is what is visible now, `velocity`
 * its change in px per ms (positive = growing): a flick goes one height on, else the nearest wins.
 */
export function restingHeight(pixels: number, velocity: number, viewport: number): SheetHeight {
  const heights: SheetHeight[] = ['peek', 'half', 'full'];
  if (Math.abs(velocity) > 0.5) {
    const ahead = heights.filter((h) =>
      velocity > 0 ? sheetPixels(h, viewport) > pixels : sheetPixels(h, viewport) < pixels,
    );
    return (velocity > 0 ? ahead[0] : ahead.at(-1)) ?? (velocity > 0 ? 'full' : 'peek');
  }
  const away = (h: SheetHeight): number => Math.abs(sheetPixels(h, viewport) - pixels);
  return heights.reduce((best, h) => (away(h) < away(best) ? h : best));
}

/** What a click on the handle, or Enter on it, does. */
export function nextHeight(height: SheetHeight): SheetHeight {
  return height === 'peek' ? 'half' : height === 'half' ? 'full' : 'peek';
}
