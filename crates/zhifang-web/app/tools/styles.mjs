// Writes the MapLibre styles of tiles/styles from one set of rules, so that they never drift apart.
//
//   node tools/styles.mjs [--check]
//
// Addresses are relative to the service's base path (`tiles/base.json`): whoever serves a style puts
// the base in front. Needs fonts.json (tools/fonts.py).

import { readFile, writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { PALETTES, TITLES } from './palettes.mjs';
import { boundaryLayers, labelLayers, landLayers, nameLayers } from './style-base.mjs';
import { areaLayers, assistanceLayers, deskLayers } from './style-desk.mjs';

const OUT = new URL('../../../../tiles/styles/', import.meta.url);

const source = (name) => ({ type: 'vector', url: `tiles/${name}.json` });

/** One style as an object. `fonts` is the content of fonts.json. */
export function makeStyle(id, fonts) {
  const p = PALETTES[id];
  const faces = Object.fromEntries(
    Object.entries(fonts).map(([family, files]) => [
      family,
      files.map((f) => ({ url: `fonts/${f.file}`, 'unicode-range': f['unicode-range'] })),
    ]),
  );
  const services = assistanceLayers(p, { prominent: id === 'assistance' });
  return {
    version: 8,
    name: TITLES[id],
    center: [104.5, 35],
    zoom: 3.3,
    sources: { base: source('base'), boundary: source('boundary'), assistance: source('assistance') },
    sprite: 'sprites/zhifang',
    'font-faces': faces,
    layers: [
      ...landLayers(p),
      ...areaLayers(p),
      ...boundaryLayers(p),
      ...nameLayers(p),
      ...services,
      ...deskLayers(p),
      // Last and so placed first: no symbol pushes out the name of a division.
      ...labelLayers(p),
    ],
  };
}

async function main() {
  const fonts = JSON.parse(await readFile(new URL('fonts/fonts.json', OUT), 'utf8'));
  for (const id of Object.keys(PALETTES)) {
    const text = `${JSON.stringify(makeStyle(id, fonts), null, 1)}\n`;
    const file = new URL(`${id}.json`, OUT);
    if (process.argv.includes('--check')) {
      if ((await readFile(file, 'utf8')) !== text) {
        console.error(`${id}.json differs from its rules: run \`node tools/styles.mjs\``);
        process.exitCode = 1;
      }
    } else {
      await writeFile(file, text);
    }
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await main();
