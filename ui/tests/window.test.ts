import { render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { encode } from 'uqr';
import { tick } from 'svelte';
import { describe, expect, it, vi } from 'vitest';

import App from '../src/App.svelte';
import type { Refusal } from '../src/lib/api/Refusal';
import type { Host, Message } from '../src/lib/host-words';
import { beginning, usualSettings } from '../src/lib/state';
import { after, present, profile, refusal, session, signIn } from '../src/lib/mock/samples';
import { scenes } from '../src/lib/mock/scenes';
import { expectAccessible } from './axe';
import { recorder } from './recorder';

const person = userEvent.setup();

async function showing(messages: Message[], changes: Partial<Host> = {}) {
  const { host, tell } = recorder(changes);
  const { container } = render(App, { host });
  tell(...messages);
  await tick();
  return {
    host,
    container,
    tell: async (...more: Message[]) => {
      tell(...more);
      await tick();
    },
  };
}

function reject(refused: Refusal) {
  return vi.fn(() => Promise.reject(refused));
}

describe('every state', () => {
  // Two hundred rows are those of `twelve` many times over; scripts/screenshots.mjs looks at them in a browser.
  it.each(Object.keys(scenes).filter((name) => name !== 'twoHundred'))('%s: axe finds nothing', async (name) => {
    const { container } = await showing(scenes[name]?.(Date.now()) ?? []);
    await expectAccessible(container);
  }, 30_000);
});

describe('what is set of the window', () => {
  it('says why its file is not in force, and how it looks meanwhile', async () => {
    const problem = refusal('desktop.settings', 'line 1: unknown field `trey`');
    await showing([{ type: 'settings', settings: { ...usualSettings, appearance: 'dark' }, able: beginning.able, problem }]);
    expect(screen.getByText(/unknown field `trey`/)).toBeInTheDocument();
    expect(document.documentElement.dataset.appearance).toBe('dark');
  });
});

describe('the empty screen', () => {
  it('starts the demo and its sign-in with one click', async () => {
    const { host } = await showing(scenes.empty!(Date.now()));
    await person.click(screen.getByTestId('try-demo'));
    expect(host.startDemo).toHaveBeenCalledOnce();
    expect(host.startSignIn).toHaveBeenCalledWith(expect.objectContaining({ profile: 'demo', browser: 'agent' }));
    expect(await screen.findByTestId('sign-in-sheet')).toBeVisible();
  });

  it('says why the demo did not start', async () => {
    await showing(scenes.empty!(Date.now()), { startDemo: reject(refusal('demo.cannot_start', 'No port is free.')) });
    await person.click(screen.getByTestId('try-demo'));
    expect(await screen.findByTestId('toast')).toHaveTextContent('No port is free.');
    expect(screen.getByTestId('toast')).toHaveTextContent('demo.cannot_start');
  });
});

describe('a card', () => {
  it('tells who, where, how long and what was granted', async () => {
    await showing(scenes.refusedScopes!(Date.now()));
    const card = screen.getByRole('article', { name: 'Ada Lovelace' });
    expect(card).toHaveTextContent('ada@example.com');
    expect(card).toHaveTextContent('acme.eu.auth0.com');
    expect(within(card).getByTestId('time-left')).toHaveTextContent('48 minutes left');
    expect(card).toHaveTextContent('No renewal: the provider gave no refresh token');
    expect(within(card).getByTitle('offline_access, not granted')).toHaveTextContent('not granted');
  });

  it('shows an address in a name as text', async () => {
    const hostile = '<img src=x onerror=alert(1)>';
    const { container } = await showing([{ type: 'present', ...present({ profiles: [profile()], sessions: [session(Date.now(), { name: hostile })] }) }]);
    expect(screen.getByRole('heading', { name: hostile })).toBeVisible();
    expect(container.querySelector('img')).toBeNull();
  });

  it('copies the token by the id of its session alone, and says how long it stays', async () => {
    const { host } = await showing(scenes.one!(Date.now()));
    await person.click(screen.getByTestId('copy-token'));
    expect(host.copyToken).toHaveBeenCalledWith('s-ada');
    expect(await screen.findByTestId('toast')).toHaveTextContent('30 seconds');
  });

  it('says why a token was not copied', async () => {
    await showing(scenes.one!(Date.now()), { copyToken: reject(refusal('refresh.later', 'The provider does not answer.', 'Try again later.')) });
    await person.click(screen.getByTestId('copy-token'));
    expect(await screen.findByTestId('toast')).toHaveTextContent('The provider does not answer. Try again later.');
  });

  it('renews one session, by its id', async () => {
    const { host } = await showing(scenes.two!(Date.now()));
    await person.click(screen.getByRole('button', { name: 'Renew now: Grace Hopper' }));
    expect(host.renew).toHaveBeenCalledWith({ profile: 'lab', account: 's-grace' });
    expect(await screen.findByTestId('toast')).toHaveTextContent('valid for 1 hr');
  });

  it('follows a renewal without moving', async () => {
    const { tell } = await showing(scenes.two!(Date.now()));
    await tell({ type: 'session', session: session(Date.now(), { state: 'renewing' }) });
    const cards = screen.getAllByTestId('session-card');
    expect(cards.map((card) => card.dataset.state)).toEqual(['renewing', 'signed_in']);
    expect(within(cards[0]!).getByTestId('renew-now')).toHaveAttribute('aria-busy', 'true');
  });

  it('counts down', async () => {
    vi.useFakeTimers({ now: Date.parse('2026-11-23T12:00:00Z') });
    await showing([{ type: 'present', ...present({ profiles: [profile()], sessions: [session(Date.now(), { expires_at: after(Date.now(), 0.5) })] }) }]);
    expect(screen.getByTestId('time-left')).toHaveTextContent('30 seconds left');
    vi.advanceTimersByTime(3_000);
    await tick();
    expect(screen.getByTestId('time-left')).toHaveTextContent('27 seconds left');
  });

  it('leads back to a sign-in, with the person it was', async () => {
    const { host } = await showing(scenes.required!(Date.now()));
    await person.click(screen.getByTestId('sign-in-again'));
    expect(host.startSignIn).toHaveBeenCalledWith(expect.objectContaining({ profile: 'work', login_hint: 'ada@example.com' }));
  });
});

describe('signing out', () => {
  it('asks how far, and tells what truly happened', async () => {
    const { host } = await showing(scenes.two!(Date.now()), {
      signOut: vi.fn(async () => ({
        version: 1,
        profile: 'work',
        steps: [
          { step: 'revoke' as const, done: false, reason: 'the provider does not answer' },
          { step: 'forget' as const, done: true, reason: '' },
        ],
      })),
    });
    await person.click(screen.getByRole('button', { name: 'Sign out: Ada Lovelace' }));
    const sheet = screen.getByTestId('sign-out-sheet');
    expect(within(sheet).getByTestId('sign-out-revoke')).toBeChecked();
    await expectAccessible(sheet);
    await person.click(within(sheet).getByTestId('sign-out-everywhere'));
    await person.click(screen.getByTestId('confirm-sign-out'));
    expect(host.signOut).toHaveBeenCalledWith({ profile: 'work', account: 's-ada', how: 'everywhere', browser: 'agent' });
    const toast = await screen.findByTestId('toast');
    expect(toast).toHaveTextContent('Not revoked at the provider: the provider does not answer');
    expect(toast).toHaveTextContent('Forgotten on this computer');
    expect(screen.queryByTestId('sign-out-sheet')).toBeNull();
  });

  it('does nothing when it is called off', async () => {
    const { host } = await showing(scenes.one!(Date.now()));
    await person.click(screen.getByTestId('sign-out'));
    await person.click(screen.getByRole('button', { name: 'Cancel' }));
    expect(host.signOut).not.toHaveBeenCalled();
    expect(screen.queryByTestId('sign-out-sheet')).toBeNull();
  });
});

describe('the sign-in sheet', () => {
  const profiles: Message = { type: 'present', ...present({ profiles: [profile()] }) };
  const connected: Message = { type: 'connection', connection: { state: 'connected', agent: 'here' } };

  async function begun(changes: Partial<Host> = {}) {
    const shown = await showing([connected, profiles], changes);
    await person.click(screen.getByTestId('sign-in'));
    await screen.findByTestId('sign-in-sheet');
    return shown;
  }

  it('follows the attempt and hands over to the card', async () => {
    const { tell } = await begun();
    expect(screen.getByRole('listitem', { current: 'step' })).toHaveTextContent('Opening your browser');
    await tell({ type: 'sign_in', sign_in: signIn(Date.now(), { id: 'f-new', step: 'waiting' }) });
    expect(screen.getByRole('listitem', { current: 'step' })).toHaveTextContent(/Waiting for you in the browser.*left/);
    await expectAccessible(screen.getByTestId('sign-in-sheet'));
    const made = session(Date.now());
    await tell({ type: 'session', session: made }, { type: 'sign_in', sign_in: signIn(Date.now(), { id: 'f-new', step: 'done', session: made }) });
    expect(screen.getByTestId('sign-in-done')).toBeVisible();
    await waitFor(() => expect(screen.queryByTestId('sign-in-sheet')).toBeNull(), { timeout: 3_000 });
    expect(screen.getByRole('heading', { name: 'Ada Lovelace' })).toHaveFocus();
  });

  it('says what a sign-in in step mode waits before, and that an edited one is not kept', async () => {
    const { tell } = await begun();
    const request = { method: 'POST', url: 'https://acme.eu.auth0.com/oauth/token', headers: [], form: [] };
    const pause = { number: 4, before: 'token', request, query: [], editable: [] };
    await tell({ type: 'sign_in', sign_in: signIn(Date.now(), { id: 'f-new', step: 'exchanging', pause }) });
    expect(screen.getByTestId('paused')).toHaveTextContent('Waits before it sends POST https://acme.eu.auth0.com/oauth/token');
    await expectAccessible(screen.getByTestId('sign-in-sheet'));
    await tell({ type: 'sign_in', sign_in: signIn(Date.now(), { id: 'f-new', step: 'done', edited: true }) });
    expect(screen.getByTestId('sign-in-sheet')).toHaveTextContent('It worked, and nothing is stored');
    expect(screen.queryByTestId('paused')).toBeNull();
    await person.click(screen.getByTestId('close-sign-in'));
    expect(screen.queryByTestId('sign-in-sheet')).toBeNull();
  });

  it('opens again, copies the link and cancels by the id of the attempt', async () => {
    const { host, tell } = await begun();
    await tell({ type: 'sign_in', sign_in: signIn(Date.now(), { id: 'f-new', step: 'waiting' }) });
    await person.click(screen.getByTestId('open-again'));
    await person.click(screen.getByTestId('copy-link'));
    await person.click(screen.getByTestId('cancel-sign-in'));
    expect(host.openAgain).toHaveBeenCalledWith('f-new');
    expect(host.copyLink).toHaveBeenCalledWith('f-new');
    expect(host.cancelSignIn).toHaveBeenCalledWith('f-new');
    expect(screen.queryByTestId('sign-in-sheet')).toBeNull();
  });

  it('says so when no browser opened, and what an unknown voice said', async () => {
    const { tell } = await begun();
    const stuck = signIn(Date.now(), {
      id: 'f-new',
      browser_problem: refusal('browser.cannot_open', 'No browser was found.'),
      untrusted_hint: 'access_denied',
      ignored: 3,
    });
    await tell({ type: 'sign_in', sign_in: stuck });
    const sheet = screen.getByTestId('sign-in-sheet');
    expect(sheet).toHaveTextContent('No browser was found.');
    expect(sheet).toHaveTextContent('Copy the link');
    expect(sheet).toHaveTextContent('not verified');
    expect(sheet).toHaveTextContent('3 stray requests were ignored.');
    await expectAccessible(sheet);
  });

  it('names the usual reasons after twenty seconds', async () => {
    const { tell } = await begun();
    await tell({ type: 'sign_in', sign_in: signIn(Date.now(), { id: 'f-new', started_at: after(Date.now(), -0.5) }) });
    expect(screen.getByTestId('sign-in-sheet')).toHaveTextContent('Callback URL mismatch');
    expect(screen.getByTestId('sign-in-sheet')).toHaveTextContent('http://127.0.0.1:49152/cb/k3j9x2ma');
  });

  it('shows the code for another device, and that only who began may go on', async () => {
    const now = Date.now();
    const device = { user_code: 'WDJB-MJHT', verification_uri: 'https://op.example/device', verification_uri_complete: null, expires_at: after(now, 10) };
    const { tell } = await begun();
    await tell({ type: 'sign_in', sign_in: signIn(now, { id: 'f-new', device }) });
    const shown = await screen.findByTestId('device-code');
    expect(shown).toHaveTextContent('https://op.example/device');
    expect(shown).toHaveTextContent('WDJB-MJHT');
    expect(shown).toHaveTextContent('Only go on if you started this yourself.');
    expect(screen.getByTestId('open-again')).toBeEnabled();
    await expectAccessible(screen.getByTestId('sign-in-sheet'));
    await tell({ type: 'sign_in', sign_in: signIn(now, { id: 'f-new', device, redirect_uri: null }) });
    expect(screen.queryByTestId('open-again')).toBeNull();
    await tell({ type: 'sign_in', sign_in: signIn(now, { id: 'f-new', step: 'exchanging' }) });
    expect(screen.queryByTestId('device-code')).toBeNull();
  });

  it('says why it failed and starts again', async () => {
    const { host, tell } = await begun();
    const error = refusal('token.client_rejected', 'The provider refused the client.', 'Set the type to Native.');
    await tell({ type: 'sign_in', sign_in: signIn(Date.now(), { id: 'f-new', step: 'failed', error }) });
    const sheet = screen.getByTestId('sign-in-sheet');
    expect(within(sheet).getByTestId('refusal')).toHaveTextContent('The provider refused the client. Set the type to Native. You can mend this. Code token.client_rejected');
    await expectAccessible(sheet);
    await person.click(screen.getByTestId('try-again'));
    expect(host.startSignIn).toHaveBeenCalledTimes(2);
  });

  it('leads to the field that is wrong, and to all that happened', async () => {
    const { tell } = await begun();
    const error = refusal('callback.invalid_target', 'The provider does not know the API.', 'Check the audience.');
    const failed = signIn(Date.now(), { id: 'f-new', step: 'failed', error });
    await tell({ type: 'sign_in', sign_in: failed });
    await person.click(screen.getByTestId('edit-profile'));
    await waitFor(() => expect(screen.getByTestId('audience')).toHaveFocus());
    expect(screen.getByTestId('audience')).toHaveAccessibleDescription(/does not know the API. Check the audience./);
    await person.click(screen.getByRole('button', { name: 'Cancel' }));
    await person.click(screen.getByTestId('sign-in'));
    await tell({ type: 'sign_in', sign_in: failed });
    await person.click(screen.getByTestId('inspect-sign-in'));
    await waitFor(() => expect(location.hash).toBe('#/inspect/f-new'));
    expect(screen.queryByTestId('sign-in-sheet')).toBeNull();
    location.hash = '';
  });

  it('takes the address that a browser elsewhere ended at, and keeps it when it is refused', async () => {
    const wrong = refusal('callback.paste_other_sign_in', 'The pasted address belongs to another sign-in.', 'Paste where this one ends.');
    const pasteRedirect = vi.fn(async (id: string) => signIn(Date.now(), { id, step: 'exchanging' }));
    pasteRedirect.mockRejectedValueOnce(wrong);
    const { tell } = await begun({ pasteRedirect });
    await tell({ type: 'sign_in', sign_in: signIn(Date.now(), { id: 'f-new' }) });
    await person.click(screen.getByTestId('elsewhere'));
    const field = screen.getByTestId('pasted');
    await person.click(screen.getByTestId('paste'));
    expect(pasteRedirect).not.toHaveBeenCalled();
    expect(field).toHaveAccessibleDescription(/Paste the whole address/);
    await person.type(field, ' http://127.0.0.1:49152/cb/k3j9x2ma?code=1&state=2 ');
    await person.click(screen.getByTestId('paste'));
    await waitFor(() => expect(field).toHaveAccessibleDescription(/belongs to another sign-in. Paste where this one ends. Code callback.paste_other_sign_in/));
    expect(field).toHaveFocus();
    expect(field).toHaveValue(' http://127.0.0.1:49152/cb/k3j9x2ma?code=1&state=2 ');
    await expectAccessible(screen.getByTestId('sign-in-sheet'));
    await person.click(screen.getByTestId('paste'));
    expect(pasteRedirect).toHaveBeenLastCalledWith('f-new', 'http://127.0.0.1:49152/cb/k3j9x2ma?code=1&state=2');
    await waitFor(() => expect(field).toHaveValue(''));
    await tell({ type: 'sign_in', sign_in: signIn(Date.now(), { id: 'f-new', step: 'exchanging' }) });
    expect(screen.queryByTestId('pasted')).toBeNull();
  });

  it('copies the code for another device, and draws its address for a camera', async () => {
    const now = Date.now();
    const device = { user_code: 'WDJB-MJHT', verification_uri: 'https://op.example/device', verification_uri_complete: 'https://op.example/device?user_code=WDJB-MJHT', expires_at: after(now, 10) };
    const { host, tell } = await begun();
    await tell({ type: 'sign_in', sign_in: signIn(now, { id: 'f-new', redirect_uri: null, device }) });
    await person.click(screen.getByTestId('copy-code'));
    expect(host.copyText).toHaveBeenCalledWith('WDJB-MJHT');
    const drawn = screen.getByRole('img', { name: 'QR code for https://op.example/device' });
    const { size, data } = encode(device.verification_uri_complete, { ecc: 'M', border: 4 });
    expect(drawn).toHaveAttribute('viewBox', `0 0 ${size} ${size}`);
    // As many dark squares as the code has.
    const runs = [...(drawn.querySelector('path')?.getAttribute('d') ?? '').matchAll(/h(\d+)v1/g)];
    expect(runs.reduce((sum, [, length]) => sum + Number(length), 0)).toBe(data.flat().filter(Boolean).length);
    await expectAccessible(screen.getByTestId('sign-in-sheet'));
  });

  it('can be cancelled at every moment', async () => {
    const { host, tell } = await begun();
    for (const step of ['discovering', 'waiting', 'exchanging', 'verifying', 'saving'] as const) {
      await tell({ type: 'sign_in', sign_in: signIn(Date.now(), { id: 'f-new', step }) });
      expect(screen.getByTestId('cancel-sign-in')).toBeEnabled();
    }
    await person.click(screen.getByTestId('cancel-sign-in'));
    expect(host.cancelSignIn).toHaveBeenCalledWith('f-new');
  });

  it('says so when the agent that ran it is gone', async () => {
    const { tell } = await begun();
    await tell(profiles);
    expect(screen.getByTestId('sign-in-sheet')).toHaveTextContent('This sign-in is gone');
  });

  it('shows one that runs already instead of a second', async () => {
    const running = signIn(Date.now(), { id: 'f-other' });
    const { tell } = await showing([connected, profiles], { startSignIn: reject(refusal('login.already_running', 'One is under way.')) });
    await tell({ type: 'sign_in', sign_in: running });
    await person.click(screen.getByRole('button', { name: /Show the sign-in/ }));
    expect(await screen.findByTestId('sign-in-sheet')).toBeVisible();
  });
});

describe('the vault', () => {
  it('is retried, or gone on without', async () => {
    const { host } = await showing(scenes.vaultLocked!(Date.now()));
    await person.click(screen.getByTestId('vault-retry'));
    await person.click(screen.getByTestId('vault-memory'));
    expect(vi.mocked(host.chooseVault).mock.calls).toEqual([
      [{ kind: 'keyring', start_over: false }],
      [{ kind: 'memory', start_over: false }],
    ]);
  });

  it('is opened with its passphrase, which does not stay in the page', async () => {
    const { host } = await showing(scenes.vaultPassphrase!(Date.now()));
    await expectAccessible(screen.getByTestId('vault-banner'));
    expect(screen.queryByTestId('vault-retry')).toBeNull();
    expect(screen.getByTestId('vault-unlock')).toBeDisabled();
    const field = screen.getByTestId('vault-passphrase');
    await person.type(field, 'correct horse{Enter}');
    expect(vi.mocked(host.chooseVault).mock.calls).toEqual([
      [{ kind: 'passphrase', start_over: false, passphrase: 'correct horse' }],
    ]);
    expect(field).toHaveValue('');
  });

  it('is sealed for the first time with what was typed twice alike', async () => {
    const { host } = await showing(scenes.vaultFirstPassphrase!(Date.now()));
    const banner = screen.getByTestId('vault-banner');
    await expectAccessible(banner);
    expect(screen.queryByTestId('vault-unlock')).toBeNull();
    const [once, again] = [screen.getByTestId('vault-passphrase'), screen.getByTestId('vault-passphrase-again')];
    for (const [one, other, why] of [
      ['correct', 'correct', /too short/],
      ['correct horse', 'correct hores', /not the same/],
      ['correct horse', '', /not the same/],
      ['x'.repeat(1025), 'x', /too long/],
    ] as const) {
      await person.click(once);
      await person.paste(one);
      await person.click(again);
      if (other) await person.paste(other);
      await person.click(screen.getByTestId('vault-set-passphrase'));
      expect(once).toHaveAccessibleDescription(why);
      expect(once).toHaveFocus();
      expect(once).toHaveValue('');
      expect(again).toHaveValue('');
    }
    expect(host.chooseVault).not.toHaveBeenCalled();
    await person.type(once, 'correct horse');
    await person.type(again, 'correct horse{Enter}');
    expect(vi.mocked(host.chooseVault).mock.calls).toEqual([
      [{ kind: 'passphrase', start_over: false, passphrase: 'correct horse' }],
    ]);
    expect(once).toHaveValue('');
  });

  it('says that a passphrase was the wrong one, and asks once', async () => {
    await showing(scenes.vaultWrongPassphrase!(Date.now()));
    expect(screen.getByTestId('vault-banner')).toHaveTextContent('That is not the passphrase of this vault.');
    expect(screen.getByTestId('vault-unlock')).toBeVisible();
    expect(screen.queryByTestId('vault-passphrase-again')).toBeNull();
  });

  it('starts over where its key is lost, when that is confirmed', async () => {
    const { host } = await showing(scenes.vaultKeyMissing!(Date.now()));
    await person.click(screen.getByTestId('vault-start-over'));
    expect(host.chooseVault).not.toHaveBeenCalled();
    await expectAccessible(screen.getByTestId('start-over-sheet'));
    await person.click(screen.getByTestId('confirm-start-over'));
    expect(host.chooseVault).toHaveBeenCalledWith({ kind: 'keyring', start_over: true });
    expect(screen.queryByTestId('start-over-sheet')).toBeNull();
  });
});

describe('a lost connection', () => {
  it('keeps what is shown and stops what cannot work', async () => {
    const { tell } = await showing(scenes.lost!(Date.now()));
    expect(screen.getByTestId('connection-lost')).toHaveTextContent('The Doorkey agent is not running.');
    expect(screen.getAllByTestId('session-card')).toHaveLength(2);
    for (const button of screen.getAllByTestId('copy-token')) expect(button).toBeDisabled();
    await tell({ type: 'connection', connection: { state: 'connected', agent: 'here' } });
    for (const button of screen.getAllByTestId('copy-token')) expect(button).toBeEnabled();
  });
});

describe('profiles without a session', () => {
  it('are removed only when that is confirmed', async () => {
    const { host } = await showing(scenes.profiles!(Date.now()));
    await person.click(screen.getByRole('button', { name: 'Remove profile work' }));
    expect(host.removeProfile).not.toHaveBeenCalled();
    await person.click(screen.getByTestId('confirm-remove'));
    expect(host.removeProfile).toHaveBeenCalledWith('work');
  });
});
