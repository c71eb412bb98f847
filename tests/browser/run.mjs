// The page in a real browser against a running service.
//
//   ZHIFANG_URL=http://127.0.0.1:8080 node tests/browser/run.mjs [part of a story's name]

import { assert, BASE, coloursOf, DESKTOP, equal, PHONE, pixelOf, ready, runAll, seriousViolations, story, visit } from './harness.mjs';

const LAOHEKOU = '420682';
const text = (page, selector) => page.locator(selector).first().innerText();

story('the nation is drawn, from this service alone', async (open) => {
  const { page, requests } = await open();
  const answer = await page.goto(`${BASE}/`);
  assert(/default-src 'none'/.test(answer.headers()['content-security-policy'] ?? ''), 'no strict content security policy');
  await ready(page);
  const colours = await coloursOf(page, { x: 440, y: 40, width: 880, height: 800 });
  assert(colours > 200, `the map is empty: ${colours} colours`);
  const outside = requests.filter((url) => !url.startsWith(BASE) && !/^(data|blob):/.test(url));
  equal(outside.join(' '), '', 'requests to elsewhere');
});

story('nothing covers Taiwan or the South China Sea islands at the start', async (open) => {
  for (const device of [DESKTOP, PHONE]) {
    const { page } = await open(device);
    await visit(page, '/');
    if (device === DESKTOP) {
      await page.getByRole('button', { name: '看全国' }).last().click();
    } else {
      await page.locator('.handle').click();
      await page.locator('.home-foot .chip').first().click();
      await page.waitForTimeout(300);
    }
    await page.waitForFunction(() => location.search.includes('z='));
    await ready(page);
    const islands = { 台湾: [121, 23.7], 钓鱼岛: [123.47, 25.75], 永兴岛: [112.33, 16.83], 黄岩岛: [117.75, 15.15], 永暑礁: [112.88, 9.55], 曾母暗沙: [112.28, 3.97], 黑瞎子岛: [134.7, 48.35] };
    if (device === PHONE) {
      await page.locator('.handle').click();
      await page.locator('.handle').click();
      await page.waitForTimeout(400);
    }
    for (const [name, [lon, lat]] of Object.entries(islands)) {
      const at = pixelOf(page, lon, lat);
      const covered = await page.evaluate(({ x, y }) => document.elementFromPoint(x, y)?.className ?? 'outside', at);
      assert(String(covered).includes('maplibregl'), `${name} at ${Math.round(at.x)},${Math.round(at.y)} lies under ${covered}`);
    }
  }
});

story('search 老河口 opens its card', async (open) => {
  const { page } = await open();
  await visit(page, '/');
  await page.locator('#search').fill('老河口');
  const option = page.locator('[role=option]', { hasText: '老河口市' }).first();
  await option.waitFor();
  assert((await option.innerText()).includes('湖北省'), 'the suggestion does not show its ancestors');
  await option.click();
  await page.waitForURL(new RegExp(`/place/${LAOHEKOU}`));
  await page.locator('.panel h2', { hasText: '老河口市' }).waitFor();
  const card = await text(page, '.panel-body');
  for (const wanted of ['420682', '湖北省', '襄阳市', '邓州市']) assert(card.includes(wanted), `the card lacks ${wanted}:\n${card}`);
  assert(/L[aǎ]oh[eé]k[oǒ]u/i.test(card), 'the card lacks the Roman spelling');
  await ready(page);
  await page.goBack();
  await page.locator('.home').waitFor();
});

story('Pinyin, initials and the keyboard', async (open) => {
  const { page } = await open();
  await visit(page, '/');
  for (const q of ['laohekou', 'lhk']) {
    await page.locator('#search').fill('');
    await page.keyboard.press('Escape');
    await page.locator('#search').focus();
    await page.keyboard.type(q);
    await page.locator('[role=option]', { hasText: '老河口市' }).first().waitFor();
  }
  const names = await page.locator('[role=option] .hit-name').allInnerTexts();
  for (let i = 0; i <= names.indexOf('老河口市'); i += 1) await page.keyboard.press('ArrowDown');
  equal(await page.locator('#search').getAttribute('aria-expanded'), 'true', 'aria-expanded');
  await page.keyboard.press('Enter');
  await page.waitForURL(new RegExp(`/place/${LAOHEKOU}`));
});

