/** Icons: the map's own symbols, and a few line icons for controls. */

import symbols from '../map/symbols.json';

const LINES: Record<string, string> = {
  search: 'M10.500 4a6.500 6.500 0 1 0 0 13 6.500 6.500 0 0 0 0-13zM15.500 15.500L20 20',
  close: 'M6 6l12 12M18 6L6 18',
  plus: 'M12 5v14M5 12h14',
  minus: 'M5 12h14',
  locate: 'M12 2v4M12 18v4M2 12h4M18 12h4M12 7a5 5 0 1 0 0 10 5 5 0 0 0 0-10z',
  nation: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM3 12h18M12 3c3 3 3.500 6 3.500 9s-.5 6-3.500 9c-3-3-3.500-6-3.500-9s.5-6 3.500-9z',
  layers: 'M12 4l9 5-9 5-9-5zM3 13.500l9 5 9-5',
  user: 'M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4.500 20c.8-3.800 3.700-6 7.500-6s6.700 2.200 7.500 6',
  back: 'M14 5l-7 7 7 7',
  next: 'M10 5l7 7-7 7',
  link: 'M10 14a4 4 0 0 0 6 .5l3-3a4 4 0 0 0-5.700-5.700l-1.500 1.500M14 10a4 4 0 0 0-6-.5l-3 3a4 4 0 0 0 5.700 5.700l1.500-1.500',
  copy: 'M9 9h10v11H9zM5 15V4h10',
  go: 'M12 3l9 9-9 9-9-9zM9.500 14v-2.500h5M12.500 9l2.500 2.500-2.500 2.500',
  pin: 'M12 21s7-6.200 7-11.500a7 7 0 0 0-14 0C5 14.800 12 21 12 21zM12 7a2.500 2.500 0 1 0 0 5 2.500 2.500 0 0 0 0-5z',
  text: 'M4 18l5-12 5 12M6 14h6M15.500 18l2.500-6 2.500 6M16.300 16h3.400',
  warning: 'M12 4l9 16H3zM12 10v4.500M12 17v.5',
};

export function LineIcon({ name }: { name: keyof typeof LINES }) {
  return (
    <svg class="line-icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={LINES[name]} />
    </svg>
  );
}

type Symbols = Record<string, { shape: string; fill: string; glyph: string; ink?: string; edge?: string; hollow?: boolean }>;

const SHAPES: Record<string, string> = {
  square: 'M5 2.500h14a2.500 2.500 0 0 1 2.500 2.500v14a2.500 2.500 0 0 1-2.500 2.500H5a2.500 2.500 0 0 1-2.500-2.500V5A2.500 2.500 0 0 1 5 2.500z',
  circle: 'M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20z',
  hexagon: 'M7 2.600h10l5 9.400-5 9.400H7L2 12z',
  pentagon: 'M12 1.800l9.600 7v10.400a2 2 0 0 1-2 2H4.400a2 2 0 0 1-2-2V8.800z',
  diamond: 'M12 .8L23.200 12 12 23.200.8 12z',
  octagon: 'M7.800 2h8.400L22 7.800v8.400L16.200 22H7.800L2 16.200V7.800z',
  triangle: 'M12 1.500l10.800 19.700H1.200z',
};

/** A symbol as it stands on the map. */
export function MapSymbol({ name }: { name: string }) {
  const all = symbols.symbols as Symbols;
  const symbol = all[name] ?? all.community_center!;
  const glyphs = symbols.glyphs as Record<string, string>;
  const body = symbol.hollow ? '#ffffff' : symbol.fill;
  const edge = symbol.hollow ? symbol.fill : (symbol.edge ?? '#ffffff');
  return (
    <svg class="map-symbol" viewBox="-1 -1 26 26" aria-hidden="true" focusable="false">
      <path d={SHAPES[symbol.shape]} fill={body} stroke={edge} stroke-width={symbol.hollow ? 2.2 : 1.4} stroke-linejoin="round" />
      <path
        d={glyphs[symbol.glyph]}
        fill={symbol.hollow ? symbol.fill : (symbol.ink ?? '#ffffff')}
        fill-rule="evenodd"
        transform={symbol.shape === 'triangle' ? 'translate(4.200 6.800) scale(.65)' : 'translate(1.200 1.200) scale(.9)'}
      />
    </svg>
  );
}
