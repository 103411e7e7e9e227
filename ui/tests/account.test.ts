import { render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { tick } from 'svelte';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import App from '../src/App.svelte';
import type { Host, Message } from '../src/lib/host-words';
import { accountScenes, looks } from '../src/lib/mock/account-scenes';
import { after, identity, refusal, session, tokenReport } from '../src/lib/mock/samples';
import { scenes } from '../src/lib/mock/scenes';
import { expectAccessible } from './axe';
import { recorder } from './recorder';

// Each of these opens the whole window.
vi.setConfig({ testTimeout: 30_000 });

const person = userEvent.setup();
let now = Date.now();

async function showing(scene: string, changes: Partial<Host> = {}, id = 's-ada') {
  history.replaceState(null, '', `/#/accounts/${id}`);
  const look = looks[scene];
  const { host, tell } = recorder({
    ...(look?.identity ? { identity: vi.fn(async () => look.identity!(now)) } : {}),
    ...(look?.report ? { tokenReport: vi.fn(async () => look.report!(now)) } : {}),
    ...changes,
  });
  const { container } = render(App, { host });
  tell(...scenes[scene]!(now));
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

const settled = () => waitFor(() => expect(screen.queryByTestId('outline')).toBeNull());

beforeEach(() => {
  now = Date.now();
  history.replaceState(null, '', '/');
});

describe('every state', () => {
  it.each(Object.keys(accountScenes).filter((name) => name.startsWith('account')))('%s: axe finds nothing', async (name) => {
    const { container } = await showing(name);
    await expectAccessible(container);
    await settled();
    await expectAccessible(container);
  }, 60_000);
});

describe('the head of the page', () => {
  it('is where one arrives, and says who, where and how long', async () => {
    await showing('account');
    expect(screen.getByRole('heading', { level: 1 })).toHaveFocus();
    const head = within(screen.getByTestId('account-page'));
    expect(head.getByRole('heading', { level: 1 })).toHaveTextContent('Ada Lovelace');
    expect(head.getByText('acme.eu.auth0.com · Profile work')).toBeVisible();
    expect(head.getByTestId('time-left')).toHaveTextContent('48 minutes left');
  });

  it('says what kind of account it is', async () => {
    const { tell } = await showing('accountNotVerified');
    expect(screen.getByTestId('account-page')).toHaveTextContent('Not verified: the provider gives no ID token.');
    await tell(...scenes.accountApplication!(now));
    expect(screen.getByTestId('account-page')).toHaveTextContent('An application, not a person');
  });

  it('renews, signs out and signs in again', async () => {
    const { host, tell } = await showing('account');
    await person.click(screen.getByTestId('renew-now'));
    expect(host.renew).toHaveBeenCalledWith({ profile: 'work', account: 's-ada' });
    await person.click(screen.getByTestId('sign-out'));
    expect(screen.getByTestId('sign-out-sheet')).toBeVisible();
    await person.click(screen.getByRole('button', { name: 'Cancel' }));
    await tell(...scenes.accountRequired!(now));
    await person.click(screen.getByTestId('sign-in-again'));
    expect(host.startSignIn).toHaveBeenCalledWith(expect.objectContaining({ profile: 'work', login_hint: 'ada@example.com' }));
  });

  it('is renamed where it stands, and made the default', async () => {
    const { host } = await showing('accountSeveral', { changeSession: vi.fn(async (_, change) => session(now, change)) });
    await person.click(screen.getByTestId('more'));
    await person.click(screen.getByRole('menuitem', { name: 'No longer default for work' }));
    expect(host.changeSession).toHaveBeenLastCalledWith('s-ada', { preferred: false });
    await person.click(screen.getByTestId('more'));
    await person.click(screen.getByRole('menuitem', { name: 'Rename' }));
    const field = await screen.findByTestId('rename-field');
    await person.clear(field);
    await person.type(field, 'Home{Enter}');
    expect(host.changeSession).toHaveBeenLastCalledWith('s-ada', { label: 'Home' });
    await waitFor(() => expect(screen.getByRole('heading', { level: 1 })).toHaveTextContent('Home'));
    expect(screen.getByRole('heading', { level: 1 })).toHaveFocus();
  });
});

describe('how long it lasts', () => {
  const kinds = () => screen.getAllByTestId('moment').map((one) => one.dataset.kind);

  it('is told moment by moment, in words', async () => {
    await showing('account');
    expect(kinds()).toEqual(['signed_in', 'renewed', 'renewed', 'renewed', 'received', 'now', 'renewal', 'token_end', 'notice', 'end']);
    expect(screen.getByTestId('life')).toHaveTextContent('Renewed 4 times. No renewal moves the end of the sign-in. The provider says so.');
  });

  it('knows the renewals of before the window opened', async () => {
    await showing('accountOpaque', {
      journal: vi.fn(async () => ({ version: 1, older: false, events: [{ seq: 3, at: after(now, -100), profile: 'work', flow: 'r-9', kind: 'renewed' as const, expires_at: null, renews_at: null }] })),
    });
    await waitFor(() => expect(kinds()).toContain('renewed'));
    await person.click(screen.getByTestId('show-in-inspect'));
    expect(location.hash).toBe('#/inspect/r-9');
  });

  it('says that renewals may be those of another account of the profile', async () => {
    await showing('accountSeveral');
    expect(screen.getByTestId('life')).toHaveTextContent('The journal names the profile, not the account');
  });

  it('leads to the whole journal where no entry names it', async () => {
    await showing('accountOpaque');
    await person.click(screen.getByTestId('show-in-inspect'));
    expect(location.hash).toBe('#/inspect');
  });
});

describe('scopes', () => {
  it('granted and refused', async () => {
    await showing('accountWarned');
    expect(within(screen.getByRole('list', { name: 'Granted' })).getAllByRole('listitem')).toHaveLength(3);
    expect(screen.getByRole('list', { name: 'Asked for, not granted' })).toHaveTextContent(/read:orders\s*not granted/);
  });
});

describe('identity and token', () => {
  it('are asked for by the id of the session, and again after a renewal', async () => {
    const { host, tell } = await showing('account');
    await settled();
    expect(host.identity).toHaveBeenCalledExactlyOnceWith('s-ada');
    expect(host.tokenReport).toHaveBeenCalledExactlyOnceWith('s-ada');
    await tell({ type: 'session', session: session(now, { state: 'renewing' }) });
    expect(host.tokenReport).toHaveBeenCalledTimes(1);
    await tell({ type: 'session', session: session(now, { issued_at: after(now, 0) }) });
    expect(host.tokenReport).toHaveBeenCalledTimes(2);
    expect(host.identity).toHaveBeenCalledTimes(2);
    expect(screen.queryByTestId('outline')).toBeNull();
  });

  it('explain claims, and show times as people read them', async () => {
    await showing('account', { identity: vi.fn(async () => identity(now, { userinfo: { updated_at: 1_795_651_200 } })) });
    await settled();
    const panel = screen.getByTestId('identity');
    expect(panel).toHaveTextContent('The person at this provider; never given to anybody else');
    expect(panel).toHaveTextContent(/26 Nov 2026|Nov 2[56], 2026/);
    expect(panel).toHaveTextContent('1795651200');
  });

  it('tell what failed first, and fold what passed', async () => {
    await showing('accountWarned');
    await settled();
    const checks = within(screen.getByTestId('token')).getAllByTestId('check');
    expect(checks.map((one) => one.dataset.outcome)).toEqual(['failed', 'warned', 'passed', 'passed']);
    expect(checks[0]).toHaveTextContent(/^Failed accesstoken.aud Is it for the API that was asked for\? Expected\s*https:\/\/api.acme.example\/v2 Got\s*https:\/\/acme.eu.auth0.com\/userinfo Written in\s*RFC 9068 2.2, 3$/);
    expect(checks[0]!.closest('details')).toBeNull();
    expect(checks[2]!.closest('details')).not.toHaveAttribute('open');
  });

  it('show what a claim holds as text', async () => {
    const hostile = '<img src=x onerror=alert(1)>';
    const { container } = await showing('account', { tokenReport: vi.fn(async () => tokenReport(now, { claims: { constructor: hostile } })) });
    await settled();
    expect(screen.getByText(hostile)).toBeVisible();
    expect(container.querySelector('img')).toBeNull();
  });

  it('explain a token that nobody can read', async () => {
    await showing('accountOpaque');
    await settled();
    expect(screen.getByTestId('token-kind')).toHaveTextContent('Opaque. Only the API and the provider can read it.');
    expect(screen.getByTestId('token-note')).toHaveTextContent('auth0.opaque_without_audience');
    expect(within(screen.getByTestId('token')).queryByTestId('check')).toBeNull();
  });

  it('say why they are not there, and are asked again', async () => {
    const { host } = await showing('accountRefused');
    const notices = await screen.findAllByTestId('not-answered');
    expect(notices[0]).toHaveTextContent('The vault is locked. Unlock it, then try again. Code store.locked');
    vi.mocked(host.identity).mockResolvedValueOnce(identity(now));
    await person.click(within(notices[0]!).getByRole('button', { name: 'Try again' }));
    await waitFor(() => expect(screen.getAllByTestId('not-answered')).toHaveLength(1));
    expect(screen.getByTestId('identity')).toHaveTextContent('ada@example.com');
  });

  it('stay as they are while the agent is away, and are asked anew when it is back', async () => {
    const { host, tell } = await showing('account');
    await settled();
    await tell({ type: 'connection', connection: { state: 'lost', refusal: refusal('broker.unavailable', 'away') } });
    expect(screen.getByTestId('identity')).toHaveTextContent('ada@example.com');
    for (const verb of ['copy-token', 'renew-now', 'sign-out', 'reveal-token']) expect(screen.getByTestId(verb)).toBeDisabled();
    await tell({ type: 'connection', connection: { state: 'connected', agent: 'here' } });
    expect(host.identity).toHaveBeenCalledTimes(2);
  });
});

describe('revealing the token', () => {
  async function revealed(changes: Partial<Host> = {}) {
    const shown = await showing('account', changes);
    await person.click(screen.getByTestId('reveal-token'));
    await screen.findByTestId('revealed-token');
    return shown;
  }
  const gone = () => expect(screen.queryByTestId('revealed-token')).toBeNull();

  it('takes one press, and is over by another', async () => {
    const { host, container } = await revealed();
    expect(host.revealToken).toHaveBeenCalledExactlyOnceWith('s-ada');
    expect(screen.getByTestId('revealed-token')).toHaveTextContent('a.sample.token');
    expect(screen.getByTestId('token')).toHaveTextContent(/Hides in 1[45] seconds/);
    await expectAccessible(container);
    await person.click(screen.getByRole('button', { name: 'Hide' }));
    gone();
    expect(container.innerHTML).not.toContain('a.sample.token');
    expect(screen.getByRole('button', { name: 'Reveal' })).toHaveFocus();
  });

  it('is over after fifteen seconds', async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    await revealed();
    await vi.advanceTimersByTimeAsync(14_000);
    expect(screen.getByTestId('revealed-token')).toBeVisible();
    await vi.advanceTimersByTimeAsync(1_100);
    gone();
  });

  it.each([
    ['another window has the focus', () => window.dispatchEvent(new Event('blur'))],
    ['nobody sees the window', () => {
      vi.spyOn(document, 'hidden', 'get').mockReturnValue(true);
      document.dispatchEvent(new Event('visibilitychange'));
    }],
    ['one goes elsewhere', () => screen.getByTestId('go-programs').click()],
  ])('is over when %s', async (_, act) => {
    const { container } = await revealed();
    act();
    await tick();
    gone();
    expect(container.innerHTML).not.toContain('a.sample.token');
  });

  it('does not happen when the answer comes after one has looked elsewhere', async () => {
    let answer = (_: string) => {};
    await showing('account', { revealToken: vi.fn(() => new Promise<string>((resolve) => (answer = resolve))) });
    await person.click(screen.getByTestId('reveal-token'));
    window.dispatchEvent(new Event('blur'));
    answer('a.late.token');
    await tick();
    await tick();
    gone();
  });

  it('says why it was refused', async () => {
    await showing('account', { revealToken: vi.fn(() => Promise.reject(refusal('store.locked', 'The vault is locked.'))) });
    await person.click(screen.getByTestId('reveal-token'));
    expect(await screen.findByTestId('toast')).toHaveTextContent('The vault is locked.');
    gone();
  });
});

describe('copying the token', () => {
  it('says how long it can be pasted, and ends that at once', async () => {
    const { host } = await showing('account');
    await person.click(screen.getByTestId('copy-token'));
    expect(host.copyToken).toHaveBeenCalledWith('s-ada');
    expect(await screen.findByTestId('on-clipboard')).toHaveTextContent(/for (30|29) more seconds/);
    await person.click(screen.getByTestId('clear-clipboard'));
    expect(host.forgetCopied).toHaveBeenCalledOnce();
    await waitFor(() => expect(screen.queryByTestId('on-clipboard')).toBeNull());
    expect(screen.getAllByTestId('toast').at(-1)).toHaveTextContent('The clipboard is cleared');
  });

  it('promises nothing when it was refused', async () => {
    await showing('account', { copyToken: vi.fn(() => Promise.reject(refusal('store.locked', 'The vault is locked.'))) });
    await person.click(screen.getByTestId('copy-token'));
    await screen.findByTestId('toast');
    expect(screen.queryByTestId('on-clipboard')).toBeNull();
  });
});

describe('an account that is gone', () => {
  it('says so, and leads back', async () => {
    const { tell, container } = await showing('account');
    await tell({ type: 'session_removed', id: 's-ada' });
    expect(screen.getByRole('heading', { level: 1 })).toHaveTextContent('This account is gone');
    expect(screen.getByRole('heading', { level: 1 })).toHaveFocus();
    await expectAccessible(container);
    await person.click(screen.getByTestId('back-to-accounts'));
    expect(location.hash).toBe('#/accounts');
  });

  it('says what was truly done, the browser too', async () => {
    const { tell } = await showing('account');
    await tell(
      { type: 'session_removed', id: 's-ada' },
      { type: 'event', seq: 90, at: after(now, 0), profile: 'work', flow: 'o-1', kind: 'signed_out', steps: [{ step: 'revoke', done: false, reason: 'the provider does not answer' }, { step: 'forget', done: true, reason: '' }] },
      { type: 'event', seq: 91, at: after(now, 0), profile: 'work', flow: 'o-1', kind: 'browser_signed_out', outcome: 'not_returned' },
    );
    const page = screen.getByTestId('account-gone');
    expect(page).toHaveTextContent('Ada Lovelace is signed out');
    expect(page).toHaveTextContent('Not revoked at the provider: the provider does not answer');
    expect(page).toHaveTextContent('Forgotten on this computer');
    expect(page).toHaveTextContent('The browser did not come back');
  });

  it('is not guessed at where nobody ever saw it', async () => {
    await showing('two', {}, 's-nobody');
    expect(screen.getByTestId('account-gone')).toHaveTextContent('This account is gone');
    expect(screen.queryByTestId('sign-in-again')).toBeNull();
  });
});

describe('the way back', () => {
  it('leads to the account in the list', async () => {
    await showing('two');
    await person.click(screen.getByTestId('back'));
    expect(screen.getByRole('link', { name: 'Ada Lovelace' })).toHaveFocus();
  });
});
