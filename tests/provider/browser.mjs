// A person's browser, for $BROWSER: real headless Chromium that fills in whatever form the provider shows, until it
// lands on the page that tells the person to go back. Writes what it saw at the end to the file in BROWSER_REPORT.
import { writeFileSync } from 'node:fs';
import { chromium } from 'playwright-core';

const address = process.argv.at(-1);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
let report;
try {
  const page = await browser.newPage();
  await page.goto(address);
  for (let forms = 0; forms < 5 && !new URL(page.url()).pathname.match(/^\/(done|declined|refused)$/); forms += 1) {
    const before = page.url();
    const name = page.locator('input[name=login]');
    if (await name.count()) {
      await name.fill('ada');
      await page.locator('input[name=password]').fill('anything');
    }
    await Promise.all([page.waitForURL((url) => url.href !== before), page.locator('button[type=submit]').first().click()]);
    await page.waitForLoadState();
  }
  report = { path: new URL(page.url()).pathname, title: await page.title(), text: await page.locator('body').innerText() };
  if (process.env.BROWSER_SHOT) await page.screenshot({ path: process.env.BROWSER_SHOT });
} catch (error) {
  report = { error: String(error) };
}
await browser.close();
if (process.env.BROWSER_REPORT) writeFileSync(process.env.BROWSER_REPORT, JSON.stringify(report));
