// The journal, its flows, and two of them beside each other.

const ALL = ['narrow', 'medium', 'wide'];

export const inspectShots = [
  { name: 'inspect-empty', scene: 'journalEmpty', route: 'inspect', widths: ALL },
  { name: 'inspect-list', scene: 'journal', route: 'inspect', widths: ALL },
  { name: 'inspect-unfolded', scene: 'journal', route: 'inspect', act: unfold, widths: ALL },
  { name: 'inspect-search', scene: 'journal', route: 'inspect', act: search('nonce'), widths: ALL },
  { name: 'inspect-nothing', scene: 'journal', route: 'inspect', act: search('no such thing'), widths: ['narrow', 'medium'] },
  { name: 'inspect-fresh', scene: 'journalLive', route: 'inspect', act: scrolledDown, widths: ['narrow', 'medium'] },
  { name: 'inspect-paused', scene: 'journalLive', route: 'inspect', act: paused, widths: ['narrow', 'medium'] },
  { name: 'inspect-flow', scene: 'journal', route: 'inspect/f-today', widths: ALL },
  { name: 'inspect-refused', scene: 'journal', route: 'inspect/f-refused', widths: ALL },
  { name: 'inspect-exchange', scene: 'journal', route: 'inspect/f-today', act: exchange, widths: ALL },
  { name: 'inspect-sample', scene: 'journal', route: 'inspect/f-today', act: sample, widths: ALL },
  { name: 'inspect-evidence', scene: 'journal', route: 'inspect', act: evidence, widths: ALL, whole: true },
  { name: 'inspect-evidence-changed', scene: 'journal', story: 'damaged', route: 'inspect', act: evidence, widths: ['narrow', 'medium'] },
  { name: 'inspect-newer', scene: 'journal', route: 'inspect/f-today', act: newer, widths: ['narrow', 'wide'] },
  { name: 'inspect-export', scene: 'journal', route: 'inspect/f-today', act: (page) => page.locator('.detail').getByTestId('export').click(), widths: ['narrow', 'wide'] },
  { name: 'inspect-signed-out', scene: 'journal', route: 'inspect/o-lab', act: openAll, widths: ['narrow', 'medium'] },
  { name: 'inspect-gone', scene: 'journal', route: 'inspect/f-nowhere', widths: ['narrow', 'wide'] },
  { name: 'inspect-pick', scene: 'journal', route: 'inspect/f-today', act: (page) => page.getByTestId('compare').click(), widths: ['narrow', 'medium'] },
  { name: 'inspect-compare', scene: 'journal', route: 'inspect/f-today/f-refused', act: differing, widths: ALL, whole: true },
  { name: 'inspect-compare-accounts', scene: 'journal', route: 'compare/accounts', act: compared, widths: ALL, whole: true },
  { name: 'inspect-compare-providers', scene: 'journal', route: 'compare/providers', act: compared, widths: ALL, whole: true },
  { name: 'inspect-compare-few', scene: 'one', route: 'compare/accounts', widths: ['narrow'] },
];

async function unfold(page) {
  await page.locator('.viewport').evaluate((list) => (list.scrollTop = 500));
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
  await page.locator('.word + span').waitFor();
}

async function openAll(page) {
  await page.getByTestId('open-all').click();
}

async function exchange(page) {
  await page.locator('[data-kind="exchanged"] button').nth(2).click();
  await page.locator('[data-kind="exchanged"]').nth(2).scrollIntoViewIfNeeded();
  await page.locator('[data-kind="exchanged"]').nth(2).evaluate((step) => step.scrollIntoView());
}

async function sample(page) {
  await page.locator('[data-kind="exchanged"] button').nth(2).click();
  await page.getByTestId('show-sample').first().click();
  await page.getByTestId('sample').waitFor();
  await page.getByTestId('sample').evaluate((part) => part.scrollIntoView());
}

async function evidence(page) {
  await page.getByTestId('evidence-file').setInputFiles({ name: 'doorkey-sign-in-work-20261125T130211Z.zip', mimeType: 'application/zip', buffer: Buffer.from('PK') });
  await page.getByTestId('evidence-view').waitFor();
}

async function newer(page) {
  await page.locator('[data-kind="authorization_requested"] button').click();
}

async function differing(page) {
  await page.locator('[data-mark="different"] button').first().click();
}

async function compared(page) {
  await page.getByTestId('member').first().waitFor();
}
