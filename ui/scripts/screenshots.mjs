// Pictures of every state, by headless Chromium on the mock build: `npm run screenshots [part of a name]`.
// They go to artifacts/ui/, which is not committed. Each is looked at by axe, which sees colours here: the command
// fails when it finds something.

import { mkdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

import { chromium } from 'playwright-core';

const pages = fileURLToPath(new URL('../../artifacts/ui-mock', import.meta.url));
const pictures = fileURLToPath(new URL('../../artifacts/ui', import.meta.url));
const wanted = process.argv[2] ?? '';
const WIDTHS = { narrow: [360, 740], medium: [900, 680], wide: [1600, 1000] };
const ALL = Object.keys(WIDTHS);

/** What to look at: a scene, a story of the sign-in, what to press, and the widths that matter. */
const shots = [
  { name: 'starting' },
  { name: 'empty', widths: ALL },
  { name: 'one', widths: ALL },
  { name: 'two', widths: ALL },
  { name: 'many', widths: ALL, whole: true },
  { name: 'longNames', widths: ALL, whole: true },
  ...['soon', 'renewing', 'offline', 'expired', 'required', 'unsaved', 'refusedScopes', 'unknownEnd', 'notVerified', 'application', 'profiles'].map((name) => ({ name, widths: ['narrow', 'medium'], whole: true })),
  ...['vaultOpening', 'vaultLocked', 'vaultPassphrase', 'vaultWrongPassphrase', 'vaultFirstPassphrase', 'vaultNoService', 'consent', 'consentScript', 'vaultKeyMissing', 'agentProblem', 'lost', 'unreachable'].map((name) => ({ name, widths: ['narrow', 'medium'] })),
  { name: 'add-blank', scene: 'empty', act: add(), widths: ['narrow', 'medium'] },
  { name: 'add-found', scene: 'empty', act: add('acme.eu.auth0.com'), widths: ALL },
  { name: 'add-found-end', scene: 'empty', act: add('acme.eu.auth0.com', more), widths: ['narrow', 'medium'] },
  { name: 'add-github', scene: 'empty', act: add('github.com'), widths: ['narrow', 'medium'] },
  { name: 'add-slash', scene: 'empty', act: add('slash.example'), widths: ['narrow', 'medium'] },
  { name: 'add-missing', scene: 'empty', act: add('', (page) => page.getByTestId('save-and-sign-in').click()), widths: ['medium'] },
  { name: 'add-refused', scene: 'empty', act: add('acme.eu.auth0.com', refusedId), widths: ['medium'] },
  { name: 'edit', scene: 'one', act: (page) => page.getByRole('button', { name: /Edit profile/ }).click(), widths: ['medium'] },
  { name: 'sign-in-opening', scene: 'profiles', story: 'wait', act: (page) => signIn(page, 0), widths: ['medium'] },
  { name: 'sign-in-waiting', scene: 'profiles', story: 'wait', act: (page) => signIn(page, 900), widths: ALL },
  { name: 'sign-in-slow', scene: 'profiles', story: 'slow', act: (page) => signIn(page, 300), widths: ['narrow', 'medium'] },
  { name: 'sign-in-no-browser', scene: 'profiles', story: 'no-browser', act: (page) => signIn(page, 300), widths: ['narrow', 'medium'] },
  { name: 'sign-in-device', scene: 'device', act: (page) => page.getByRole('button', { name: /Show the sign-in/ }).click(), widths: ['narrow', 'medium'] },
  { name: 'sign-in-failed', scene: 'profiles', story: 'fail', act: (page) => signIn(page, 1000), widths: ['narrow', 'medium'] },
  { name: 'sign-in-done', scene: 'profiles', act: (page) => signIn(page, 2600), widths: ['medium'] },
  { name: 'sign-in-card', scene: 'profiles', act: (page) => signIn(page, 4000), widths: ['medium'] },
  { name: 'sign-out', scene: 'two', act: (page) => page.getByTestId('sign-out').first().click(), widths: ['narrow', 'medium'] },
  { name: 'signed-out-toast', scene: 'two', act: signOut, widths: ['narrow', 'medium'] },
  { name: 'copied-toast', scene: 'one', act: (page) => page.getByTestId('copy-token').click(), widths: ['medium'] },
  { name: 'remove', scene: 'profiles', act: (page) => page.getByTestId('remove-profile').first().click(), widths: ['medium'] },
  { name: 'focus', scene: 'one', act: tabs, widths: ['medium'] },
  { name: 'inspect-empty', scene: 'journalEmpty', route: '#/inspect', widths: ALL },
  { name: 'inspect-list', scene: 'journal', route: '#/inspect', widths: ALL },
  { name: 'inspect-unfolded', scene: 'journal', route: '#/inspect', act: unfold, widths: ALL },
  { name: 'inspect-search', scene: 'journal', route: '#/inspect', act: search('nonce'), widths: ALL },
  { name: 'inspect-nothing', scene: 'journal', route: '#/inspect', act: search('no such thing'), widths: ['narrow', 'medium'] },
  { name: 'inspect-fresh', scene: 'journalLive', route: '#/inspect', act: scrolledDown, widths: ['narrow', 'medium'] },
  { name: 'inspect-paused', scene: 'journalLive', route: '#/inspect', act: paused, widths: ['narrow', 'medium'] },
  { name: 'inspect-flow', scene: 'journal', route: '#/inspect/f-today', widths: ALL },
  { name: 'inspect-refused', scene: 'journal', route: '#/inspect/f-refused', widths: ALL },
  { name: 'inspect-exchange', scene: 'journal', route: '#/inspect/f-today', act: exchange, widths: ALL },
  { name: 'inspect-newer', scene: 'journal', route: '#/inspect/f-today', act: newer, widths: ['narrow', 'wide'] },
  { name: 'inspect-export', scene: 'journal', route: '#/inspect/f-today', act: (page) => page.locator('.detail').getByTestId('export').click(), widths: ['narrow', 'wide'] },
  { name: 'inspect-signed-out', scene: 'journal', route: '#/inspect/o-lab', act: openAll, widths: ['narrow', 'medium'] },
  { name: 'inspect-gone', scene: 'journal', route: '#/inspect/f-nowhere', widths: ['narrow', 'wide'] },
  { name: 'inspect-pick', scene: 'journal', route: '#/inspect/f-today', act: (page) => page.getByTestId('compare').click(), widths: ['narrow', 'medium'] },
  { name: 'inspect-compare', scene: 'journal', route: '#/inspect/f-today/f-refused', act: differing, widths: ALL, whole: true },
];

async function unfold(page) {
  await page.locator('[data-line="f-refused"] .fold').click();
}

function search(text) {
  return (page) => page.getByTestId('journal-search').fill(text);
}

async function scrolledDown(page) {
  await page.locator('.viewport').evaluate((list) => (list.scrollTop = 300));
  await page.getByTestId('fresh').waitFor();
}

async function paused(page) {
  await page.getByTestId('pause').click();
  await page.getByText(/\d new/).waitFor();
}

async function openAll(page) {
  await page.getByTestId('open-all').click();
}

async function exchange(page) {
  await page.locator('[data-kind="exchanged"] button').nth(2).click();
  await page.locator('[data-kind="exchanged"]').nth(2).scrollIntoViewIfNeeded();
  await page.locator('[data-kind="exchanged"]').nth(2).evaluate((step) => step.scrollIntoView());
}

async function newer(page) {
  await page.locator('[data-kind="authorization_requested"] button').click();
}

async function differing(page) {
  await page.locator('[data-mark="different"] button').first().click();
}

function add(issuer = '', then = async () => {}) {
  return async (page) => {
    await page.getByTestId('add-account').click();
    if (issuer) {
      await page.getByTestId('issuer').fill(issuer);
      await page.locator('[data-testid="provider-found"], [data-testid="refusal"]').first().waitFor();
    }
    await then(page);
  };
}

async function more(page) {
  await page.getByTestId('client-id').fill('k3Jx92LmPq7TzW0aVbNc');
  await page.getByText('More options').click();
  await page.getByTestId('ports').scrollIntoViewIfNeeded();
}

async function refusedId(page) {
  await page.getByTestId('client-id').fill('refused');
  await page.getByTestId('save-and-sign-in').click();
  await page.locator('.problem').first().waitFor();
}

async function signIn(page, wait) {
  await page.getByTestId('sign-in').first().click();
  await page.waitForTimeout(wait);
}

async function signOut(page) {
  await page.getByTestId('sign-out').first().click();
  await page.getByTestId('sign-out-everywhere').check();
  await page.getByTestId('confirm-sign-out').click();
  await page.getByTestId('toast').waitFor();
}

async function tabs(page) {
  for (let count = 0; count < 3; count += 1) await page.keyboard.press('Tab');
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

const axe = await readFile(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');

async function inspect(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  return violations;
}

const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
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
const address = `http://127.0.0.1:${server.address().port}`;

await mkdir(pictures, { recursive: true });
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
let failed = false;
for (const { name, scene = name, story = 'done', act, widths = ['medium'], whole = false, route = '' } of shots) {
  if (!name.includes(wanted)) continue;
  for (const width of widths) {
    for (const colorScheme of ['light', 'dark']) {
      const [across, down] = WIDTHS[width];
      const page = await browser.newPage({ viewport: { width: across, height: down }, colorScheme, locale: 'en-GB' });
      page.on('pageerror', (error) => console.error(`${name}: ${error}`));
      await page.goto(`${address}/?scene=${scene}&story=${story}${route}`);
      await act?.(page);
      await settled(page);
      const found = await inspect(page);
      for (const { id, nodes } of found) {
        failed = true;
        console.error(`${name}-${width}-${colorScheme}: ${id}\n  ${nodes.map((node) => `${node.html.slice(0, 160)}\n    ${node.failureSummary.split('\n')[1] ?? ''}`).join('\n  ')}`);
      }
      await page.screenshot({ path: join(pictures, `${name}-${width}-${colorScheme}.png`), fullPage: whole });
      await page.close();
    }
  }
  console.log(name);
}
await browser.close();
server.close();
process.exit(failed ? 1 : 0);
