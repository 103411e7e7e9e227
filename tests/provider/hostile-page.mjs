// Real headless Chromium on a page that means no good: `hostile-page.mjs SCENE ADDRESS`. The address is a redirect URI with
// parameters that would end somebody's sign-in. Prints what the page saw as JSON.
import { createServer } from 'node:http';
import { chromium } from 'playwright-core';

const [scene, target] = process.argv.slice(2);
const bare = target.split('?')[0];

const pages = {
  // Everything a page can make a browser ask for without a click.
  hostile: `<!doctype html><title>hostile</title>
<img id="image" src="${target}"><iframe src="${target}"></iframe><script src="${target}"></script>
<link rel="preconnect" href="${new URL(target).origin}"><link rel="stylesheet" href="${target}">
<iframe name="sink"></iframe><form method="post" action="${target}" target="sink"><input name="state" value="x"></form>
<script>
const read = [];
const tries = [
  fetch('${target}').then((answer) => answer.text()).then((text) => read.push('cors ' + text.length)),
  fetch('${target}', { headers: { 'X-Preflight': '1' } }).then((answer) => answer.text()).then((text) => read.push('preflight ' + text.length)),
  fetch('${target}', { mode: 'no-cors' }).then((answer) => answer.text()).then((text) => text && read.push('no-cors ' + text.length)),
  fetch('${bare}', { method: 'POST', mode: 'no-cors', body: new URLSearchParams({ state: 'x' }) }),
  new Promise((over) => { document.forms[0].submit(); document.querySelector('iframe[name=sink]').onload = over; }),
];
window.over = Promise.allSettled(tries).then(() => read);
</script>`,
  // A page that has its links looked at ahead of the person, who then follows one.
  ahead: `<!doctype html><title>ahead</title><link rel="prefetch" href="${target}"><a href="${target}">go on</a>`,
};

const server = createServer((request, response) => {
  response.setHeader('content-type', 'text/html');
  response.end(request.url === '/' ? pages[scene] : '');
});
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
const seen = {};
try {
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  if (scene === 'hostile') {
    seen.read = await page.evaluate(() => window.over);
  } else {
    // Who started this knows when the browser has looked ahead.
    await new Promise((told) => process.stdin.once('data', told));
    const path = () => new URL(page.url()).pathname;
    seen.paths = [];
    await Promise.all([page.waitForURL('**/done'), page.click('a')]);
    seen.title = await page.title();
    seen.paths.push(path());
    await page.reload();
    seen.paths.push(path());
    await page.goto(target);
    seen.paths.push(path());
    // What the address bar and the page's own script see, and what the browser keeps.
    seen.href = await page.evaluate(() => location.href);
    const browsed = await page.context().newCDPSession(page);
    seen.history = (await browsed.send('Page.getNavigationHistory')).entries.map((entry) => entry.url);
  }
} catch (error) {
  seen.error = String(error);
}
process.stdin.destroy();
await browser.close();
server.close();
console.log(JSON.stringify(seen));
