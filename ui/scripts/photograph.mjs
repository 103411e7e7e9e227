// Takes pictures of the mock build in headless Chromium, and has each looked at.

import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { chromium } from 'playwright-core';

import { clipped } from './clipped.mjs';
import { contactSheet } from './contact-sheet.mjs';
import { serve } from './mock-pages.mjs';

const pictures = fileURLToPath(new URL('../../artifacts/ui', import.meta.url));
const AT_ONCE = 3;

/** How the system is set. Those with `once` are looked at in one width of each state. */
const LOOKS = {
  light: { system: { colorScheme: 'light' } },
  dark: { system: { colorScheme: 'dark' } },
  contrast: { system: { colorScheme: 'light', contrast: 'more' }, once: true },
  'contrast-dark': { system: { colorScheme: 'dark', contrast: 'more' }, once: true },
  forced: { system: { colorScheme: 'dark', forcedColors: 'active' }, once: true },
  /** Each text 40 % longer, and marked (src/lib/mock/pseudo.ts): in every width, for that is what it is about. */
  pseudo: { system: { colorScheme: 'light' }, language: 'pseudo' },
  de: { system: { colorScheme: 'light' }, language: 'de' },
};

/** Takes every picture asked for; the process fails when something is found. */
export async function photograph({ shots, widths: WIDTHS, part = '', looks = Object.keys(LOOKS) }) {
  const axe = await readFile(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');
  const { address, close } = await serve();
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
  await mkdir(pictures, { recursive: true });

  const wanted = shots.filter(({ name }) => name.includes(part)).flatMap((shot) => {
    const { widths = ['medium'] } = shot;
    const usual = widths.includes('medium') ? 'medium' : widths[0];
    return looks.flatMap((look) => (LOOKS[look].once ? [usual] : widths).map((width) => ({ shot, look, width })));
  });
  const found = [];
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (let next = wanted.shift(); next; next = wanted.shift()) found.push(...(await take(next)));
  }));
  await browser.close();
  close();
  await contactSheet(pictures);
  found.forEach((one) => console.error(one));
  process.exit(found.length > 0 ? 1 : 0);

  async function take({ shot: { name, scene = name, story = 'done', route = '', act, whole = false }, look, width }) {
    const { system, language } = LOOKS[look];
    const [across, down] = WIDTHS[width];
    const called = `${name}-${width}-${look}`;
    const page = await browser.newPage({ viewport: { width: across, height: down }, locale: 'en-GB', ...system });
    const told = [];
    page.on('pageerror', (error) => told.push(`${called}: ${error}`));
    try {
      await page.goto(`${address}/?scene=${scene}&story=${story}${language ? `&lang=${language}` : ''}${route && `#/${route.replace(/^#?\//, '')}`}`);
      await act?.(page);
      // The page has come, where the scene lets it.
      await page.locator('.boot-body').waitFor({ state: 'detached', timeout: 2_000 }).catch(() => undefined);
      await settled(page);
      told.push(...(await inspect(page, system)).map((one) => `${called}: ${one}`));
      told.push(...(await page.evaluate(clipped)).map((one) => `${called}: cut off: ${one}`));
      await page.screenshot({ path: join(pictures, `${called}.png`), fullPage: whole });
    } catch (error) {
      told.push(`${called}: ${error}`);
    }
    await page.close();
    console.log(called);
    return told;
  }

  /** With more contrast the stricter rule counts; forced colours are the system's, not ours. */
  async function inspect(page, { contrast, forcedColors }) {
    await page.evaluate(axe);
    const rules = { 'color-contrast-enhanced': { enabled: contrast === 'more' }, 'color-contrast': { enabled: forcedColors !== 'active' } };
    const { violations } = await page.evaluate((options) => window.axe.run(document, options), { resultTypes: ['violations'], rules });
    return violations.map(({ id, nodes }) => `${id}\n  ${nodes.map((node) => `${node.html.slice(0, 160)}\n    ${node.failureSummary.split('\n')[1] ?? ''}`).join('\n  ')}`);
  }
}

/** Everything that moves and ends has ended; what turns for ever is left to turn. */
async function settled(page) {
  await page.evaluate(() =>
    Promise.all(
      document
        .getAnimations()
        .filter((one) => one.effect.getComputedTiming().iterations !== Infinity)
        .map((one) => one.finished.catch(() => undefined)),
    ),
  );
}