story('an input method keeps its keys', async (open) => {
  const { page, context } = await open();
  await visit(page, '/');
  await page.locator('#search').focus();
  const cdp = await context.newCDPSession(page);
  for (const composed of ["l", "lao", "lao'he", "lao'he'kou"]) {
    await cdp.send('Input.imeSetComposition', { text: composed, selectionStart: composed.length, selectionEnd: composed.length });
  }
  await cdp.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', key: 'Process', windowsVirtualKeyCode: 229 });
  await page.waitForTimeout(300);
  assert(!page.url().includes('/place/'), 'a key of the input method chose a place');
  await cdp.send('Input.insertText', { text: '老河口' });
  await page.locator('[role=option]', { hasText: '老河口市' }).first().waitFor();
});

story('Enter lists equal names with what tells them apart', async (open) => {
  const { page } = await open();
  await visit(page, '/');
  await page.locator('#search').fill('鼓楼区');
  await page.keyboard.press('Enter');
  await page.waitForURL(/q=/);
  await page.locator('.hit').nth(1).waitFor();
  const places = await page.locator('.hit', { hasText: '鼓楼区' }).locator('.hit-where').allInnerTexts();
  assert(places.length >= 2, `wanted several 鼓楼区, found ${places.length}`);
  equal(new Set(places).size, places.length, 'results that look alike');
});

story('a click says what is here', async (open) => {
  const { page } = await open();
  await visit(page, '/?c=111.69,32.41&z=11');
  await page.mouse.click(745, 460);
  await page.waitForURL(/\/(at|place|\?show)/);
  if (!page.url().includes('/at/')) await page.goto(`${BASE}/at/111.70,32.42`);
  await page.locator('.ladder').waitFor();
  const ladder = await text(page, '.ladder');
  for (const wanted of ['湖北省', '襄阳市', '老河口市']) assert(ladder.includes(wanted), `the ladder lacks ${wanted}: ${ladder}`);
  const facts = await text(page, '.panel-body');
  assert(/最近的界线/.test(facts), `no nearest boundary:\n${facts}`);
  assert(/对面是/.test(facts), `no other side:\n${facts}`);
  await page.locator('.services .service').first().waitFor();
});

story('the nearest help, with a call and navigation', async (open) => {
  const { page } = await open();
  await visit(page, '/assist?from=111.67,32.385');
  await page.locator('.services .service').first().waitFor();
  assert((await page.locator('.hotline[href^="tel:"]').count()) === 1, 'no hotline');
  assert((await page.locator('.service a[href^="tel:"]').count()) >= 1, 'no call button');
  await page.locator('.service .navigate summary').first().click();
  const links = await page.locator('.service .navigate[open] a').evaluateAll((all) => all.map((a) => a.href));
  assert(links.some((l) => l.includes('amap.com')), `no navigation link: ${links}`);
  await page.locator('.kind', { hasText: '养老院' }).click();
  await page.waitForURL(/kind=elderly_home/);
  await page.waitForFunction(() => {
    const kinds = [...document.querySelectorAll('.service-facts')].map((e) => e.textContent);
    return kinds.length > 0 && kinds.every((k) => k.includes('养老院'));
  });
  const distances = await page.locator('.service-facts').allInnerTexts();
  assert(distances.every((d) => /米|公里/.test(d)), `no distance: ${distances}`);
  await page.locator('.service-head').first().click();
  await page.locator('.panel-record .card-head').waitFor();
  assert((await page.locator('.panel-record a[href^="tel:"]').count()) >= 1, 'the card has no call button');
});

