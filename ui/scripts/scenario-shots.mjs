// Scenarios that are watched, in each of their states.

const ALL = ['narrow', 'medium', 'wide'];

export const scenarioShots = [
  { name: 'scenarios-empty', scene: 'scenariosEmpty', route: 'scenarios', widths: ALL },
  { name: 'scenarios-held', scene: 'scenarios', route: 'scenarios', widths: ALL, whole: true },
  { name: 'scenarios-running', scene: 'scenariosRunning', route: 'scenarios', widths: ALL, whole: true },
  { name: 'scenarios-done', scene: 'scenariosDone', route: 'scenarios', act: unfold, widths: ALL, whole: true },
  { name: 'scenarios-left', scene: 'scenariosLeft', route: 'scenarios', widths: ['narrow', 'medium'], whole: true },
  { name: 'scenarios-missing', scene: 'scenariosMissing', route: 'scenarios', widths: ['narrow', 'medium'] },
  { name: 'scenarios-none', scene: 'scenariosNone', route: 'scenarios', widths: ['narrow', 'medium'] },
  { name: 'scenarios-flow', scene: 'scenariosDone', route: 'scenarios', act: flow, widths: ALL },
];

async function unfold(page) {
  await page.getByTestId('scenario-run').filter({ hasText: 'Ada signs in' }).first().getByRole('button').first().click();
}

async function flow(page) {
  await page.getByTestId('show-flow').click();
  await page.getByTestId('run-flow').waitFor();
}
