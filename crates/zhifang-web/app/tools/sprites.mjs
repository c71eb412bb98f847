// Draws the map's symbols (src/map/symbols.json) as a sprite sheet at 1x and 2x.
//
//   node tools/sprites.mjs        (uses CHROMIUM, default /usr/bin/chromium, to rasterise)
//
// Writes tiles/styles/sprites/zhifang{,@2x}.{json,png}.

import { readFile, writeFile, mkdir } from 'node:fs/promises';
import { chromium } from 'playwright-core';

const SYMBOLS = new URL('../src/map/symbols.json', import.meta.url);
const OUT = new URL('../../../../tiles/styles/sprites/', import.meta.url);
const SIZE = 26;
const PATTERN = 12;
const COLUMNS = 8;

const SHAPES = {
  square: 'M5 2.5h14a2.500 2.500 0 0 1 2.500 2.500v14a2.500 2.500 0 0 1-2.500 2.500H5a2.500 2.500 0 0 1-2.500-2.500V5A2.500 2.500 0 0 1 5 2.500z',
  circle: 'M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20z',
  hexagon: 'M7 2.600h10l5 9.400-5 9.400H7L2 12z',
  pentagon: 'M12 1.800l9.600 7v10.400a2 2 0 0 1-2 2H4.400a2 2 0 0 1-2-2V8.800z',
  diamond: 'M12 .8L23.200 12 12 23.200.8 12z',
  octagon: 'M7.800 2h8.400L22 7.800v8.400L16.200 22H7.800L2 16.200V7.800z',
  triangle: 'M12 1.500l10.800 19.700H1.200z',
};

function symbolSvg(symbol, glyphs) {
  const ink = symbol.ink ?? '#ffffff';
  const body = symbol.hollow ? '#ffffff' : symbol.fill;
  const edge = symbol.hollow ? symbol.fill : (symbol.edge ?? '#ffffff');
  const width = symbol.hollow ? 2.2 : 1.4;
  const glyph = symbol.hollow ? symbol.fill : ink;
  const move = symbol.shape === 'triangle' ? 'translate(4.2 6.800) scale(.65)' : 'translate(1.2 1.200) scale(.9)';
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${SIZE}" height="${SIZE}" viewBox="-1 -1 26 26">
    <path d="${SHAPES[symbol.shape]}" fill="${body}" stroke="${edge}" stroke-width="${width}" stroke-linejoin="round"/>
    <path d="${glyphs[symbol.glyph]}" fill="${glyph}" fill-rule="evenodd" transform="${move}"/></svg>`;
}

function patternSvg(pattern) {
  const p = PATTERN;
  const d = pattern.direction === 'up'
    ? `M-3 3L3 -3M0 ${p}L${p} 0M${p - 3} ${p + 3}L${p + 3} ${p - 3}`
    : `M-3 ${p - 3}L3 ${p + 3}M0 0L${p} ${p}M${p - 3} -3L${p + 3} 3`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${p}" height="${p}" viewBox="0 0 ${p} ${p}">
    <path d="${d}" stroke="${pattern.stroke}" stroke-width="1.300" fill="none"/></svg>`;
}

function layout({ glyphs, symbols, patterns }) {
  const cells = [
    ...Object.entries(symbols).map(([name, s]) => ({ name, svg: symbolSvg(s, glyphs), size: SIZE })),
    ...Object.entries(patterns).map(([name, s]) => ({ name, svg: patternSvg(s), size: PATTERN })),
  ];
  const step = SIZE + 2;
  return {
    cells: cells.map((cell, i) => ({ ...cell, x: (i % COLUMNS) * step, y: Math.floor(i / COLUMNS) * step })),
    width: COLUMNS * step,
    height: Math.ceil(cells.length / COLUMNS) * step,
  };
}

const sheet = layout(JSON.parse(await readFile(SYMBOLS, 'utf8')));
const html = `<!doctype html><style>body{margin:0;background:transparent}svg{position:absolute}</style>${sheet.cells
  .map((c) => c.svg.replace('<svg ', `<svg style="left:${c.x}px;top:${c.y}px" `))
  .join('')}`;

await mkdir(OUT, { recursive: true });
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium' });
for (const ratio of [1, 2]) {
  const context = await browser.newContext({
    viewport: { width: sheet.width, height: sheet.height },
    deviceScaleFactor: ratio,
  });
  const page = await context.newPage();
  await page.setContent(html);
  const png = await page.screenshot({ omitBackground: true });
  const index = Object.fromEntries(
    sheet.cells.map((c) => [
      c.name,
      { x: c.x * ratio, y: c.y * ratio, width: c.size * ratio, height: c.size * ratio, pixelRatio: ratio },
    ]),
  );
  const suffix = ratio === 1 ? '' : '@2x';
  await writeFile(new URL(`zhifang${suffix}.png`, OUT), png);
  await writeFile(new URL(`zhifang${suffix}.json`, OUT), `${JSON.stringify(index, null, 1)}\n`);
  console.log(`zhifang${suffix}.png: ${png.length} bytes, ${sheet.cells.length} symbols`);
}
await browser.close();
