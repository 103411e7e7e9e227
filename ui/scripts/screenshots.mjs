// Pictures of every state, by headless Chromium on the mock build: `npm run screenshots -- [part of a name] [looks]`,
// as in `npm run screenshots -- add light,forced`. They go to artifacts/ui/, which is not committed; index.html there
// shows them all. axe, which sees colours here, looks at each; so does `clipped`, for words cut off. The command fails
// when one of them finds something.

import { inspectShots } from './inspect-shots.mjs';
import { photograph } from './photograph.mjs';
import { scenarioShots } from './scenario-shots.mjs';
import { stepShots } from './step-shots.mjs';

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
  { name: 'add-tile', scene: 'empty', act: addBy('auth0'), widths: ['narrow', 'medium'] },
  { name: 'add-unknown', scene: 'empty', act: add('id.acme.example'), widths: ['narrow', 'medium'] },
  { name: 'add-nowhere', scene: 'empty', act: add('nowhere.example'), widths: ['narrow', 'medium'] },
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
  { name: 'sign-in-paste', scene: 'profiles', story: 'wait', act: paste, widths: ['narrow', 'medium'] },
  { name: 'sign-in-no-browser', scene: 'profiles', story: 'no-browser', act: (page) => signIn(page, 300), widths: ['narrow', 'medium'] },
  { name: 'sign-in-device', scene: 'device', act: (page) => page.getByTestId('show-sign-in').click(), widths: ['narrow', 'medium'] },
  { name: 'sign-in-failed', scene: 'profiles', story: 'fail', act: (page) => signIn(page, 1000), widths: ['narrow', 'medium'] },
  { name: 'edit-refused', scene: 'profiles', story: 'fail', act: editRefused, widths: ['narrow', 'medium'] },
  { name: 'sign-in-done', scene: 'profiles', act: (page) => signIn(page, 2600), widths: ['medium'] },
  { name: 'sign-in-card', scene: 'profiles', act: (page) => signIn(page, 4000), widths: ['medium'] },
  { name: 'sign-out', scene: 'two', act: (page) => page.getByTestId('sign-out').first().click(), widths: ['narrow', 'medium'] },
  { name: 'signed-out-toast', scene: 'two', act: signOut, widths: ['narrow', 'medium'] },
  { name: 'copied-toast', scene: 'one', act: (page) => page.getByTestId('copy-token').click(), widths: ['medium'] },
  { name: 'remove', scene: 'profiles', act: (page) => page.getByTestId('remove-profile').first().click(), widths: ['medium'] },
  { name: 'consents', act: (page) => page.locator('dialog summary').click(), widths: ['narrow', 'medium'] },
  { name: 'programs', route: 'programs', widths: ALL, whole: true },
  { name: 'programsLong', route: 'programs', act: (page) => page.locator('main summary').first().click(), widths: ALL, whole: true },
  { name: 'programs-empty', scene: 'one', route: 'programs', widths: ['narrow', 'medium'], whole: true },
  { name: 'programs-waiting', scene: 'consents', route: 'programs', act: putAside, widths: ['narrow', 'medium'], whole: true },
  { name: 'programs-aside', scene: 'consents', act: putAside, widths: ['narrow'] },
  { name: 'programs-revoke', scene: 'programs', route: 'programs', act: (page) => page.getByTestId('revoke').first().click(), widths: ['narrow', 'medium'] },
  { name: 'settings-look', scene: 'settings', route: 'settings', widths: ALL, whole: true },
  { name: 'settings-refused', scene: 'settings', story: 'refuse', route: 'settings/computer', act: (page) => page.getByTestId('set-tray').click(), widths: ['narrow', 'medium'], whole: true },
  { name: 'settings-computer', scene: 'settings', route: 'settings/computer', widths: ALL, whole: true },
  { name: 'settings-unable', scene: 'settingsUnable', route: 'settings/computer', widths: ['narrow', 'medium'] },
  { name: 'settings-vault', scene: 'settings', route: 'settings/vault', widths: ALL, whole: true },
  { name: 'settings-vault-memory', scene: 'settings', route: 'settings/vault', act: discard, widths: ['narrow', 'medium'], whole: true },
  { name: 'settings-vault-change', scene: 'settingsPassphrase', route: 'settings/vault', act: wrongPassphrase, widths: ['narrow', 'medium'], whole: true },
  { name: 'settings-vault-locked', scene: 'vaultLocked', route: 'settings/vault', widths: ['medium'], whole: true },
  { name: 'settings-network', scene: 'settingsNetwork', route: 'settings/network', widths: ALL, whole: true },
  { name: 'settings-network-wrong', scene: 'settings', route: 'settings/network', act: wrongNetwork, widths: ['narrow', 'medium'], whole: true },
  { name: 'settings-profiles', scene: 'many', route: 'settings/profiles', widths: ALL, whole: true },
  { name: 'settings-import', scene: 'settings', route: 'settings/profiles', act: (page) => page.getByTestId('import').click(), widths: ['narrow', 'medium'] },
  { name: 'settings-import-found', scene: 'settings', route: 'settings/profiles', act: importing(), widths: ['narrow', 'medium'] },
  { name: 'settings-import-saved', scene: 'settings', route: 'settings/profiles', act: importing((page) => page.getByTestId('import-save').click()), widths: ['narrow', 'medium'] },
  { name: 'settings-export', scene: 'settings', route: 'settings/profiles', act: exporting, widths: ['narrow', 'medium'] },
  { name: 'settings-about', scene: 'settings', route: 'settings/about', widths: ALL, whole: true },
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
  { name: 'accounts-rename', scene: 'severalPerProfile', act: (page) => choose(page, RENAME), widths: ['narrow', 'medium'] },
  { name: 'accounts-renamed', scene: 'severalPerProfile', act: renamed, widths: ['narrow', 'medium'] },
  { name: 'account', route: 'accounts/s-ada', widths: ALL, whole: true },
  ...['accountSeveral', 'accountOpaque', 'accountWarned', 'accountOffline', 'accountRequired', 'accountNotVerified', 'accountApplication', 'accountLongNames', 'accountRefused'].map((name) => ({ name, route: 'accounts/s-ada', widths: ['narrow', 'medium'], whole: true })),
  { name: 'account-unfolded', scene: 'account', route: 'accounts/s-ada', act: unfold, widths: ['narrow', 'medium'], whole: true },
  { name: 'account-revealed', scene: 'account', route: 'accounts/s-ada', act: reveal, widths: ['narrow', 'medium'] },
  { name: 'account-copied', scene: 'account', route: 'accounts/s-ada', act: copyHere, widths: ['narrow', 'medium'], whole: true },
  { name: 'account-rename', scene: 'account', route: 'accounts/s-ada', act: (page) => choose(page, RENAME), widths: ['narrow', 'medium'] },
  { name: 'account-gone', scene: 'two', route: 'accounts/s-nobody', widths: ['narrow', 'medium'] },
  { name: 'accounts-row-rename', scene: 'twelve', act: (page) => choose(page, RENAME), widths: ['narrow', 'medium'] },
  ...inspectShots,
  ...scenarioShots,
  ...stepShots,
];

