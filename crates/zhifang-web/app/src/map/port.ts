/** The page's way to the map. Calls made before the map stands wait for it. */

import type { LonLat } from '../api/types';
import { narrow, sheet } from '../state/app';
import { sheetPixels } from '../ui/sheet';
import type { MapController, Padding } from './controller';

let controller: MapController | null = null;
let waiting: ((map: MapController) => void)[] = [];

export function setMap(map: MapController): void {
  controller = map;
  waiting.forEach((call) => call(map));
  waiting = [];
}

function withMap(call: (map: MapController) => void): void {
  if (controller) call(controller);
  else waiting.push(call);
}

/** Room that panels take from the map. */
export function padding(): Padding {
  if (narrow.value) {
    const visible = Math.min(sheetPixels(sheet.value, innerHeight), innerHeight * 0.55);
    return { top: 84, right: 28, bottom: visible + 28, left: 28 };
  }
  return { top: 48, right: 72, bottom: 48, left: Math.min(440, innerWidth * 0.45) };
}

/** Room at the start, when the whole nation is shown. */
export function startPadding(): Padding {
  return narrow.value
    ? { top: 76, right: 8, bottom: sheetPixels('peek', innerHeight) + 24, left: 8 }
    : { top: 14, right: 62, bottom: 26, left: Math.min(412, innerWidth * 0.42) };
}

export const fit = (bounds: [number, number, number, number]): void => withMap((map) => map.fit(bounds, padding()));
export const fly = (at: LonLat, zoom: number): void => withMap((map) => map.fly(at, zoom, padding()));
export const showNation = (): void => withMap((map) => map.nation(startPadding()));
export const zoomBy = (steps: number): void => withMap((map) => map.zoomBy(steps));
export const mapCentre = (): { lon: number; lat: number; zoom: number } | null => controller?.centre() ?? null;
