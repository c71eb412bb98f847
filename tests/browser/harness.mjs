// A page for each story, with everything that goes wrong in it written down.

import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const require = createRequire(new URL('../../crates/zhifang-web/app/package.json', import.meta.url));
const { chromium } = require('playwright-core');
const axeSource = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

export const BASE = (process.env.ZHIFANG_URL ?? '').replace(/\/$/, '');
export const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };
export const DESKTOP = { viewport: { width: 1440, height: 900 } };

/** The soft renderer's own remark about being slow. */
const HARMLESS = /GPU stall due to ReadPixels|GroupMarkerNotSet/;

const stories = [];
export const story = (name, run) => stories.push({ name, run });

export function assert(condition, message) {
  if (!condition) throw new Error(message);
}

export function equal(found, wanted, what) {
  assert(Object.is(found, wanted), `${what}: wanted ${JSON.stringify(wanted)}, found ${JSON.stringify(found)}`);
}

/** A page that records console errors, page errors and requests. */
async function openPage(browser, options) {
  const context = await browser.newContext({ locale: 'zh-CN', ...options });
  const page = await context.newPage();
  const trouble = [];
  const requests = [];
  page.on('console', (m) => {
    if (m.type() === 'error' && !HARMLESS.test(m.text())) trouble.push(`console: ${m.text()} ${m.location().url}`);
  });
  page.on('pageerror', (e) => trouble.push(`page: ${e.message}`));
  page.on('request', (r) => requests.push(r.url()));
  return { context, page, trouble, requests };
}

export async function ready(page) {
  await page.waitForSelector('html[data-ready="1"]', { state: 'attached', timeout: 30_000 });
}

export async function visit(page, path) {
  await page.goto(BASE + path);
  await ready(page);
}

/** Web Mercator pixels of a place at the view that stands in the address. */
export function pixelOf(page, lon, lat) {
  const query = new URL(page.url()).searchParams;
  const [clon, clat] = query.get('c').split(',').map(Number);
  const scale = 512 * 2 ** Number(query.get('z'));
  const x = (d) => (d + 180) / 360;
  const y = (d) => 0.5 - Math.log(Math.tan(Math.PI / 4 + (d * Math.PI) / 360)) / (2 * Math.PI);
  const { width, height } = page.viewportSize();
  return { x: width / 2 + (x(lon) - x(clon)) * scale, y: height / 2 + (y(lat) - y(clat)) * scale };
}

/** Violations that keep someone out. */
export async function seriousViolations(page) {
  await page.evaluate(axeSource);
  const result = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  return result.violations
    .filter((v) => v.impact === 'serious' || v.impact === 'critical')
    .map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).slice(0, 3).join(', ')}`);
}

/** How many different colours the map shows, by a picture of it. */
export async function coloursOf(page, clip) {
  const picture = (await page.screenshot({ clip })).toString('base64');
  return page.evaluate(async (data) => {
    const image = new Image();
    image.src = `data:image/png;base64,${data}`;
    await image.decode();
    const canvas = new OffscreenCanvas(image.width, image.height);
    const context = canvas.getContext('2d');
    context.drawImage(image, 0, 0);
    const { data: pixels } = context.getImageData(0, 0, image.width, image.height);
    const seen = new Set();
    for (let i = 0; i < pixels.length; i += 4) seen.add((pixels[i] << 16) | (pixels[i + 1] << 8) | pixels[i + 2]);
    return seen.size;
  }, picture);
}

/** Runs every story, prints one line for each and the count at the end. */
export async function runAll() {
  if (!BASE) {
    console.error('ZHIFANG_URL is not set: give the address of a running service, such as http://127.0.0.1:8080');
    process.exit(2);
  }
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium' });
  const only = process.argv[2];
  let passed = 0;
  let failed = 0;
  for (const { name, run } of stories) {
    if (only && !name.includes(only)) continue;
    const opened = [];
    const open = async (options = DESKTOP) => {
      const one = await openPage(browser, options);
      opened.push(one);
      return one;
    };
    const start = Date.now();
    try {
      await run(open);
      const trouble = opened.flatMap((one) => one.trouble);
      assert(trouble.length === 0, `trouble in the page:\n    ${trouble.join('\n    ')}`);
      passed += 1;
      console.log(`ok   ${name} (${Date.now() - start} ms)`);
    } catch (error) {
      failed += 1;
      console.log(`FAIL ${name}\n    ${error.message}\n    at ${opened[0]?.page.url() ?? ''}`);
    }
    for (const one of opened) await one.context.close();
  }
  await browser.close();
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed ? 1 : 0);
}
