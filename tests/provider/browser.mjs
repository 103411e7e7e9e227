// A person's browser, for $BROWSER: real headless Chromium that fills in whatever form the provider shows, until it
// lands on the page that tells the person to go back, or on the provider's own last page. Writes what it saw at the end to the file in BROWSER_REPORT.
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
  const finished = async () => /^\/(done|declined|refused)$/.test(new URL(page.url()).pathname) || (await page.title()) === 'Finished';
  for (let forms = 0; forms < 8 && !(await finished()); forms += 1) {
    const code = page.locator('input[name=user_code][type=text]');
    if ((await code.count()) && process.env.USER_CODE) await code.fill(process.env.USER_CODE);
    const name = page.locator('input[name=login]');
    if (await name.count()) {
      await name.fill('ada');
      await page.locator('input[name=password]').fill('anything');
    }
    // A device's form leads to a page of the same address.
    await Promise.all([page.waitForNavigation(), page.locator('button[type=submit]').first().click()]);
    await page.waitForLoadState();
  }
  const browsed = await page.context().newCDPSession(page);
  const history = (await browsed.send('Page.getNavigationHistory')).entries.map((entry) => entry.url);
  const href = await page.evaluate(() => location.href);
  report = { path: new URL(page.url()).pathname, href, history, title: await page.title(), text: await page.locator('body').innerText() };
  if (process.env.BROWSER_SHOT) await page.screenshot({ path: process.env.BROWSER_SHOT });
} catch (error) {
  report = { error: String(error) };
}
await browser.close();
if (process.env.BROWSER_REPORT) writeFileSync(process.env.BROWSER_REPORT, JSON.stringify(report));
