// A sign-in in step mode: what it waits before, what is edited of it, and how it ends.

const ALL = ['narrow', 'medium', 'wide'];
const route = 'steps/f-step';

export const stepShots = [
  { name: 'step-start', scene: 'journal', route: 'inspect', act: begin, widths: ['narrow', 'medium'] },
  { name: 'step-metadata', scene: 'stepMetadata', route, widths: ALL, whole: true },
  { name: 'step-authorization', scene: 'stepAuthorization', route, widths: ALL, whole: true },
  { name: 'step-browser', scene: 'stepBrowser', route, widths: ALL, whole: true },
  { name: 'step-token', scene: 'stepToken', route, widths: ALL },
  { name: 'step-typing', scene: 'stepToken', route, act: typing, widths: ['narrow', 'medium'], whole: true },
  { name: 'step-edits', scene: 'stepToken', route, act: edits, widths: ALL, whole: true },
  { name: 'step-refused', scene: 'stepToken', route, act: refused, widths: ['narrow', 'medium'], whole: true },
  { name: 'step-long', scene: 'stepLong', route, widths: ALL, whole: true },
  { name: 'step-edited', scene: 'stepEdited', route, act: (page) => page.getByTestId('toggle-gone').click(), widths: ['narrow', 'medium'], whole: true },
  { name: 'step-back', scene: 'stepEdited', route, act: (page) => page.getByTestId('gone').nth(2).click(), widths: ALL, whole: true },
  { name: 'step-save', scene: 'stepSave', route, widths: ['narrow', 'medium'] },
  { name: 'step-done', scene: 'stepDone', route, widths: ['narrow', 'medium'] },
  { name: 'step-not-kept', scene: 'stepNotKept', route, widths: ['narrow', 'medium'] },
  { name: 'step-failed', scene: 'stepFailed', route, widths: ALL, whole: true },
  { name: 'step-stopped', scene: 'stepStopped', route, widths: ['narrow'] },
  { name: 'step-elsewhere', scene: 'stepToken', widths: ['narrow', 'medium'] },
];

async function begin(page) {
  await page.getByTestId('tests').click();
  await page.getByTestId('start-steps').click();
}

const line = (page, name) => page.locator(`[data-testid="line"][data-name="${name}"]`);

async function typing(page) {
  await line(page, 'redirect_uri').getByTestId('edit').click();
}

async function edits(page) {
  await line(page, 'code_verifier').getByTestId('edit').click();
  await page.keyboard.type('another-verifier-that-is-long-enough-for-pkce-0123456789');
  await page.keyboard.press('Enter');
  await line(page, 'redirect_uri').getByTestId('remove').click();
  await page.getByTestId('add-form').click();
  await page.getByTestId('add-name').fill('resource');
  await page.getByTestId('add-value').fill('https://api.acme.example/v2');
  await page.keyboard.press('Enter');
}

async function refused(page) {
  await page.getByTestId('edit-address').click();
  await page.keyboard.type('https://evil.example/oauth/token');
  await page.keyboard.press('Enter');
  await page.getByTestId('send').click();
  await page.getByTestId('edit-refused').waitFor();
}
