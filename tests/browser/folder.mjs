// A published folder in a real browser, behind a server that knows nothing but files.
//
//   ZHIFANG_URL=http://127.0.0.1:8000/some/folder node tests/browser/folder.mjs [part of a story's name]

import { assert, BASE, coloursOf, equal, PHONE, ready, runAll, story } from './harness.mjs';

const outside = (requests) => requests.filter((url) => !url.startsWith(`${BASE}/`) && !/^(data|blob):/.test(url));

story('search 老河口 opens its card, from the folder alone', async (open) => {
  const { page, requests } = await open();
  await page.goto(`${BASE}/`);
  await ready(page);
  const colours = await coloursOf(page, { x: 440, y: 40, width: 880, height: 800 });
  assert(colours > 100, `the map is empty: ${colours} colours`);
  for (const q of ['laohekou', 'lhk', '老河口']) {
    await page.locator('#search').fill(q);
    await page.locator('[role=option]', { hasText: '老河口市' }).first().waitFor();
  }
  await page.locator('[role=option]', { hasText: '老河口市' }).first().click();
  await page.locator('.panel h2', { hasText: '老河口市' }).waitFor();
  const card = await page.locator('.panel-body').innerText();
  for (const wanted of ['420682', '光化街道', '邓州市']) assert(card.includes(wanted), `the card lacks ${wanted}:\n${card}`);
  assert(page.url().startsWith(`${BASE}/#/place/420682`), `the address is ${page.url()}`);
  await ready(page);
  assert(requests.some((url) => url.endsWith('tiles/base.pmtiles')), 'no tiles were read');
  equal(outside(requests).join(' '), '', 'requests to elsewhere');
});

story('an address opens its place, and a click tells where one is', async (open) => {
  const { page, requests } = await open();
  await page.goto(`${BASE}/#/place/420682001`);
  await page.locator('.panel h2', { hasText: '光化街道' }).waitFor();
  await ready(page);
  await page.goto(`${BASE}/#/at/111.70,32.45`);
  await page.reload();
  await page.locator('.panel-body', { hasText: '老河口市' }).waitFor();
  equal(outside(requests).join(' '), '', 'requests to elsewhere');
});

story('services near a place, on a phone', async (open) => {
  const { page, requests } = await open(PHONE);
  await page.goto(`${BASE}/#/assist?from=111.68,32.39&kind=elderly_home`);
  await page.locator('.panel-body', { hasText: /公里|千米|米/ }).waitFor();
  equal(outside(requests).join(' '), '', 'requests to elsewhere');
});

await runAll();
