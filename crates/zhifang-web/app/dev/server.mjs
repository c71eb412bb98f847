// A test double of the service: the built page under its real headers, the styles, and the handmade
// answers of answers.mjs. Vector tiles come from a folder, if there is one.
//
//   node dev/server.mjs [--port 8090] [--base /gov/map] [--tiles DIR]    DIR/base/{z}/{x}/{y}.pbf
//   node dev/server.mjs --service http://127.0.0.1:8080    the page and styles from here, the data from there

import { readFile } from 'node:fs/promises';
import { createServer, request as ask } from 'node:http';
import { extname } from 'node:path';
import { parseArgs } from 'node:util';
import * as answers from './answers.mjs';

const { values: options } = parseArgs({
  options: {
    port: { type: 'string', default: '8090' },
    base: { type: 'string', default: '' },
    tiles: { type: 'string' },
    service: { type: 'string' },
  },
});
const DIST = new URL('../dist/', import.meta.url);
const STYLES = new URL('../../../../tiles/styles/', import.meta.url);
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};
const CSP =
  "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self' data: blob:; " +
  "font-src 'self'; manifest-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";
const LAYERS = {
  base: ['divisions', 'division_labels', 'boundaries', 'names', 'signs'],
  boundary: ['markers', 'claims', 'disputes', 'findings'],
  assistance: ['services', 'cemeteries', 'projects', 'reach'],
};

let signedIn = false;

function tileJson(set, origin) {
  return {
    tilejson: '3.0.0',
    tiles: [`${origin}/tiles/${set}/{z}/{x}/{y}`],
    minzoom: 0,
    maxzoom: 13,
    vector_layers: LAYERS[set].map((id) => ({ id, fields: {} })),
  };
}

function preferRoman(e) {
  if (!Array.isArray(e)) return e;
  return e[0] === 'get' && e[1] === 'name' ? ['coalesce', ['get', 'name_en'], e] : e.map(preferRoman);
}

async function style(id, lang, base) {
  const text = await readFile(new URL(`${id}.json`, STYLES), 'utf8');
  const style = JSON.parse(text);
  for (const source of Object.values(style.sources)) source.url = `${base}/${source.url}`;
  style.sprite = `${base}/${style.sprite}`;
  for (const file of Object.values(style['font-faces']).flat()) file.url = `${base}/${file.url}`;
  if (lang === 'en') {
    for (const layer of style.layers) {
      const field = layer.metadata?.['zhifang:text-field-en'] ?? layer.layout?.['text-field'];
      if (field) layer.layout['text-field'] = preferRoman(field);
    }
  }
  return style;
}

const json = (value, status = value ? 200 : 404) => ({
  status,
  type: status < 400 ? 'application/json' : 'application/problem+json',
  body: JSON.stringify(value ?? { type: 'about:blank', title: 'Not Found', status: 404, detail: 'no such record' }),
});

async function answer(path, query, method, origin) {
  const [first, second, third, ...rest] = path.split('/').filter(Boolean).map(decodeURIComponent);
  if (first === 'styles') return json(await style(second.replace('.json', ''), query.get('lang'), options.base));
  if (first === 'tiles' && !third) return json(tileJson(second.replace('.json', ''), origin));
  if (first === 'tiles') {
    const file = `${options.tiles}/${second}/${third}/${rest.join('/')}.pbf`;
    const body = options.tiles ? await readFile(file).catch(() => null) : null;
    return { status: body ? 200 : 204, type: 'application/vnd.mapbox-vector-tile', body: body ?? '' };
  }
  if (first === 'sprites' || first === 'fonts') {
    return { status: 200, type: TYPES[extname(path)], body: await readFile(new URL(path.slice(1), STYLES)) };
  }
  if (first === 'session') {
    signedIn = method === 'POST';
    return signedIn ? json({ name: '示例', role: 'editor', division: '420682' }) : { status: 204, type: 'text/plain', body: '' };
  }
  if (first === 'ogc') {
    if (rest[0] === 'items' && rest[1]) return json(answers.item(third, rest[1]));
    return json(third === 'findings' && signedIn ? answers.FINDINGS : null);
  }
  if (first !== 'v1') return null;
  const lon = Number(query.get('lon'));
  const lat = Number(query.get('lat'));
  switch (second) {
    case 'me':
      return signedIn ? json({ name: '示例', role: 'editor', division: '420682' }) : json({ status: 401 }, 401);
    case 'autocomplete':
    case 'search':
      return json(answers.found(query.get('q') ?? ''));
    case 'reverse':
      return json(answers.reverse(lon, lat));
    case 'divisions':
      return json(answers.division(third));
    case 'names':
    case 'markers':
    case 'boundaries':
      return json(answers.record(second, third));
    case 'assistance':
      return json(answers.nearest(lon, lat, query.get('kind'), Number(query.get('limit') ?? 10)));
    default:
      return json(null);
  }
}

async function page(path) {
  if (TYPES[extname(path)]) {
    const body = await readFile(new URL(path.slice(1), DIST)).catch(() => null);
    if (body) return { status: 200, type: TYPES[extname(path)] ?? 'application/octet-stream', body };
    return json(null);
  }
  const html = await readFile(new URL('index.html', DIST), 'utf8');
  return { status: 200, type: TYPES['.html'], body: html.replace('<head>', `<head><base href="${options.base}/">`) };
}

/** Hands a request on as it came, so that the service makes addresses of this host. */
function forward(request, response) {
  const onward = ask(new URL(request.url, options.service), { method: request.method, headers: request.headers }, (answer) => {
    response.writeHead(answer.statusCode, answer.headers);
    answer.pipe(response);
  });
  onward.on('error', () => response.writeHead(502).end());
  request.pipe(onward);
}

const server = createServer(async (request, response) => {
  const url = new URL(request.url, `http://${request.headers.host}`);
  if (options.service && /^\/(v1|ogc|tiles|session)/.test(url.pathname)) return forward(request, response);
  const path = url.pathname.startsWith(options.base) ? url.pathname.slice(options.base.length) || '/' : '/nowhere.txt';
  try {
    const { status, type, body } =
      (await answer(path, url.searchParams, request.method, `${url.origin}${options.base}`)) ?? (await page(path));
    const hashed = /^\/(assets|fonts)\//.test(path);
    response.writeHead(status, {
      'content-type': type,
      'content-security-policy': CSP,
      'cache-control': hashed ? 'public, max-age=31536000, immutable' : 'no-cache',
    });
    response.end(body);
  } catch (error) {
    response.writeHead(500, { 'content-type': 'application/problem+json' });
    response.end(JSON.stringify({ title: 'error', status: 500, detail: String(error) }));
  }
});
server.listen(Number(options.port), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}${options.base}`);
});
