// How evenly the journal scrolls with 10,000 entries: `npm run build:mock && node scripts/scrolling.mjs`.
// Headless Chromium on the mock build; the time between two frames, while the list is scrolled from one end to the other.
// A page that does nothing is measured beside it, because a busy machine drops frames of its own.

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

/** Scrolls so many pixels a frame, and tells the times between frames and how much script ran in each. */
function scroll(by) {
  return page.evaluate(async (by) => {
    const list = document.querySelector('.viewport');
    const frame = () => new Promise((next) => requestAnimationFrame(next));
    const between = [];
    const worked = [];
    let before = await frame();
    let stuck = 0;
    while (stuck < 3 && between.length < 4_000) {
      const at = list.scrollTop;
      list.scrollTop = at + by;
      // The lines are made before the next frame is painted: by the handler of `scroll`, which runs first in it.
      const begun = await frame();
      between.push(begun - before);
      worked.push(performance.now() - begun);
      before = begun;
      stuck = list.scrollTop === at ? stuck + 1 : 0;
    }
    return { between, worked, lines: document.querySelectorAll('li[data-line]').length, height: list.scrollHeight };
  }, by);
}

function idle(frames) {
  return page.evaluate(async (frames) => {
    const frame = () => new Promise((next) => requestAnimationFrame(next));
    const between = [];
    let before = await frame();
    for (let count = 0; count < frames; count += 1) {
      const begun = await frame();
      between.push(begun - before);
      before = begun;
    }
    return { between };
  }, frames);
}

function told(name, { between, lines, height }) {
  const sorted = [...between].sort((one, other) => one - other);
  const part = (of) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * of))]?.toFixed(1);
  const late = between.filter((ms) => ms > 25).length;
  console.log(
    `${name.padEnd(34)} frames ${String(between.length).padStart(5)}  median ${part(0.5)} ms  p95 ${part(0.95)} ms  p99 ${part(0.99)} ms  longest ${part(1)} ms  over 25 ms: ${late}` +
      (lines === undefined ? '' : `  (${lines} lines made, list ${Math.round(height)} px)`),
  );
}

// All entries are read first: the end of the list is scrolled to until there is nothing older.
while (!(await page.getByText('The journal begins here').isVisible())) {
  await page.locator('.viewport').evaluate((list) => (list.scrollTop = list.scrollHeight));
  await page.waitForTimeout(50);
}
console.log(await page.getByTestId('journal-count').textContent());

told('nothing (the machine itself)', await idle(300));
for (const [name, by] of [['slowly, 24 px a frame', -24], ['like a wheel, 120 px a frame', 120], ['flung, 1,200 px a frame', -1200]]) {
  told(`flows folded, ${name}`, await scroll(by));
}
await page.getByTestId('journal-search').fill('e');
await page.getByText(/entries$/).first().waitFor();
await page.locator('.viewport').evaluate((list) => (list.scrollTop = 0));
for (const [name, by] of [['like a wheel, 120 px a frame', 120], ['flung, 1,200 px a frame', -1200]]) {
  told(`every step shown, ${name}`, await scroll(by));
}

await browser.close();
server.close();
