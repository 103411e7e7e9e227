import { render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { tick } from 'svelte';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import App from '../src/App.svelte';
import type { Event } from '../src/lib/api/Event';
import { byProgram, inLines, isHandOut, leftOf, merged, splitPath } from '../src/lib/consent-view';
import type { Host } from '../src/lib/host-words';
import { consent, decided, handedOut } from '../src/lib/mock/programs';
import { after, question, refusal } from '../src/lib/mock/samples';
import { scenes } from '../src/lib/mock/scenes';
import { expectAccessible } from './axe';
import { recorder } from './recorder';

const person = userEvent.setup();
const now = Date.now();

/** Axe looks at a whole page, and a busy machine takes its time. */
const LONG = 20_000;

function given(scene: string, refusals: Record<string, ReturnType<typeof refusal>> = {}): Partial<Host> {
  let standing = decided[scene]?.(now) ?? [];
  return {
    consents: vi.fn(async () => ({ version: 1, consents: standing, questions: [] })),
    revokeConsent: vi.fn(async (id) => {
      if (refusals[id]) throw refusals[id];
      standing = standing.filter((one) => one.id !== id);
    }),
    journal: vi.fn(async () => ({ version: 1, events: handedOut[scene]?.(now) ?? [], older: false })),
  };
}

async function at(scene: string, changes: Partial<Host> = given(scene)) {
  location.hash = '#/programs';
  const { host, tell } = recorder(changes);
  const { container } = render(App, { host });
  tell(...(scenes[scene]?.(now) ?? []));
  await screen.findByRole('heading', { name: 'Programs', level: 1 });
  await waitFor(() => expect(screen.queryByText('Looking up your decisions')).toBeNull());
  return {
    host,
    container,
    tell: async (...messages: Parameters<typeof tell>) => {
      tell(...messages);
      await tick();
    },
  };
}

function card(path: string): HTMLElement {
  return screen.getAllByTestId('program').find((one) => one.dataset.program === path)!;
}

beforeEach(() => (location.hash = ''));

describe('every state of the programs', () => {
  it.each(['programs', 'programsLong', 'one', 'consents', 'lost'])('%s: axe finds nothing', async (scene) => {
    const { container } = await at(scene);
    await expectAccessible(container);
  }, LONG);

  it('unread: axe finds nothing, and it can be tried again', async () => {
    const consents = vi.fn<Host['consents']>(() => Promise.reject(refusal('broker.timeout', 'The agent does not answer.', 'Try again.')));
    const { container } = await at('one', { consents });
    expect(screen.getByTestId('consents-unread')).toHaveTextContent('The agent does not answer.');
    await expectAccessible(container);
    consents.mockImplementation(async () => ({ version: 1, consents: [consent(now)], questions: [] }));
    await person.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByTestId('program', {}, { timeout: 3_000 })).toBeVisible();
    expect(screen.queryByTestId('consents-unread')).toBeNull();
  }, LONG);
});

describe('a program', () => {
  it('is told by its name, its path, what it may have, for how long, and what it was last given', async () => {
    await at('programs');
    const report = card('/home/ada/bin/report');
    expect(within(report).getByRole('heading', { name: 'report' })).toBeVisible();
    expect(report).toHaveTextContent('/home/ada/bin/report');
    expect(report).toHaveTextContent('a token for https://api.acme.example/v2');
    expect(report).toHaveTextContent('google-oauth2, the upstream provider');
    expect(report).toHaveTextContent('26 days left');
    expect(within(report).getByTestId('last-hand-out')).toHaveTextContent(/^Last token/);
    expect(card('/usr/bin/zsh')).toHaveTextContent('Until you sign out');
    expect(card('/usr/bin/zsh')).toHaveTextContent('the sign-in’s own token');
  });

  it('has its noes apart from what it may have', async () => {
    await at('programs');
    const rows = within(card('/usr/bin/zsh')).getAllByTestId('consent-row');
    expect(rows.map((row) => row.dataset.consent)).toEqual(['c-zsh', 'c-zsh-lab']);
    expect(rows[0]).toHaveTextContent('Allowed');
    expect(rows[1]).toHaveTextContent('Denied');
    expect(rows[1]).toHaveTextContent('May not have');
    expect(within(rows[1]!).getByRole('button', { name: 'Forget the no: zsh, lab' })).toBeVisible();
  });

  it('gives its path and its SHA-256 to be copied', async () => {
    const { host } = await at('programs');
    await person.click(screen.getByRole('button', { name: 'Copy the path /usr/bin/gh' }));
    expect(host.copyText).toHaveBeenCalledWith('/usr/bin/gh');
    const path = within(card('/usr/bin/gh')).getByRole('button', { name: /Show the whole path/ });
    await person.click(path);
    expect(path).toHaveAttribute('aria-expanded', 'true');
    await person.click(within(card('/usr/bin/gh')).getByText('Details'));
    await person.click(within(card('/usr/bin/gh')).getByRole('button', { name: /7d865e95/ }));
    expect(host.copyText).toHaveBeenLastCalledWith(expect.stringMatching(/^7d865e95/));
  });

  it('loses a decision only after a yes, which says what that means', async () => {
    const { host } = await at('programs');
    await person.click(screen.getByRole('button', { name: 'Revoke: zsh, work' }));
    const sheet = screen.getByTestId('revoke-sheet');
    expect(sheet).toHaveTextContent('It is asked again the next time.');
    await expectAccessible(sheet);
    await person.click(within(sheet).getByRole('button', { name: 'Cancel' }));
    expect(host.revokeConsent).not.toHaveBeenCalled();
    await person.click(screen.getByRole('button', { name: 'Revoke: zsh, work' }));
    await person.click(screen.getByTestId('confirm-revoke'));
    expect(host.revokeConsent).toHaveBeenCalledExactlyOnceWith('c-zsh');
    await waitFor(() => expect(within(card('/usr/bin/zsh')).getAllByTestId('consent-row')).toHaveLength(1));
    expect(await screen.findByTestId('toast')).toHaveTextContent('zsh is asked again the next time');
  }, LONG);

  it('loses all of them at once, and keeps what could not be taken back', async () => {
    const { host } = await at('programs', given('programs', { 'c-zsh-lab': refusal('store.disk_full', 'The disk is full.') }));
    await person.click(screen.getByRole('button', { name: 'Revoke all: zsh' }));
    expect(screen.getByTestId('revoke-sheet')).toHaveTextContent('2 decisions are taken back');
    await person.click(screen.getByTestId('confirm-revoke'));
    await waitFor(() => expect(screen.getAllByTestId('toast')[0]).toHaveTextContent('The disk is full.'));
    await waitFor(() => expect(within(card('/usr/bin/zsh')).getAllByTestId('consent-row').map((row) => row.dataset.consent)).toEqual(['c-zsh-lab']));
    expect(vi.mocked(host.revokeConsent).mock.calls.map(([id]) => id)).toEqual(['c-zsh', 'c-zsh-lab']);
  });
});

