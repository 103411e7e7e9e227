// How evenly the journal scrolls with 10,000 entries: `npm run build:mock && node scripts/scrolling.mjs`.
// Headless Chromium on the mock build: the time between two frames, and the work of the page's own thread in each. A list that
// is not scrolled is measured beside it, because a busy machine drops frames of its own.

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

import { chromium } from 'playwright-core';

const pages = fileURLToPath(new URL('../../artifacts/ui-mock', import.meta.url));
const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };
const server = createServer(async (request, response) => {
  const path = normalize(new URL(request.url, 'http://localhost').pathname);
  try {
    const file = await readFile(join(pages, path === '/' ? 'index.html' : path));
    response.writeHead(200, { 'content-type': types[extname(path)] ?? 'text/html' }).end(file);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
const page = await browser.newPage({ viewport: { width: 1600, height: 1000 }, locale: 'en-GB' });
page.on('pageerror', (error) => console.error(String(error)));
await page.goto(`http://127.0.0.1:${server.address().port}/?scene=journalMany#/inspect`);
await page.locator('li[data-line]').first().waitFor();

const cdp = await page.context().newCDPSession(page);
// The thread's own time: a busy machine does not count.
await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });

async function busy() {
  const { metrics } = await cdp.send('Performance.getMetrics');
  const of = (name) => (metrics.find((one) => one.name === name)?.value ?? 0) * 1_000;
  return { script: of('ScriptDuration'), layout: of('LayoutDuration') + of('RecalcStyleDuration'), all: of('TaskDuration') };
}

/** So many frames, each scrolled so far, to the list's end at most; nothing is scrolled by 0. */
async function scroll(by, frames = 400) {
  const before = await busy();
  const seen = await page.evaluate(
    async ([by, frames]) => {
      const list = document.querySelector('.viewport');
      const frame = () => new Promise((next) => requestAnimationFrame(next));
      const between = [];
      let before = await frame();
      for (let count = 0; count < frames; count += 1) {
        const at = list.scrollTop;
        list.scrollTop = at + by;
        if (by !== 0 && list.scrollTop === at) break;
        const begun = await frame();
        between.push(begun - before);
        before = begun;
      }
      return { between, lines: document.querySelectorAll('li[data-line]').length, height: list.scrollHeight };
    },
    [by, frames],
  );
  const after = await busy();
  const each = (name) => ((after[name] - before[name]) / Math.max(1, seen.between.length)).toFixed(2);
  const sorted = [...seen.between].sort((one, other) => one - other);
  const part = (of) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * of))]?.toFixed(1);
  const late = sorted.filter((ms) => ms > 25).length;
  return (
    `${String(sorted.length).padStart(4)} frames: median ${part(0.5)} ms, p95 ${part(0.95)} ms, longest ${part(1)} ms, ${late} over 25 ms; ` +
    `work in a frame ${each('all')} ms (script ${each('script')}, layout ${each('layout')}); ${seen.lines} lines made of ${Math.round(seen.height)} px`
  );
}

// All entries are read first: the end of the list is scrolled to until there is nothing older.
while (!(await page.getByText('The journal begins here').isVisible())) {
  await page.locator('.viewport').evaluate((list) => (list.scrollTop = list.scrollHeight));
  await page.waitForTimeout(50);
}
console.log(await page.getByTestId('journal-count').textContent());

console.log(`${'nothing is scrolled'.padEnd(44)} ${await scroll(0)}`);
for (const [name, by] of [['slowly, 24 px a frame', -24], ['like a wheel, 120 px a frame', -120], ['flung, 1,200 px a frame', -1_200]]) {
  await page.locator('.viewport').evaluate((list) => (list.scrollTop = list.scrollHeight));
  console.log(`${`flows folded, ${name}`.padEnd(44)} ${await scroll(by)}`);
}
await page.getByTestId('journal-search').fill('e');
for (const [name, by] of [['like a wheel, 120 px a frame', 120], ['flung, 1,200 px a frame', 1_200]]) {
  await page.locator('.viewport').evaluate((list) => (list.scrollTop = 0));
  console.log(`${`every step shown, ${name}`.padEnd(44)} ${await scroll(by)}`);
}

await browser.close();
server.close();