const RENAME = '.lucide-pencil';
const EDIT = '.lucide-settings-2';

/** By its icon: its words are of the language. */
async function choose(page, item) {
  await page.getByTestId('more').first().click();
  await page.locator(`[role="menuitem"]:has(${item})`).click();
}

async function edit(page) {
  await choose(page, EDIT);
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
  await choose(page, RENAME);
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

function addBy(product) {
  return async (page) => {
    await page.getByTestId('add-account').click();
    await page.getByTestId(`tile-${product}`).click();
  };
}

async function more(page) {
  await page.getByTestId('client-id').fill('k3Jx92LmPq7TzW0aVbNc');
  await page.getByTestId('more-options').click();
  await page.getByTestId('ports').scrollIntoViewIfNeeded();
}

async function refusedId(page) {
  await page.getByTestId('client-id').fill('refused');
  await page.getByTestId('save-and-sign-in').click();
  await page.getByTestId('refused').waitFor();
}

async function signIn(page, wait) {
  await page.getByTestId('sign-in').first().click();
  await page.waitForTimeout(wait);
}

async function paste(page) {
  await signIn(page, 900);
  await page.getByTestId('elsewhere').click();
  await page.getByTestId('pasted').fill('http://127.0.0.1:49152/cb/k3j9x2ma?code=other');
  await page.getByTestId('paste').click();
  await page.getByTestId('refused').waitFor();
}

async function editRefused(page) {
  await signIn(page, 1000);
  await page.getByTestId('edit-profile').click();
  await page.getByTestId('provider-found').waitFor();
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

await photograph({ shots, widths: WIDTHS, part: process.argv[2], looks: process.argv[3]?.split(',') });