describe('what changes', () => {
  it.each([
    ['a hand-out', { kind: 'token_given', program: '/usr/bin/gh', pid: 1, access_token: '0a' }],
    ['a yes', { kind: 'consent_given', program: '/usr/bin/gh', expires_at: null, resource: [] }],
    ['a no', { kind: 'consent_denied', program: '/usr/bin/gh', expires_at: null, resource: [] }],
    ['a decision taken back', { kind: 'consent_revoked', program: '/usr/bin/gh', reason: 'sign_out' }],
  ] as const)('is read again after %s', async (_name, kind) => {
    const { host, tell } = await at('programs');
    expect(host.consents).toHaveBeenCalledOnce();
    await tell({ type: 'event', seq: 900, at: after(now, 0), profile: 'work', ...kind } as { type: 'event' } & Event);
    await waitFor(() => expect(host.consents).toHaveBeenCalledTimes(2), { timeout: 3_000 });
  });

  it('is not read for each of a thousand hand-outs', async () => {
    const { host, tell } = await at('programs');
    const handOut = { type: 'event', at: after(now, 0), profile: 'work', kind: 'token_given', program: '/usr/bin/gh', pid: 1, access_token: '0a' } as const;
    await tell(...Array.from({ length: 50 }, (_, index) => ({ ...handOut, seq: 900 + index })));
    await waitFor(() => expect(host.consents).toHaveBeenCalledTimes(2), { timeout: 3_000 });
    expect(within(screen.getByTestId('hand-outs')).getAllByTestId('hand-out')[0]).toHaveTextContent('50 times');
  });
});

describe('a program that waits', () => {
  it('can be put aside, is listed, and is decided on from there', async () => {
    const { host, tell, container } = await at('programs');
    await tell({ type: 'consent_asked', question: question(now) });
    await person.click(screen.getByTestId('consent-later'));
    expect(screen.queryByTestId('consent-sheet')).toBeNull();
    expect(host.answerConsent).not.toHaveBeenCalled();
    expect(screen.getByTestId('asking')).toHaveTextContent('report wants a token of “work”');
    await expectAccessible(container);
    await person.click(screen.getByTestId('decide'));
    expect(screen.getByTestId('consent-sheet')).toBeVisible();
    await tell({ type: 'consent_settled', id: 'q-report' });
    expect(screen.queryByTestId('asking')).toBeNull();
  }, LONG);

  it('is not forgotten on another page', async () => {
    await at('consents');
    for (let left = 3; left > 0; left -= 1) await person.click(screen.getByTestId('consent-later'));
    expect(screen.queryByTestId('put-aside')).toBeNull();
    await person.click(screen.getByTestId('go-accounts'));
    expect(screen.getByTestId('put-aside')).toHaveTextContent('3 programs wait for you');
    await person.click(within(screen.getByTestId('put-aside')).getByRole('button', { name: 'Decide' }));
    expect(screen.getByTestId('consent-sheet')).toBeVisible();
  });

  it('says which of several it is', async () => {
    await at('consents');
    expect(screen.getByTestId('consent-sheet')).toHaveTextContent('1 of 3');
    await person.click(screen.getByTestId('consent-deny'));
    await waitFor(() => expect(screen.getByTestId('consent-sheet')).toHaveTextContent('2 of 3'));
  });

  it('cannot be allowed by the click that brings the window to the front', async () => {
    const { host } = await at('consents');
    await waitFor(() => expect(screen.getByTestId('consent-allow')).toBeEnabled());
    window.dispatchEvent(new FocusEvent('focus'));
    await tick();
    await person.click(screen.getByTestId('consent-allow'));
    expect(host.answerConsent).not.toHaveBeenCalled();
    await waitFor(() => expect(screen.getByTestId('consent-allow')).toBeEnabled());
  });
});

