// How smooth two hundred accounts are, by headless Chromium on the mock build: what a second of the clock costs (in the
// processor's time), how long frames take while one scrolls, and how long a letter typed into the search. Figures for people, no verdict: a
// machine that is busy with something else shows it.

import { chromium } from 'playwright-core';

import { serve } from './mock-pages.mjs';

const { address, close } = await serve();
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });

function spread(values) {
  const sorted = [...values].sort((one, other) => one - other);
  const at = (part) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))]?.toFixed(1);
  return `median ${at(0.5)} ms, p95 ${at(0.95)} ms, most ${at(1)} ms (${sorted.length})`;
}

async function costs(client) {
  const { metrics } = await client.send('Performance.getMetrics');
  return Object.fromEntries(metrics.map(({ name, value }) => [name, value * 1000]));
}

/** Milliseconds of each second. */
async function idle(page, client, seconds) {
  const before = await costs(client);
  await page.waitForTimeout(seconds * 1000);
  const after = await costs(client);
  const each = (name) => ((after[name] - before[name]) / seconds).toFixed(2);
  return `script ${each('ScriptDuration')} ms, style ${each('RecalcStyleDuration')} ms, layout ${each('LayoutDuration')} ms, all ${each('TaskDuration')} ms`;
}

async function frames(page, act) {
  await page.evaluate(() => {
    window.frames_ = [];
    let last = performance.now();
    const next = (time) => {
      window.frames_.push(time - last);
      last = time;
      window.following = requestAnimationFrame(next);
    };
    window.following = requestAnimationFrame(next);
  });
  await act();
  return page.evaluate(() => (cancelAnimationFrame(window.following), window.frames_.slice(1)));
}

/** From the key to the frame that shows what it found. */
async function typed(page, keys) {
  await page.evaluate(() => {
    window.typed_ = [];
    window.watching ??= addEventListener('input', () => {
      const began = performance.now();
      requestAnimationFrame(() => setTimeout(() => window.typed_.push(performance.now() - began)));
    }, { capture: true }) ?? true;
  });
  for (const [at, key] of keys.entries()) {
    await page.keyboard.press(key);
    await page.waitForFunction((count) => window.typed_.length >= count, at + 1);
  }
  return page.evaluate(() => window.typed_);
}

for (const layout of ['rows', 'cards']) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, locale: 'en-GB' });
  const client = await page.context().newCDPSession(page);
  await client.send('Performance.enable', { timeDomain: 'threadTicks' });
  const began = Date.now();
  await page.goto(`${address}/?scene=twoHundred`);
  await page.getByTestId('session-row').first().waitFor();
  console.log(`${layout}: shown after ${Date.now() - began} ms`);
  if (layout === 'cards') await page.getByTestId('layout-cards').click();
  await page.waitForTimeout(500);
  console.log(`  a second of the clock: ${await idle(page, client, 8)}`);
  const scrolled = await frames(page, async () => {
    await page.mouse.move(700, 500);
    for (let step = 0; step < 60; step += 1) {
      await page.mouse.wheel(0, 160);
      await page.waitForTimeout(16);
    }
  });
  console.log(`  frames while scrolling: ${spread(scrolled)}`);
  await page.keyboard.press('/');
  console.log(`  a letter in the search: ${spread(await typed(page, [...'grace gitlab']))}`);
  await page.keyboard.press('Control+a');
  console.log(`  and all shown again: ${spread(await typed(page, ['Backspace']))}`);
  await page.close();
}
await browser.close();
close();
