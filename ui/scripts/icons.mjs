// Draws what is made of the two drawings in src-tauri/icons: the icon in every size (`icon.svg`), and the head of the
// README for light and dark pages (`icon.svg` with `wordmark.svg`). With headless Chromium: `npm run icons`.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { chromium } from 'playwright-core';

const icons = fileURLToPath(new URL('../../src-tauri/icons', import.meta.url));
const images = fileURLToPath(new URL('../../docs/images', import.meta.url));
const sizes = { '32x32.png': 32, '64x64.png': 64, '128x128.png': 128, '128x128@2x.png': 256, 'icon.png': 512 };
/** What the letters and the keyhole are on a light page, and on a dark one: `--text` and `--accent`. */
const inks = { light: ['#0f172a', '#0f766e'], dark: ['#e9eff7', '#2dd4bf'] };

const icon = await readFile(join(icons, 'icon.svg'), 'utf8');
const wordmark = await readFile(join(icons, 'wordmark.svg'), 'utf8');

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
for (const [name, size] of Object.entries(sizes)) {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  await page.setContent(`<style>body{margin:0}svg{display:block;width:${size}px;height:${size}px}</style>${icon}`);
  await page.screenshot({ path: join(icons, name), omitBackground: true });
  await page.close();
}
await browser.close();

const placed = (drawing, at) => drawing.replace('<svg xmlns="http://www.w3.org/2000/svg"', `<svg ${at}`).trim();
for (const [page, [ink, accent]] of Object.entries(inks)) {
  const name = wordmark.replace(/ *<title>.*<\/title>\n/, '').replace('#0f172a', ink).replace('#0f766e', accent);
  const head = [
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 500 112" width="375" height="84" role="img">',
    '<title>Doorkey</title>',
    placed(icon, 'x="0" y="4" width="104" height="104"'),
    placed(name, 'x="120" y="8" width="376" height="100"'),
    '</svg>',
  ];
  await writeFile(join(images, `doorkey-${page}.svg`), `${head.join('\n')}\n`);
}
