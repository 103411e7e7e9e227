import { configure, render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { tick } from 'svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';

import App from '../src/App.svelte';
import type { Host, Message } from '../src/lib/host-words';
import { pageOf } from '../src/lib/mock/journal';
import { refusal, signIn } from '../src/lib/mock/samples';
import { scenes } from '../src/lib/mock/scenes';
import { devicePause, pauseBefore, stepScenes, stepsIn } from '../src/lib/mock/steps';
import { expectAccessible } from './axe';
import { recorder } from './recorder';

vi.setConfig({ testTimeout: 60_000 });
configure({ asyncUtilTimeout: 10_000 });

const person = userEvent.setup();
const NOW = Date.now();

async function at(scene: string, changes: Partial<Host> = {}, route = '#/steps/f-step') {
  location.hash = route;
  const events = stepsIn(scene, NOW);
  const { host, tell } = recorder({ journal: vi.fn(async (before, limit) => pageOf(events, before, limit)), ...changes });
  const { container } = render(App, { host });
  tell(...scenes[scene]!(NOW));
  await tick();
  await waitFor(() => expect(host.journal).toHaveBeenCalled());
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

afterEach(() => (location.hash = ''));

const line = (name: string) => screen.getAllByTestId('line').find((one) => one.dataset.name === name)!;
const press = (within_: HTMLElement, testid: string) => person.click(within(within_).getByTestId(testid));

async function type(name: string, value: string) {
  await press(line(name), 'edit');
  const field = within(line(name)).getByTestId('edit-value');
  expect(field).toHaveFocus();
  await person.clear(field);
  await person.type(field, `${value}{Enter}`);
}

describe('every state of a sign-in step by step', () => {
  it.each(Object.keys(stepScenes))('%s: axe finds nothing', async (scene) => {
    const { container } = await at(scene);
    await expectAccessible(container);
  });
});

describe('where it begins', () => {
  it('on Inspect, with a profile of one’s choice', async () => {
    const { host } = await at('profiles', {}, '#/inspect');
    await person.click(screen.getByTestId('tests'));
    await person.click(screen.getByTestId('start-steps'));
    await person.click(screen.getByRole('menuitem', { name: 'google' }));
    expect(host.startSignIn).toHaveBeenCalledWith(expect.objectContaining({ profile: 'google', step: true, browser: 'agent', timeout: 900 }));
    await waitFor(() => expect(location.hash).toBe('#/steps/f-new'));
  });

  it('in an account’s menu, as the same person', async () => {
    const { host } = await at('one', { journal: vi.fn(async () => ({ version: 1, events: [], older: false })) }, '#/accounts/s-ada');
    await person.click(screen.getByTestId('more'));
    await person.click(screen.getByRole('menuitem', { name: 'Sign in step by step' }));
    expect(host.startSignIn).toHaveBeenCalledWith(expect.objectContaining({ step: true, login_hint: 'ada@example.com' }));
    expect(screen.queryByTestId('sign-in-sheet')).toBeNull();
  });

  it('an ordinary sign-in is not stepped through', async () => {
    const { host } = await at('profiles', { journal: vi.fn(async () => ({ version: 1, events: [], older: false })) }, '#/inspect');
    await person.click(screen.getByTestId('go-accounts'));
    await person.click(screen.getAllByTestId('sign-in')[0]!);
    expect(vi.mocked(host.startSignIn).mock.lastCall![0]).not.toHaveProperty('step');
    expect(await screen.findByTestId('sign-in-sheet')).toBeVisible();
  });
});

describe('what waits', () => {
  it('is told in plain words and by its name in the standards, with every secret as a fingerprint', async () => {
    await at('stepToken');
    const pause = screen.getByRole('region', { name: 'Trade the code for tokens' });
    expect(pause).toHaveTextContent('Token request: RFC 6749 section 4.1.3');
    expect(pause).toHaveTextContent('POST');
    expect(within(pause).getByTestId('address')).toHaveTextContent('https://acme.eu.auth0.com/oauth/token');
    expect(line('code')).toHaveTextContent('51c0ffeefingerprint');
    expect(line('grant_type')).toHaveTextContent('authorization_code');
    expect(pause).toHaveTextContent(/\d+:\d\d left/);
    expect(within(pause).getByTestId('code-life')).toHaveTextContent(/The code is \d+ .*old/);
  });

  it('of the provider’s description only the headers can be edited, and it says why', async () => {
    await at('stepMetadata');
    const pause = screen.getByTestId('pause');
    expect(pause).toHaveTextContent('only headers can be edited');
    expect(within(pause).queryByTestId('edit-address')).toBeNull();
    expect(within(line('accept')).getByTestId('edit')).toBeVisible();
  });

  it('is sent as it is by the button, and by nothing else', async () => {
    const { host } = await at('stepToken');
    await person.keyboard('{Enter}{Escape}');
    expect(host.step).not.toHaveBeenCalled();
    expect(host.cancelSignIn).not.toHaveBeenCalled();
    screen.getByTestId('send').focus();
    await person.keyboard('{Enter}');
    expect(host.step).toHaveBeenCalledExactlyOnceWith('f-step', { number: 3, edits: [] });
  });

  it('is stopped at once, and says before what becomes of it', async () => {
    const { host } = await at('stepSave');
    expect(screen.getByTestId('stop')).toHaveAccessibleDescription('If you stop, nothing is stored, and the tokens that came are revoked.');
    await person.click(screen.getByTestId('stop'));
    expect(host.cancelSignIn).toHaveBeenCalledWith('f-step');
  });

  it('a long value is folded until somebody wants it', async () => {
    await at('stepLong');
    const long = line('assertion_of_a_kind_that_only_this_provider_knows_and_names_at_length');
    const before = long.textContent!.length;
    await person.click(within(long).getByRole('button', { name: /Show all 1,\d{3} characters/ }));
    expect(long.textContent!.length).toBeGreaterThan(before + 1_000);
  });

  it('the next one has the focus, and nothing of what was typed before', async () => {
    const { tell } = await at('stepToken');
    await type('redirect_uri', 'http://127.0.0.1:9/wrong');
    await person.click(screen.getByTestId('send'));
    await tell({ type: 'sign_in', sign_in: signIn(NOW, { id: 'f-step', step: 'verifying', edited: true, pause: pauseBefore('userinfo') }) });
    await waitFor(() => expect(screen.getByRole('heading', { name: 'Ask who it is' })).toHaveFocus());
    expect(screen.queryByTestId('edit-mark')).toBeNull();
    expect(screen.getByTestId('not-kept')).toHaveTextContent('Nothing of this sign-in is kept');
  });
});

describe('an edit', () => {
  it('is marked, says that nothing will be kept, and is sent in the agent’s words', async () => {
    const { host, container } = await at('stepToken');
    expect(screen.queryByTestId('not-kept')).toBeNull();
    await type('code_verifier', 'another-verifier');
    expect(line('code_verifier')).toHaveTextContent('edited');
    expect(line('code_verifier')).toHaveTextContent('another-verifier wasa90b77e1fingerprint');
    expect(screen.getByTestId('not-kept')).toHaveTextContent('nothing of this sign-in is kept');
    await press(line('redirect_uri'), 'remove');
    await person.click(screen.getByTestId('add-form'));
    await person.type(screen.getByTestId('add-name'), 'resource');
    await person.type(screen.getByTestId('add-value'), 'https://api.example{Enter}');
    expect(line('resource').dataset.change).toBe('added');
    await expectAccessible(container);
    expect(host.step).not.toHaveBeenCalled();
    await person.click(screen.getByRole('button', { name: 'Send as edited' }));
    expect(host.step).toHaveBeenCalledWith('f-step', {
      number: 3,
      edits: [
        { change: 'remove', place: 'form', name: 'redirect_uri' },
        { change: 'set', place: 'form', name: 'code_verifier', value: 'another-verifier' },
        { change: 'add', place: 'form', name: 'resource', value: 'https://api.example' },
      ],
    });
  });

  it('is left by Escape as it was, and taken by going elsewhere', async () => {
    const { host } = await at('stepToken');
    await press(line('grant_type'), 'edit');
    await person.type(within(line('grant_type')).getByTestId('edit-value'), 'x{Escape}');
    expect(line('grant_type').dataset.change).toBe('none');
    expect(within(line('grant_type')).getByTestId('edit')).toHaveFocus();
    await press(line('grant_type'), 'edit');
    await person.clear(within(line('grant_type')).getByTestId('edit-value'));
    await person.type(within(line('grant_type')).getByTestId('edit-value'), 'password');
    await person.click(screen.getByTestId('send'));
    expect(host.step).toHaveBeenCalledWith('f-step', { number: 3, edits: [{ change: 'set', place: 'form', name: 'grant_type', value: 'password' }] });
    expect(host.cancelSignIn).not.toHaveBeenCalled();
  });

  it('is not disturbed by what the agent tells meanwhile', async () => {
    const { tell } = await at('stepToken');
    await press(line('grant_type'), 'edit');
    await person.type(within(line('grant_type')).getByTestId('edit-value'), 'x');
    await tell({ type: 'sign_in', sign_in: signIn(NOW, { id: 'f-step', step: 'exchanging', ignored: 1, pause: pauseBefore('token') }) });
    await tick();
    expect(within(line('grant_type')).getByTestId('edit-value')).toHaveFocus();
    expect(within(line('grant_type')).getByTestId('edit-value')).toHaveValue('authorization_codex');
  });

  it('is undone one by one, and all at once', async () => {
    await at('stepToken');
    await type('grant_type', 'password');
    await press(line('code'), 'remove');
    await press(line('grant_type'), 'undo');
    expect(line('grant_type').dataset.change).toBe('none');
    await type('redirect_uri', 'x');
    await person.click(screen.getByRole('button', { name: 'Undo all 2 edits' }));
    expect(screen.queryByTestId('not-kept')).toBeNull();
    expect(screen.queryByTestId('edit-mark')).toBeNull();
  });

  it('that is refused says so where it is, in the agent’s words, and the request waits on', async () => {
    const why = refusal('usage.bad_edit', 'The address is of another server, or has a user name or a fragment.', 'Give a path.');
    const { host } = await at('stepToken', { step: vi.fn(() => Promise.reject(why)) });
    await person.click(screen.getByTestId('edit-address'));
    await person.clear(screen.getByTestId('edit-value'));
    await person.type(screen.getByTestId('edit-value'), 'https://evil.example/{Enter}');
    await person.click(screen.getByTestId('send'));
    expect(await within(screen.getByTestId('address')).findByTestId('edit-refused')).toHaveTextContent('another server');
    expect(within(screen.getByTestId('address')).getByTestId('edit-refused')).toHaveAttribute('lang', 'en');
    await person.click(screen.getByTestId('undo-address'));
    expect(screen.queryByTestId('edit-refused')).toBeNull();
    vi.mocked(host.step).mockResolvedValueOnce(signIn(NOW, { id: 'f-step' }));
    await person.click(screen.getByTestId('send'));
    expect(host.step).toHaveBeenLastCalledWith('f-step', { number: 3, edits: [] });
  });

  it('that is refused for no one field is told above the buttons', async () => {
    await at('stepToken', { step: vi.fn(() => Promise.reject(refusal('usage.bad_edit', 'There are more than 32 changes at a time.', 'Make fewer.'))) });
    await person.click(screen.getByTestId('send'));
    expect(await screen.findByTestId('step-refused')).toHaveTextContent('more than 32 changes');
  });
});

describe('what was typed', () => {
  it('is there again after a look at an earlier step, and after another page', async () => {
    const { host } = await at('stepToken');
    await type('code_verifier', 'another-verifier');
    await press(line('redirect_uri'), 'remove');
    await person.click(screen.getByTestId('edit-address'));
    await person.type(screen.getByTestId('edit-value'), '/other');
    await person.click(screen.getAllByTestId('gone')[0]!);
    expect(screen.queryByTestId('pause')).toBeNull();
    await person.click(screen.getByTestId('to-now'));
    expect(line('code_verifier')).toHaveTextContent('another-verifier');
    await person.click(screen.getByTestId('steps-back'));
    await person.click(within(await screen.findByTestId('step-waits')).getByTestId('show-steps'));
    expect(line('redirect_uri').dataset.change).toBe('removed');
    await person.click(screen.getByRole('button', { name: 'Send as edited' }));
    const { edits } = vi.mocked(host.step).mock.lastCall![1];
    expect(edits.map(({ change }) => change)).toEqual(['address', 'remove', 'set']);
  });

  it('is no part of the next sign-in, nor of one that is over', async () => {
    const { tell } = await at('stepToken');
    await type('code_verifier', 'another-verifier');
    await tell({ type: 'sign_in', sign_in: signIn(NOW, { id: 'f-step', step: 'cancelled' }) });
    await tell(...scenes.stepToken!(NOW));
    expect(line('code_verifier').dataset.change).toBe('none');
  });

  it('a field that is being added goes too, and stops what would leave it out', async () => {
    const { host } = await at('stepToken');
    await person.click(screen.getByTestId('add-form'));
    await person.type(screen.getByTestId('add-value'), 'https://api.example');
    await person.click(screen.getByTestId('send'));
    expect(host.step).not.toHaveBeenCalled();
    expect(screen.getByTestId('add-name')).toHaveFocus();
    expect(screen.getByTestId('add-name')).toBeInvalid();
    await person.keyboard('resource');
    await person.click(screen.getByTestId('send'));
    expect(host.step).toHaveBeenCalledExactlyOnceWith('f-step', { number: 3, edits: [{ change: 'add', place: 'form', name: 'resource', value: 'https://api.example' }] });
  });

  it('an address with parameters of its own is not sent: they are edited below', async () => {
    const { host } = await at('stepToken');
    await person.click(screen.getByTestId('edit-address'));
    await person.type(screen.getByTestId('edit-value'), '/token?a=1{Enter}');
    await person.click(screen.getByTestId('send'));
    expect(host.step).not.toHaveBeenCalled();
    expect(screen.getByTestId('address-unfit')).toHaveTextContent('edited below');
    expect(screen.getByTestId('edit-address')).toHaveFocus();
    await person.click(screen.getByTestId('undo-address'));
    expect(screen.queryByTestId('address-unfit')).toBeNull();
  });

  it('of a secret that nobody touched is nothing; to make it empty is to say so', async () => {
    await at('stepToken');
    await press(line('code'), 'edit');
    await person.keyboard('{Enter}');
    expect(line('code').dataset.change).toBe('none');
    await press(line('code'), 'edit');
    await person.keyboard('x{Backspace}{Enter}');
    expect(line('code').dataset.change).toBe('set');
  });

  it('is never what stands for a part of a value: that is typed anew', async () => {
    const { host } = await at('stepAltered');
    expect(line('scope')).toHaveTextContent('[fingerprint 1a2b3c4d]');
    await press(line('scope'), 'edit');
    expect(within(line('scope')).getByTestId('edit-value')).toHaveValue('');
    await person.keyboard('openid{Enter}');
    await person.click(screen.getByTestId('send'));
    expect(vi.mocked(host.step).mock.lastCall![1].edits).toEqual([{ change: 'set', place: 'query', name: 'scope', value: 'openid' }]);
  });
});

describe('another device', () => {
  it('the code to type stays in sight while it is asked whether it is done', async () => {
    const { host, tell } = await at('stepDevice');
    expect(screen.getByTestId('device-code')).toHaveTextContent('WDJB-MJHT');
    expect(screen.getByRole('region', { name: 'Ask whether the other device is done' })).toBeVisible();
    await person.click(screen.getByTestId('send'));
    expect(host.step).toHaveBeenCalledWith('f-step', { number: 4, edits: [] });
    const device = { user_code: 'WDJB-MJHT', verification_uri: 'https://op.example/activate', verification_uri_complete: null, expires_at: new Date(NOW + 500_000).toISOString() };
    await tell({ type: 'sign_in', sign_in: signIn(NOW, { id: 'f-step', step: 'waiting', device }) });
    expect(screen.getByTestId('in-browser')).toHaveTextContent('WDJB-MJHT');
    await tell({ type: 'sign_in', sign_in: signIn(NOW, { id: 'f-step', step: 'waiting', device, pause: devicePause(5) }) });
    expect(screen.getByTestId('device-code')).toHaveTextContent('WDJB-MJHT');
    await tell({ type: 'sign_in', sign_in: signIn(NOW, { id: 'f-step', step: 'exchanging', device, pause: pauseBefore('token', 6) }) });
    expect(screen.queryByTestId('device-code')).toBeNull();
  });
});

describe('what came back', () => {
  it('is told before the next request, and shown with every check on a press', async () => {
    const { container } = await at('stepEdited');
    const card = screen.getByTestId('gone-view');
    expect(card).toHaveTextContent('answered 200');
    expect(card).toHaveTextContent('10 passed, 1 odd, 1 not applicable: idtoken.iat');
    expect(within(card).queryByTestId('check')).toBeNull();
    await press(card, 'toggle-gone');
    expect(within(card).getAllByTestId('check')).toHaveLength(12);
    await expectAccessible(container);
  });

  it('of each step is there to look back at, and the way back to what waits', async () => {
    await at('stepEdited');
    const gone = screen.getAllByTestId('gone');
    expect(gone.map((one) => one.textContent?.includes('edited'))).toEqual([false, true, false, false]);
    await person.click(gone[2]!);
    const view = screen.getByTestId('gone-view');
    expect(view).toHaveTextContent('code_verifier');
    expect(view).toHaveTextContent('[fingerprint c001d00d]');
    expect(screen.queryByTestId('pause')).toBeNull();
    await person.click(screen.getByTestId('to-now'));
    expect(screen.getByTestId('pause')).toBeVisible();
  });
});

describe('in the browser', () => {
  it('one can open it again, copy the link, hand in the address, or stop', async () => {
    const { host } = await at('stepBrowser');
    await person.click(screen.getByTestId('open-again'));
    expect(host.openAgain).toHaveBeenCalledWith('f-step');
    await person.click(screen.getByTestId('copy-link'));
    expect(host.copyLink).toHaveBeenCalledWith('f-step');
    expect(screen.getByText('The browser is on another computer?')).toBeVisible();
    await person.click(screen.getByTestId('stop'));
    expect(host.cancelSignIn).toHaveBeenCalledWith('f-step');
  });
});

describe('the end', () => {
  it('kept: whose it is, and the way to the account', async () => {
    await at('stepDone');
    expect(screen.getByTestId('step-end')).toHaveTextContent('Signed in as Ada Lovelace');
    await person.click(screen.getByTestId('show-account'));
    expect(location.hash).toBe('#/accounts/s-ada');
  });

  it('edited: nothing is kept, and the tokens are revoked', async () => {
    await at('stepNotKept');
    expect(screen.getByTestId('step-end')).toHaveTextContent('nothing is stored');
    expect(screen.getByTestId('step-end')).toHaveTextContent('The tokens were revoked at the provider.');
    await person.click(screen.getByTestId('step-inspect'));
    expect(location.hash).toBe('#/inspect/f-step');
  });

  it('refused: why, and the check that failed', async () => {
    const { host } = await at('stepFailed');
    expect(screen.getByTestId('refusal')).toHaveTextContent('token.invalid_grant');
    const failed = within(screen.getByTestId('gone-view')).getAllByTestId('check').filter((one) => one.dataset.outcome === 'failed');
    expect(failed.map((one) => one.textContent)).toEqual([expect.stringContaining('token.error')]);
    await person.click(screen.getByTestId('step-again'));
    expect(host.startSignIn).toHaveBeenCalledWith(expect.objectContaining({ profile: 'work', step: true }));
  });

  it('ended by itself after an edit: no check is said to have noticed it', async () => {
    const { tell } = await at('stepToken');
    const error = refusal('login.pause_timeout', 'Nobody went on with this sign-in for 900 seconds.');
    await tell({ type: 'sign_in', sign_in: signIn(NOW, { id: 'f-step', step: 'failed', edited: true, error }) });
    expect(screen.getByTestId('step-end')).toHaveTextContent('Nothing was stored or changed.');
  });

  it('one that the agent no longer knows is told by the journal', async () => {
    const { tell } = await at('stepDone');
    await tell(...scenes.empty!(NOW), ...scenes.one!(NOW));
    expect(screen.getByTestId('step-end').dataset.end).toBe('gone');
    expect(screen.getAllByTestId('gone').length).toBeGreaterThan(3);
  });
});

describe('elsewhere in the window', () => {
  it('it is told that a sign-in waits, and one press leads there', async () => {
    await at('stepToken', { journal: vi.fn(async () => ({ version: 1, events: [], older: false })) }, '#/inspect');
    await person.click(within(screen.getByTestId('step-waits')).getByTestId('show-steps'));
    expect(location.hash).toBe('#/steps/f-step');
    expect(screen.queryByTestId('step-waits')).toBeNull();
  });
});