story('a phone: search above, a sheet in three heights, large text', async (open) => {
  const { page } = await open(PHONE);
  await visit(page, '/');
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  equal(wide, 390, 'width of the page');
  const box = await page.locator('.search-box').boundingBox();
  assert(box.y < 20 && box.width > 350, 'the search box is not on top');
  const height = async () => Math.round((await page.locator('.panel').boundingBox()).height);
  const heights = [await height()];
  for (let i = 0; i < 2; i += 1) {
    await page.locator('.handle').click();
    await page.waitForTimeout(400);
    heights.push(await height());
  }
  assert(heights[0] < heights[1] && heights[1] < heights[2], `heights: ${heights}`);
  await visit(page, '/assist?from=111.67,32.385');
  await page.locator('.service').first().waitFor();
  const before = await page.evaluate(() => parseFloat(getComputedStyle(document.querySelector('.service-name')).fontSize));
  await page.getByRole('button', { name: '大字' }).click();
  const after = await page.evaluate(() => parseFloat(getComputedStyle(document.querySelector('.service-name')).fontSize));
  assert(after >= 21 && after > before, `large text is ${after} px`);
  equal(await page.evaluate(() => document.documentElement.scrollWidth), 390, 'width with large text');
  const small = await page.locator('.panel button, .panel .button, .search button').evaluateAll((all) =>
    all.map((e) => [e.textContent.trim() || e.ariaLabel, e.getBoundingClientRect()]).filter(([, r]) => r.width > 0 && (r.height < 24 || r.width < 24)).map(([n]) => n),
  );
  equal(small.join(' '), '', 'targets too small to hit');
});

story('English', async (open) => {
  const { page } = await open();
  await visit(page, `/place/${LAOHEKOU}`);
  await page.getByRole('button', { name: 'English' }).click();
  await page.locator('.panel h3', { hasText: 'Belongs to' }).waitFor();
  equal(await page.evaluate(() => document.documentElement.lang), 'en', 'language of the page');
  await ready(page);
  const visible = await text(page, '.panel-body');
  assert(!/上级|下级|面积/.test(visible), `Chinese labels are left:\n${visible}`);
  await page.reload();
  await page.locator('.panel h3', { hasText: 'Belongs to' }).waitFor();
});

story('dark, print and switched layers are kept in the address', async (open) => {
  const { page } = await open({ ...DESKTOP, colorScheme: 'dark' });
  await visit(page, '/?c=111.67,32.39&z=10');
  equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark', 'theme');
  await page.getByRole('button', { name: '图层与图例' }).click();
  await page.locator('.segments label', { hasText: '印刷' }).click();
  await page.locator('.switch', { hasText: '公墓' }).click();
  await page.waitForFunction(() => /style=print/.test(location.search) && /cemeteries/.test(location.search));
  await ready(page);
});

story('an unknown place says so', async (open) => {
  const one = await open();
  await visit(one.page, '/place/999999');
  await one.page.locator('.trouble').waitFor();
  assert((await text(one.page, '.trouble')).includes('999999'), 'the message does not name the place');
  // The browser itself reports the 404 that this story asks for.
  one.trouble.splice(0, one.trouble.length, ...one.trouble.filter((line) => !/v1\/divisions\/999999/.test(line)));
});

story('no serious fault for assistive technology', async (open) => {
  for (const device of [DESKTOP, PHONE]) {
    for (const path of ['/', `/place/${LAOHEKOU}`, '/at/111.67,32.385', '/assist?from=111.67,32.385']) {
      const { page } = await open(device);
      await visit(page, path);
      await page.waitForTimeout(500);
      equal((await seriousViolations(page)).join('; '), '', `${path} at ${device.viewport.width}`);
    }
  }
  const { page } = await open({ ...DESKTOP, colorScheme: 'dark' });
  await visit(page, `/place/${LAOHEKOU}`);
  await page.getByRole('button', { name: '图层与图例' }).click();
  equal((await seriousViolations(page)).join('; '), '', 'dark, with layers');
});

await runAll();
