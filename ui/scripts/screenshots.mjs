// Pictures of every state, by headless Chromium on the mock build: `npm run screenshots [part of a name]`.
// They go to artifacts/ui/, which is not committed. Each is looked at by axe, which sees colours here: the command
// fails when it finds something.

import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { chromium } from 'playwright-core';

import { serve } from './mock-pages.mjs';

const pictures = fileURLToPath(new URL('../../artifacts/ui', import.meta.url));
const wanted = process.argv[2] ?? '';
const WIDTHS = { narrow: [360, 740], medium: [900, 680], wide: [1600, 1000] };
const ALL = Object.keys(WIDTHS);

/** What to look at: a scene, a place in the window, a story of the sign-in, what to press, and the widths that matter. */
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
  { name: 'edit', scene: 'one', act: edit, widths: ['medium'] },
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
  { name: 'accounts-several', scene: 'severalPerProfile', widths: ALL, whole: true },
  { name: 'accounts-twelve', scene: 'twelve', widths: ALL },
  { name: 'accounts-cards', scene: 'twelve', act: (page) => page.getByTestId('layout-cards').click(), widths: ALL },
  { name: 'accounts-provider', scene: 'twelve', act: (page) => page.getByTestId('by-provider').click(), widths: ['narrow', 'wide'] },
  { name: 'accounts-hundreds', scene: 'twoHundred', widths: ALL },
  { name: 'accounts-search', scene: 'twoHundred', act: (page) => page.getByTestId('search-accounts').fill('grace gitlab'), widths: ALL },
  { name: 'accounts-nothing', scene: 'twoHundred', act: (page) => page.getByTestId('search-accounts').fill('nobody'), widths: ['narrow', 'medium'] },
  { name: 'accounts-menu', scene: 'severalPerProfile', act: (page) => page.getByTestId('more').nth(1).click(), widths: ['narrow', 'medium'] },
  { name: 'accounts-row-menu', scene: 'twelve', act: (page) => page.getByTestId('more').nth(2).click(), widths: ['narrow', 'medium'] },
  { name: 'accounts-rename', scene: 'severalPerProfile', act: (page) => choose(page, /Rename/), widths: ['narrow', 'medium'] },
  { name: 'accounts-renamed', scene: 'severalPerProfile', act: renamed, widths: ['narrow', 'medium'] },
  { name: 'account', route: 'accounts/s-ada', widths: ALL, whole: true },
  ...['accountSeveral', 'accountOpaque', 'accountWarned', 'accountOffline', 'accountRequired', 'accountNotVerified', 'accountApplication', 'accountLongNames', 'accountRefused'].map((name) => ({ name, route: 'accounts/s-ada', widths: ['narrow', 'medium'], whole: true })),
  { name: 'account-unfolded', scene: 'account', route: 'accounts/s-ada', act: unfold, widths: ['narrow', 'medium'], whole: true },
  { name: 'account-revealed', scene: 'account', route: 'accounts/s-ada', act: reveal, widths: ['narrow', 'medium'] },
  { name: 'account-copied', scene: 'account', route: 'accounts/s-ada', act: copyHere, widths: ['narrow', 'medium'], whole: true },
  { name: 'account-rename', scene: 'account', route: 'accounts/s-ada', act: (page) => choose(page, /Rename/), widths: ['narrow', 'medium'] },
  { name: 'account-gone', scene: 'two', route: 'accounts/s-nobody', widths: ['narrow', 'medium'] },
  { name: 'accounts-row-rename', scene: 'twelve', act: (page) => choose(page, /Rename/), widths: ['narrow', 'medium'] },
];

async function choose(page, item) {
  await page.getByTestId('more').first().click();
  await page.getByRole('menuitem', { name: item }).click();
}

async function edit(page) {
  await choose(page, /Edit profile/);
}

async function unfold(page) {
  await page.getByTestId('identity').locator('dl').first().waitFor();
  for (const one of await page.locator('summary').all()) await one.click();
}

async function reveal(page) {
  await page.getByTestId('reveal-token').click();
  await page.getByTestId('revealed-token').waitFor();
  await page.getByTestId('revealed-token').scrollIntoViewIfNeeded();
}

async function copyHere(page) {
  await page.getByTestId('copy-token').click();
  await page.getByTestId('on-clipboard').waitFor();
}

async function renamed(page) {
  await choose(page, /Rename/);
  await page.getByTestId('rename-field').fill('Ada at work');
  await page.keyboard.press('Enter');
  await page.getByTestId('toast').waitFor();
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

const { address, close } = await serve();

await mkdir(pictures, { recursive: true });
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
let failed = false;
for (const { name, scene = name, route = '', story = 'done', act, widths = ['medium'], whole = false } of shots) {
  if (!name.includes(wanted)) continue;
  for (const width of widths) {
    for (const colorScheme of ['light', 'dark']) {
      const [across, down] = WIDTHS[width];
      const page = await browser.newPage({ viewport: { width: across, height: down }, colorScheme, locale: 'en-GB' });
      page.on('pageerror', (error) => console.error(`${name}: ${error}`));
      await page.goto(`${address}/?scene=${scene}&story=${story}${route && `#/${route}`}`);
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
close();
process.exit(failed ? 1 : 0);
