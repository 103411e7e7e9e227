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
  { name: 'consents', act: (page) => page.getByText('SHA-256 and process').click(), widths: ['narrow', 'medium'] },
  { name: 'programs', route: '#/programs', widths: ALL, whole: true },
  { name: 'programsLong', route: '#/programs', act: (page) => page.getByText('Details').first().click(), widths: ALL, whole: true },
  { name: 'programs-empty', scene: 'one', route: '#/programs', widths: ['narrow', 'medium'], whole: true },
  { name: 'programs-waiting', scene: 'consents', route: '#/programs', act: putAside, widths: ['narrow', 'medium'], whole: true },
  { name: 'programs-aside', scene: 'consents', act: putAside, widths: ['narrow'] },
  { name: 'programs-revoke', scene: 'programs', route: '#/programs', act: (page) => page.getByTestId('revoke').first().click(), widths: ['narrow', 'medium'] },
  { name: 'settings-look', scene: 'settings', route: '#/settings', widths: ALL, whole: true },
  { name: 'settings-refused', scene: 'settings', story: 'refuse', route: '#/settings/computer', act: (page) => page.getByTestId('set-tray').click(), widths: ['narrow', 'medium'], whole: true },
  { name: 'settings-computer', scene: 'settings', route: '#/settings/computer', widths: ALL, whole: true },
  { name: 'settings-unable', scene: 'settingsUnable', route: '#/settings/computer', widths: ['narrow', 'medium'] },
  { name: 'settings-vault', scene: 'settings', route: '#/settings/vault', widths: ALL, whole: true },
  { name: 'settings-vault-memory', scene: 'settings', route: '#/settings/vault', act: discard, widths: ['narrow', 'medium'], whole: true },
  { name: 'settings-vault-change', scene: 'settingsPassphrase', route: '#/settings/vault', act: wrongPassphrase, widths: ['narrow', 'medium'], whole: true },
  { name: 'settings-vault-locked', scene: 'vaultLocked', route: '#/settings/vault', widths: ['medium'], whole: true },
  { name: 'settings-network', scene: 'settingsNetwork', route: '#/settings/network', widths: ALL, whole: true },
  { name: 'settings-network-wrong', scene: 'settings', route: '#/settings/network', act: wrongNetwork, widths: ['narrow', 'medium'], whole: true },
  { name: 'settings-profiles', scene: 'many', route: '#/settings/profiles', widths: ALL, whole: true },
  { name: 'settings-import', scene: 'settings', route: '#/settings/profiles', act: (page) => page.getByTestId('import').click(), widths: ['narrow', 'medium'] },
  { name: 'settings-import-found', scene: 'settings', route: '#/settings/profiles', act: importing(), widths: ['narrow', 'medium'] },
  { name: 'settings-import-saved', scene: 'settings', route: '#/settings/profiles', act: importing((page) => page.getByTestId('import-save').click()), widths: ['narrow', 'medium'] },
  { name: 'settings-export', scene: 'settings', route: '#/settings/profiles', act: exporting, widths: ['narrow', 'medium'] },
  { name: 'settings-about', scene: 'settings', route: '#/settings/about', widths: ALL, whole: true },
  { name: 'focus', scene: 'one', act: tabs, widths: ['medium'] },
];

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

async function putAside(page) {
  while (await page.getByTestId('consent-later').count()) await page.getByTestId('consent-later').click();
}

async function discard(page) {
  await page.getByTestId('move-memory').click();
  await page.getByTestId('confirm-move').click();
}

async function wrongPassphrase(page) {
  await page.getByTestId('move-passphrase').click();
  await page.getByTestId('vault-passphrase-current').fill('wrong');
  await page.getByTestId('vault-passphrase').fill('correct horse battery');
  await page.getByTestId('vault-passphrase-again').fill('correct horse battery');
  await page.getByTestId('vault-set-passphrase').click();
  await page.locator('.problem').first().waitFor();
}

async function wrongNetwork(page) {
  await page.getByTestId('proxy').fill('http://ada:secret@proxy.acme.example:8080');
  await page.getByTestId('ca-file').fill('acme.pem');
  await page.getByTestId('save-network').click();
  await page.locator('.problem').first().waitFor();
}

function importing(then = async () => {}) {
  return async (page) => {
    await page.getByTestId('import').click();
    await page.getByTestId('import-text').fill('{}');
    await page.getByTestId('import-look').click();
    await page.getByTestId('imported').first().waitFor();
    await then(page);
  };
}

async function exporting(page) {
  await page.getByTestId('export').click();
  await page.getByTestId('export-save').first().click();
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
for (const { name, scene = name, story = 'done', route = '', act, widths = ['medium'], whole = false } of shots) {
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
