// Ada at her browser, for $BROWSER: real headless Chromium that fills in the demo provider's forms, until it lands on
// the page that tells her to go back.
import { chromium } from 'playwright-core';

const address = process.argv.at(-1);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
try {
  const page = await browser.newPage();
  await page.goto(address);
  await page.locator('input[name=email]').fill('ada@example.test');
  await page.locator('input[name=password]').fill('analytical');
  await page.locator('#sign-in').click();
  await page.locator('#allow').click();
  await page.waitForURL((url) => url.pathname.endsWith('/done'));
} finally {
  await browser.close();
}
