import { render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { tick } from 'svelte';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import App from '../src/App.svelte';
import type { Event } from '../src/lib/api/Event';
import type { Host, Message } from '../src/lib/host-words';
import { long, pageOf, recorded } from '../src/lib/mock/journal';
import { refusal } from '../src/lib/mock/samples';
import { scenes } from '../src/lib/mock/scenes';
import { expectAccessible } from './axe';
import { recorder } from './recorder';

const person = userEvent.setup();
const NOW = Date.now();

// axe takes its time where there is much to look at.
vi.setConfig({ testTimeout: 60_000 });

/** The window at a place, with a journal behind it. */
async function at(route: string, events: readonly Event[] = recorded(NOW), changes: Partial<Host> = {}) {
  location.hash = route;
  const { host, tell } = recorder({ journal: vi.fn(async (before, limit) => pageOf(events, before, limit)), ...changes });
  const { container } = render(App, { host });
  tell(...scenes.two!(NOW));
  await tick();
  await waitFor(() => expect(screen.queryByText('Reading the journal…')).toBeNull());
  return {
    host,
    container,
    tell: async (...more: Message[]) => {
      tell(...more);
      await tick();
    },
  };
}

function given(seq: number, changes: Partial<Event> = {}): Message {
  return { type: 'event', seq, at: new Date(Date.now() + seq).toISOString(), profile: 'work', kind: 'token_given', program: '/usr/bin/git', pid: seq, access_token: '0ff1ce00', ...changes } as Message;
}

function lines(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>('li[data-line]')];
}

function flowLine(id: string): HTMLElement {
  return document.querySelector<HTMLElement>(`li[data-line="${id}"]`)!;
}

beforeEach(() => {
  location.hash = '';
});

describe('every state', () => {
  it.each([
    ['the list', '#/inspect'],
    ['a sign-in that worked out', '#/inspect/f-today'],
    ['a sign-in that was refused', '#/inspect/f-refused'],
    ['a renewal that is tried again', '#/inspect/r-offline'],
    ['a sign-out', '#/inspect/o-lab'],
    ['a flow that is not there', '#/inspect/f-nowhere'],
    ['two flows', '#/inspect/f-today/f-refused'],
    ['two flows of which one is not there', '#/inspect/f-today/f-nowhere'],
  ])('%s: axe finds nothing', async (_, route) => {
    const { container } = await at(route);
    if (screen.queryByTestId('open-all')) await person.click(screen.getByTestId('open-all'));
    await expectAccessible(container);
  });

  it('an empty journal says what will be there: axe finds nothing', async () => {
    const { container } = await at('#/inspect', []);
    expect(screen.getByTestId('journal-empty')).toHaveTextContent('Nothing has happened yet');
    await expectAccessible(container);
  });

  it('a journal that cannot be read is said, and what happens is shown all the same', async () => {
    const unread = refusal('store.journal_unreadable', 'journal.2.jsonl cannot be read.', 'Look at whose file it is.');
    const { container, tell } = await at('#/inspect', [], { journal: vi.fn(() => Promise.reject(unread)) });
    expect(screen.getByTestId('journal-unread')).toHaveTextContent('journal.2.jsonl cannot be read.');
    expect(screen.getByTestId('journal-unread')).toHaveTextContent('store.journal_unreadable');
    await tell(given(1));
    expect(await screen.findByTestId('entry-line')).toHaveTextContent('Token handed out');
    await expectAccessible(container);
  });
});