describe('the hand-outs', () => {
  it('are listed, the newest first, the same in a row as one, and a refusal with its reason', async () => {
    await at('programs');
    const lines = screen.getAllByTestId('hand-out');
    expect(lines.map((line) => line.querySelector('.program')?.textContent)).toEqual(['report', 'zsh', 'report', 'zsh', 'gh', 'report']);
    expect(lines[2]).toHaveTextContent('DPoP proof for GET https://api.acme.example');
    expect(lines[3]).toHaveTextContent('4 times');
    expect(lines[4]).toHaveTextContent('You have said no to /usr/bin/gh about “lab”.');
    expect(lines[4]).toHaveTextContent('broker.denied');
  });

  it('can be looked at for one program', async () => {
    await at('programs');
    await person.selectOptions(screen.getByTestId('hand-outs-of'), '/usr/bin/gh');
    expect(screen.getAllByTestId('hand-out')).toHaveLength(1);
    await person.selectOptions(screen.getByTestId('hand-outs-of'), 'All programs');
    expect(screen.getAllByTestId('hand-out')).toHaveLength(6);
  });

  it('are read back from the journal, past pages that hold none', async () => {
    const start: Event = { seq: 3, at: after(now, -5_000), kind: 'agent_started', version: '0.1.0' };
    const old: Event = { seq: 1, at: after(now, -6_000), profile: 'work', kind: 'token_given', program: '/usr/bin/old', pid: 1, access_token: '0a' };
    const journal = vi
      .fn<Host['journal']>()
      .mockResolvedValueOnce({ version: 1, events: handedOut.programs!(now), older: true })
      .mockResolvedValueOnce({ version: 1, events: [start], older: true })
      .mockResolvedValueOnce({ version: 1, events: [old], older: false });
    await at('programs', { ...given('programs'), journal });
    await person.click(await screen.findByTestId('older'));
    expect(journal.mock.calls.map(([before]) => before)).toEqual([null, 401, 3]);
    expect(screen.getAllByTestId('hand-out').at(-1)).toHaveTextContent('old');
    expect(screen.queryByTestId('older')).toBeNull();
  });
});

describe('before any program has asked', () => {
  it('says how one asks, in lines to be copied', async () => {
    const { host } = await at('one');
    const empty = screen.getByTestId('no-programs');
    expect(empty).toHaveTextContent('doorkey token work');
    await person.click(within(empty).getByRole('button', { name: /doorkey token work/ }));
    expect(host.copyText).toHaveBeenCalledWith('doorkey token work');
    expect(empty).toHaveTextContent('doorkey-client');
  });
});

describe('decisions as values', () => {
  it('stand by program, in the order of names', () => {
    expect(byProgram(decided.programs!(now)).map(({ name, allowed, denied }) => [name, allowed.length, denied.length])).toEqual([
      ['gh', 0, 1],
      ['report', 2, 0],
      ['zsh', 1, 1],
    ]);
    expect(byProgram([consent(now), consent(now, { id: 'other', sha256: 'ff' })])[0]?.several).toBe(true);
  });

  it('end by time, by the sign-out, or have ended', () => {
    expect(leftOf(consent(now, { expires_at: after(now, 1) }), now)).toBe(60_000);
    expect(leftOf(consent(now, { expires_at: after(now, 0) }), now)).toBe('over');
    const { expires_at: _, ...forever } = consent(now);
    expect(leftOf(forever, now)).toBe('sign_out');
  });

  it('have paths of two systems', () => {
    expect(splitPath('/usr/bin/gh')).toEqual(['/usr/bin/', 'gh']);
    expect(splitPath('C:\\Tools\\gh.exe')).toEqual(['C:\\Tools\\', 'gh.exe']);
    expect(splitPath('unknown program')).toEqual(['', 'unknown program']);
  });

  it('are handed out once, however often they are read', () => {
    const events = handedOut.programs!(now);
    expect(merged(events, events)).toHaveLength(events.filter(isHandOut).length);
    expect(inLines(merged(events)).map(({ times }) => times)).toEqual([1, 1, 1, 4, 1, 1]);
  });

  it('are another line after more than an hour', () => {
    const [given] = merged(handedOut.programs!(now));
    const at = [0, -59, -61 - 59, -125].map((minutes, index) => ({ ...given!, seq: 100 - index, at: after(now, minutes) }));
    expect(inLines(at).map(({ times }) => times)).toEqual([2, 2]);
  });
});