describe('the list', () => {
  it('tells a flow in one line: what, where, who, how long and how it ended', async () => {
    await at('#/inspect');
    const line = flowLine('f-refused');
    expect(line).toHaveTextContent(/Sign-in\s*·\s*work/);
    expect(line).toHaveTextContent('refused');
    expect(line).toHaveTextContent(/26\.\d s/);
    expect(line).toHaveTextContent('idtoken.nonce_mismatch');
    expect(lines().some((one) => /^(Today|Yesterday) · /.test(one.textContent ?? ''))).toBe(true);
  });

  it('names the person as the window knows them', async () => {
    await at('#/inspect', recorded(NOW).map((event) => (event.kind === 'signed_in' ? { ...event, sub: 'auth0|6710b2f3a9' } : event)));
    expect(flowLine('f-today')).toHaveTextContent('Ada Lovelace');
  });

  it('folds and unfolds the steps of a flow, by the button and by the arrows', async () => {
    await at('#/inspect');
    await person.click(within(flowLine('r-again')).getByRole('button', { name: /Show the steps: Renewal/ }));
    expect(screen.getAllByTestId('step-line')).toHaveLength(5);
    within(flowLine('r-again')).getByTestId('flow-line').focus();
    await person.keyboard('{ArrowDown}{ArrowLeft}');
    expect(screen.queryByTestId('step-line')).toBeNull();
    await waitFor(() => expect(within(flowLine('r-again')).getByTestId('flow-line')).toHaveFocus());
  });

  it('has one place for Tab; arrows, Home and End move it past the days, and Enter opens', async () => {
    const { host } = await at('#/inspect', long(NOW, 400));
    expect(document.querySelectorAll('[data-focus][tabindex="0"]')).toHaveLength(1);
    document.querySelector<HTMLElement>('[data-focus][tabindex="0"]')!.focus();
    const first = document.activeElement;
    await person.keyboard('{ArrowDown}');
    await waitFor(() => expect(document.activeElement).not.toBe(first));
    await person.keyboard('{End}');
    await waitFor(() => expect(document.activeElement?.closest('li')).toHaveAttribute('aria-posinset', document.activeElement!.closest('li')!.getAttribute('aria-setsize')!));
    await person.keyboard('{Home}');
    await waitFor(() => expect(document.activeElement).toBe(document.querySelector('[aria-posinset="2"] [data-focus]')));
    await person.keyboard('{Enter}');
    expect(location.hash).toMatch(/^#\/inspect\/./);
    expect(host.journal).toHaveBeenCalledOnce();
  });

  it('makes few lines of ten thousand entries, and says how many there are', async () => {
    await at('#/inspect', long(NOW, 10_000), { journal: vi.fn(async () => ({ version: 1, events: long(NOW, 10_000), older: false })) });
    expect(screen.getByTestId('journal-count')).toHaveTextContent('10,000 entries');
    expect(lines().length).toBeLessThan(60);
    expect(Number(lines()[0]!.getAttribute('aria-setsize'))).toBeGreaterThan(2_000);
    expect(lines()[1]).toHaveAttribute('aria-posinset', '2');
  });

  it('reads older entries by itself where the end comes near', async () => {
    const all = long(NOW, 1_300);
    const { host } = await at('#/inspect', all);
    expect(host.journal).toHaveBeenCalledTimes(1);
    expect(screen.getByTestId('journal-count')).toHaveTextContent('500 entries loaded so far');
    const list = document.querySelector<HTMLElement>('.viewport')!;
    list.scrollTop = 1e6;
    list.dispatchEvent(new window.Event('scroll'));
    await waitFor(() => expect(host.journal).toHaveBeenCalledWith(all[800]!.seq, 500));
    await waitFor(() => expect(screen.getByTestId('journal-count')).toHaveTextContent('1,000 entries'));
  });

  it('lets in what is new at the top, and below it keeps its place and counts', async () => {
    const { tell } = await at('#/inspect');
    await tell(given(1_000));
    await waitFor(() => expect(lines()[1]).toHaveTextContent('git'));
    const list = document.querySelector<HTMLElement>('.viewport')!;
    list.scrollTop = 400;
    list.dispatchEvent(new window.Event('scroll'));
    await tell(given(1_001), given(1_002));
    const pill = await screen.findByRole('button', { name: '2 new entries. Show them' });
    expect(list.scrollTop).toBe(400 + 2 * 60);
    await person.click(pill);
    expect(list.scrollTop).toBe(0);
    await waitFor(() => expect(screen.queryByTestId('fresh')).toBeNull());
  });

  it('waits while it is paused, and loses nothing', async () => {
    const { tell } = await at('#/inspect');
    const before = screen.getByTestId('journal-count').textContent;
    await person.click(screen.getByTestId('pause'));
    await tell(given(1_000));
    await waitFor(() => expect(screen.getByText(/^Paused/).parentElement).toHaveTextContent('Paused · 1 new'));
    expect(screen.getByTestId('journal-count').textContent).toBe(before);
    await person.click(screen.getByTestId('resume'));
    await waitFor(() => expect(lines()[1]).toHaveTextContent('git'));
  });

  it('shows each entry once that came both ways', async () => {
    const all = recorded(NOW);
    const { tell } = await at('#/inspect', all);
    const count = screen.getByTestId('journal-count').textContent!;
    await tell({ type: 'event', ...all[all.length - 1]! }, given(1_000));
    await waitFor(() => expect(screen.getByTestId('journal-count').textContent).not.toBe(count));
    expect(screen.getByTestId('journal-count')).toHaveTextContent(`${all.length + 1} entries`);
  });

  it('reads again what it missed when the agent is back', async () => {
    const all = long(NOW, 300);
    let end = 200;
    const { tell } = await at('#/inspect', [], { journal: vi.fn(async (before, limit) => pageOf(all.slice(0, end), before, limit)) });
    end = 300;
    await tell({ type: 'connection', connection: { state: 'lost', refusal: refusal('broker.unavailable', 'gone') } });
    await tell({ type: 'connection', connection: { state: 'connected', agent: 'here' } });
    await waitFor(() => expect(screen.getByTestId('journal-count')).toHaveTextContent('300 entries'));
  });
});

describe('the filter', () => {
  it('finds words, shows the steps that have them and counts', async () => {
    await at('#/inspect');
    await person.type(screen.getByTestId('journal-search'), 'nonce_mismatch');
    expect(screen.getByTestId('journal-count')).toHaveTextContent('1 of');
    expect(screen.getAllByTestId('step-line')).toHaveLength(1);
    expect(screen.getByTestId('step-line')).toHaveTextContent('Sign-in refused');
  });

  it('says so when nothing matches, and takes it back', async () => {
    const { container } = await at('#/inspect');
    await person.type(screen.getByTestId('journal-search'), 'no such thing');
    expect(screen.getByTestId('journal-nothing')).toHaveTextContent('Nothing matches');
    await expectAccessible(container);
    await person.click(screen.getByTestId('nothing-reset'));
    expect(screen.getByTestId('journal-search')).toHaveValue('');
    expect(screen.queryByTestId('journal-nothing')).toBeNull();
  });

  it('narrows by kind, by profile, by time and to problems', async () => {
    const { container } = await at('#/inspect');
    await person.selectOptions(screen.getByTestId('filter-family'), 'sign_ins');
    await person.click(screen.getByTestId('filter-problems'));
    const flows = screen.getAllByTestId('flow-line').map((line) => line.closest('li')!.dataset.line);
    expect(flows).toContain('f-refused');
    expect(flows).not.toContain('r-offline');
    await person.selectOptions(screen.getByTestId('filter-profile'), 'lab');
    expect(screen.getByTestId('journal-nothing')).toBeVisible();
    await person.click(screen.getByTestId('filter-reset'));
    await person.selectOptions(screen.getByTestId('filter-range'), 'between');
    await expectAccessible(container);
    expect(screen.getByLabelText('From')).toBeVisible();
  });

  it('looks further back by itself, and after a while only when it is asked to', async () => {
    const all = long(NOW, 8_000);
    const { host } = await at('#/inspect', all);
    await person.click(screen.getByTestId('journal-search'));
    await person.paste('zzz');
    await waitFor(() => expect(screen.getByTestId('journal-nothing')).toBeVisible());
    const read = vi.mocked(host.journal).mock.calls.length;
    expect(read).toBeLessThanOrEqual(12);
    await person.click(screen.getByTestId('look-further'));
    await waitFor(() => expect(vi.mocked(host.journal).mock.calls.length).toBeGreaterThan(read));
  });

  it('is reached by a slash from anywhere on the page', async () => {
    await at('#/inspect');
    await person.keyboard('/');
    expect(screen.getByTestId('journal-search')).toHaveFocus();
    await person.keyboard('x{Escape}');
    expect(screen.getByTestId('journal-search')).toHaveValue('');
  });

  it('is as it was for whoever comes back', async () => {
    await at('#/inspect');
    await person.selectOptions(screen.getByTestId('filter-family'), 'vault');
    await person.click(screen.getByTestId('go-programs'));
    await person.click(screen.getByTestId('go-inspect'));
    expect(screen.getByTestId('filter-family')).toHaveValue('vault');
  });
});

describe('a flow', () => {
  it('begins with what went wrong: the code, the reason and the next step', async () => {
    await at('#/inspect/f-refused');
    expect(screen.getByTestId('flow-outcome')).toHaveTextContent('refused');
    const told = screen.getByTestId('flow-refusal');
    expect(told).toHaveTextContent('The ID token has another nonce');
    expect(told).toHaveTextContent('idtoken.nonce_mismatch');
    expect(told).toHaveTextContent('Start again.');
  });

  it('has the check that failed open, and first', async () => {
    await at('#/inspect/f-refused');
    const checks = screen.getAllByTestId('check');
    expect(checks[0]).toHaveAttribute('data-outcome', 'failed');
    expect(checks[0]).toHaveTextContent(/idtoken\.nonce.*failed.*the nonce that was sent \(3fd1a2b4\).*another one.*3\.1\.3\.7 \(11\)/);
  });

  it('shows a request with its answer, and what is secret as a fingerprint', async () => {
    await at('#/inspect/f-today');
    const step = screen.getAllByTestId('step').filter((one) => one.textContent?.includes('Asked for tokens'))[0]!;
    await person.click(within(step).getByRole('button'));
    expect(step).toHaveTextContent('POST https://acme.eu.auth0.com/oauth/token');
    expect(within(step).getByText('0d15ea5e').closest('.secret')).toHaveTextContent('fingerprint');
    expect(step).toHaveTextContent(/"access_token": "\[fingerprint c001d00d\]",\s*fingerprint/);
    expect(step).toHaveTextContent('cache-control');
  });

  it('copies a request as curl without a secret, and the body', async () => {
    const { host } = await at('#/inspect/f-today');
    const step = screen.getAllByTestId('step').filter((one) => one.textContent?.includes('Asked for tokens'))[0]!;
    await person.click(within(step).getByRole('button'));
    await person.click(within(step).getByTestId('copy-curl'));
    expect(host.copyText).toHaveBeenLastCalledWith(expect.stringContaining('data-urlencode = "client_secret=$(quoted "$CLIENT_SECRET")"'));
    expect(host.copyText).not.toHaveBeenCalledWith(expect.stringContaining('0d15ea5e'));
    expect(await screen.findByTestId('toast')).toHaveTextContent('Request copied as curl');
    await person.click(within(step).getByTestId('copy-body'));
    expect(host.copyText).toHaveBeenLastCalledWith(expect.stringContaining('"token_type": "Bearer"'));
  });

  it('shows the authorization request, parameter by parameter', async () => {
    await at('#/inspect/f-today');
    const step = screen.getAllByTestId('step').find((one) => one.dataset.kind === 'authorization_requested')!;
    expect(step).toHaveTextContent('Authorization request made');
    await person.click(within(step).getByRole('button'));
    expect(step).toHaveTextContent('parameters.code_challenge_method');
    expect(within(step).getByText('5eed1e55').closest('.secret')).toHaveTextContent('fingerprint');
  });

  it('of a document that was the same as before has its hash', async () => {
    await at('#/inspect/f-today');
    const step = screen.getAllByTestId('step').find((one) => one.textContent?.includes('Read the provider’s keys'))!;
    await person.click(within(step).getByRole('button'));
    expect(step).toHaveTextContent('2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae');
  });

  it('tells how long nothing happened', async () => {
    await at('#/inspect/f-today');
    expect(screen.getByText(/11\.3.s of waiting/)).toBeVisible();
  });

  it('is saved and copied for a ticket, and says where', async () => {
    const { host } = await at('#/inspect/f-refused');
    const detail = screen.getByRole('region', { name: /Sign-in/ });
    await person.click(within(detail).getByTestId('export'));
    await expectAccessible(detail);
    await person.click(within(detail).getByTestId('save-markdown'));
    expect(host.saveFile).toHaveBeenCalledWith(expect.stringMatching(/^doorkey-sign-in-work-.*\.md$/), expect.stringContaining('| idtoken.nonce | failed |'));
    expect(await screen.findByTestId('toast')).toHaveTextContent('/home/ada/Downloads/doorkey-sign-in-work-');
    await person.click(within(detail).getByTestId('export'));
    await person.keyboard('{ArrowDown}{ArrowDown}{Enter}');
    expect(JSON.parse(vi.mocked(host.copyText).mock.lastCall![0])).toMatchObject({ version: 1, flow: 'f-refused' });
  });

  it('says why it was not saved', async () => {
    await at('#/inspect/f-refused', recorded(NOW), { saveFile: vi.fn(() => Promise.reject(refusal('store.cannot_write', 'The disk is full.'))) });
    const detail = screen.getByRole('region', { name: /Sign-in/ });
    await person.click(within(detail).getByTestId('export'));
    await person.click(within(detail).getByTestId('save-json'));
    expect(await screen.findByTestId('toast')).toHaveTextContent('The disk is full.');
  });

  it('is looked for in older entries where a link leads to it', async () => {
    const all = long(NOW, 1_300);
    const id = all.find((event) => event.kind === 'sign_in_started')!.flow!;
    const { host } = await at(`#/inspect/${id}`, all);
    expect(await screen.findByTestId('flow-outcome')).toHaveTextContent('done');
    expect(vi.mocked(host.journal).mock.calls.length).toBeGreaterThan(1);
  });

  it('shows text of a provider as text', async () => {
    const hostile = recorded(NOW).map((event) => (event.kind === 'sign_in_failed' ? { ...event, refusal: { ...event.refusal, message: '<img src=x onerror=alert(1)>' } } : event));
    const { container } = await at('#/inspect/f-refused', hostile);
    expect(screen.getByTestId('flow-refusal')).toHaveTextContent('<img src=x onerror=alert(1)>');
    expect(container.querySelector('img')).toBeNull();
  });

  it('and an entry of a newer agent is shown member by member', async () => {
    await at('#/inspect');
    await person.type(screen.getByTestId('journal-search'), 'clock');
    await person.click(screen.getByTestId('entry-line'));
    const detail = screen.getByRole('region', { name: 'Clock compared' });
    expect(detail).toHaveTextContent('skew.seconds');
    expect(detail).toHaveTextContent('74');
  });

  it('an entry without a flow has a place of its own', async () => {
    const { container } = await at('#/inspect');
    await person.click(screen.getAllByTestId('entry-line')[0]!);
    const detail = screen.getByRole('region', { name: 'Token handed out' });
    expect(detail).toHaveTextContent('/usr/local/bin/kubectl');
    expect(within(detail).getByText('0ff1ce00').closest('.secret')).toHaveTextContent('fingerprint');
    await expectAccessible(container);
    await person.click(screen.getByTestId('close-detail'));
    expect(location.hash).toBe('#/inspect');
  });
});

describe('two flows', () => {
  it('are chosen from a list, those of the same kind first', async () => {
    await at('#/inspect/f-today');
    await person.click(screen.getByTestId('compare'));
    const picker = await screen.findByTestId('flow-picker');
    await expectAccessible(picker);
    const flows = within(picker).getAllByTestId('pick').map((one) => one.dataset.flow);
    expect(flows.slice(0, 2)).toEqual(['f-refused', 'f-yesterday']);
    expect(flows).not.toContain('f-today');
    await person.click(within(picker).getAllByTestId('pick')[0]!);
    expect(location.hash).toBe('#/inspect/f-today/f-refused');
    expect(screen.getByTestId('compare-view')).toBeVisible();
  });

  it('tell by words where they part, and member by member how', async () => {
    await at('#/inspect/f-today/f-refused');
    expect(screen.getByTestId('compare-summary')).toHaveTextContent('1 step differs, 4 only in A, 1 only in B');
    await person.click(screen.getByTestId('only-differences'));
    const pairs = screen.getAllByTestId('pair');
    expect(pairs.map((pair) => pair.dataset.mark)).not.toContain('same');
    const different = pairs.find((pair) => pair.dataset.mark === 'different')!;
    expect(different).toHaveTextContent('different');
    await person.click(within(different).getByRole('button'));
    const outcome = within(different).getAllByTestId('member').find((member) => member.dataset.path === 'checks.idtoken.nonce.outcome')!;
    expect(outcome).toHaveTextContent(/A\s*passed\s*B\s*failed/);
    await person.click(within(different).getByTestId('show-alike'));
    expect(within(different).getAllByTestId('member').length).toBeGreaterThan(20);
  });

  it('are swapped, and lead back', async () => {
    await at('#/inspect/f-today/f-refused');
    await person.click(screen.getByTestId('compare-swap'));
    expect(screen.getByTestId('compare-summary')).toHaveTextContent('1 only in A, 4 only in B');
    await person.click(screen.getByTestId('compare-back'));
    expect(location.hash).toBe('#/inspect/f-refused');
  });
});
