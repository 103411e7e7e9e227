import { render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';

import type { Provider } from '../src/lib/api/Provider';
import type { Refusal } from '../src/lib/api/Refusal';
import { github, profile, provider, refusal, unknownProduct } from '../src/lib/mock/samples';
import AddAccount from '../src/pages/AddAccount.svelte';
import { expectAccessible } from './axe';

const person = userEvent.setup();

function opened(changes: Partial<Parameters<typeof render<typeof AddAccount>>[1]> = {}) {
  const props = {
    profile: null,
    taken: ['other'],
    discover: vi.fn(async (_issuer: string) => provider),
    save: vi.fn(async () => undefined),
    onsaved: vi.fn(),
    oncopy: vi.fn(async () => undefined),
    onclose: vi.fn(),
    ...changes,
  };
  render(AddAccount, props);
  return props;
}

async function found(typed = 'acme.eu.auth0.com') {
  await person.type(screen.getByTestId('issuer'), typed);
  await screen.findByTestId('provider-found');
}

describe('adding an account', () => {
  it('is open to a screen reader, and begins in the first field', async () => {
    opened();
    expect(screen.getByLabelText('Provider')).toHaveFocus();
    await expectAccessible();
    await found();
    await person.click(screen.getByText('More options'));
    await expectAccessible();
  });

  it('looks the provider up once for one pause in typing', async () => {
    const { discover } = opened();
    await found();
    expect(discover).toHaveBeenCalledOnce();
    expect(discover).toHaveBeenCalledWith('acme.eu.auth0.com');
    expect(screen.getByTestId('provider-found')).toHaveTextContent('Auth0 · acme');
    expect(screen.getByTestId('profile-name')).toHaveValue('acme');
    expect(screen.getByTestId('ports')).toHaveValue('49152, 49153, 49154');
    expect(screen.getByText(/Allowed Callback URLs/)).toBeVisible();
  });

  it('minds only the newest answer', async () => {
    const answers: ((provider: Provider) => void)[] = [];
    opened({ discover: vi.fn(() => new Promise<Provider>((answer) => answers.push(answer))) });
    const field = screen.getByTestId('issuer');
    await person.type(field, 'old.example');
    await waitFor(() => expect(answers).toHaveLength(1));
    await person.type(field, '.org');
    await waitFor(() => expect(answers).toHaveLength(2));
    answers[1]!({ ...provider, name: 'New' });
    await screen.findByText('Found New', { selector: 'p' });
    answers[0]!({ ...provider, name: 'Old' });
    await Promise.resolve();
    expect(screen.queryByText('Found Old', { selector: 'p' })).toBeNull();
  });

  it('saves byte for byte what the provider calls itself, and goes on to the sign-in', async () => {
    const { save, onsaved } = opened();
    await found();
    await person.type(screen.getByTestId('client-id'), ' abc ');
    await person.click(screen.getByTestId('save-and-sign-in'));
    expect(save).toHaveBeenCalledWith(
      expect.objectContaining({
        name: 'acme',
        issuer: 'https://acme.eu.auth0.com/',
        client_id: 'abc',
        scopes: ['openid', 'profile', 'email', 'offline_access'],
        ports: [49152, 49153, 49154],
      }),
    );
    expect(onsaved).toHaveBeenCalledWith('acme', true);
  });

  it('saves without a sign-in too', async () => {
    const { onsaved } = opened();
    await found();
    await person.type(screen.getByTestId('client-id'), 'abc');
    await person.click(screen.getByTestId('save-profile'));
    expect(onsaved).toHaveBeenCalledWith('acme', false);
  });

  it('offers the provider’s own name with one click', async () => {
    const mismatch: Refusal = {
      ...refusal('discovery.issuer_mismatch', 'The provider calls itself otherwise.'),
      fix: { kind: 'use_issuer', issuer: 'https://acme.eu.auth0.com/' },
    };
    const discover = vi.fn(async (issuer: string) => (issuer.endsWith('/') ? provider : Promise.reject(mismatch)));
    opened({ discover });
    await person.type(screen.getByTestId('issuer'), 'https://acme.eu.auth0.com');
    await person.click(await screen.findByTestId('use-issuer'));
    await screen.findByTestId('provider-found');
    expect(screen.getByTestId('issuer')).toHaveValue('https://acme.eu.auth0.com/');
    expect(screen.queryByTestId('refusal')).toBeNull();
  });

  it('leads to the first field that is missing', async () => {
    const { save } = opened();
    await found();
    await person.click(screen.getByTestId('save-and-sign-in'));
    expect(save).not.toHaveBeenCalled();
    expect(screen.getByLabelText('Client ID')).toHaveFocus();
    expect(screen.getByLabelText('Client ID')).toHaveAccessibleDescription(/Enter the client ID/);
    await expectAccessible();
  });

  it('leads to the field that the agent refuses, and keeps what was typed', async () => {
    opened({ save: vi.fn(() => Promise.reject(refusal('config.bad_resource', 'The audience has a space in it.'))) });
    await found();
    await person.type(screen.getByTestId('client-id'), 'abc');
    await person.click(screen.getByText('More options'));
    await person.type(screen.getByTestId('audience'), 'a b');
    await person.click(screen.getByTestId('save-and-sign-in'));
    await waitFor(() => expect(screen.getByTestId('audience')).toHaveFocus());
    expect(screen.getByTestId('audience')).toHaveValue('a b');
    expect(screen.getByTestId('audience')).toHaveAccessibleDescription(/has a space/);
    expect(screen.getByTestId('client-id')).toHaveValue('abc');
  });

  it('never overwrites another profile', async () => {
    const { save } = opened({ taken: ['acme', 'mine'] });
    await found();
    expect(screen.getByTestId('profile-name')).toHaveValue('acme-2');
    await person.clear(screen.getByTestId('profile-name'));
    await person.type(screen.getByTestId('profile-name'), 'mine');
    await person.type(screen.getByTestId('client-id'), 'abc');
    await person.click(screen.getByTestId('save-and-sign-in'));
    expect(save).not.toHaveBeenCalled();
    expect(screen.getByTestId('profile-name')).toHaveFocus();
  });

  it('lets scopes be chosen and added, but not openid dropped', async () => {
    const { save } = opened();
    await found();
    await person.type(screen.getByTestId('client-id'), 'abc');
    await person.click(screen.getByText('More options'));
    const scopes = screen.getByRole('group', { name: 'Scopes' });
    expect(within(scopes).getByRole('button', { name: 'openid' })).toBeDisabled();
    await person.click(within(scopes).getByRole('button', { name: 'offline_access' }));
    await person.type(within(scopes).getByRole('textbox'), 'read:all{Enter}');
    await person.click(screen.getByTestId('save-profile'));
    expect(save).toHaveBeenCalledWith(expect.objectContaining({ scopes: ['openid', 'profile', 'email', 'read:all'] }));
  });

  it('shows the addresses to register, and copies them', async () => {
    const { oncopy } = opened();
    await found();
    await person.click(screen.getByRole('button', { name: /Copy all/ }));
    const copied = vi.mocked(oncopy).mock.calls[0]?.[0 as never] as unknown as string;
    expect(copied.split('\n')).toHaveLength(3);
    expect(copied).toMatch(/^http:\/\/127\.0\.0\.1:49152\/cb\/[a-z2-9]{8}\n/);
  });
});

describe('beginning with a name', () => {
  it('asks for nothing else while it is not known where', async () => {
    opened();
    expect(screen.getAllByRole('listitem')).toHaveLength(8);
    for (const asked of ['client-id', 'client-secret', 'profile-name', 'registering', 'save-profile']) expect(screen.queryByTestId(asked)).toBeNull();
    await expectAccessible();
  });

  it('looks up at once what is the same for everybody, and says what it is', async () => {
    const { discover } = opened({ discover: vi.fn(async () => github) });
    await person.click(screen.getByTestId('tile-github'));
    await screen.findByTestId('provider-found');
    expect(discover).toHaveBeenCalledExactlyOnceWith('https://github.com/login/oauth', { preset: 'github' });
    expect(screen.getByTestId('client-id')).toHaveFocus();
    expect(screen.getByTestId('client-secret')).toBeVisible();
  });

  it('asks for the address where each has another, and keeps what product it is', async () => {
    const own = { ...provider, issuer: 'https://login.acme.example/', preset: 'auth0' };
    const { discover, save } = opened({ discover: vi.fn(async () => own) });
    await person.click(screen.getByTestId('tile-auth0'));
    const field = screen.getByLabelText('Your address at Auth0');
    expect(field).toHaveFocus();
    expect(field).toHaveAccessibleDescription(/acme.eu.auth0.com/);
    await person.type(field, 'login.acme.example');
    await screen.findByTestId('provider-found');
    expect(discover).toHaveBeenCalledExactlyOnceWith('login.acme.example', { preset: 'auth0' });
    await person.type(screen.getByTestId('client-id'), 'abc');
    await person.click(screen.getByTestId('save-profile'));
    expect(save).toHaveBeenCalledWith(expect.objectContaining({ issuer: 'https://login.acme.example/', preset: 'auth0' }));
  });

  it('leads back to the names', async () => {
    opened();
    await person.click(screen.getByTestId('tile-okta'));
    await person.click(screen.getByTestId('other-provider'));
    expect(screen.getByTestId('provider-tiles')).toBeVisible();
    expect(screen.getByLabelText('Provider')).toHaveFocus();
    expect(screen.getByTestId('issuer')).toHaveValue('');
  });
});

describe('what is registered', () => {
  it('is to be the same letter by letter where the port is compared', async () => {
    opened();
    await found();
    expect(screen.getByTestId('registering')).toHaveTextContent('compares them letter by letter, the port too: register all of them');
  });

  it('leaves the port out where any will do', async () => {
    opened({ discover: vi.fn(async () => unknownProduct) });
    await found('id.acme.example');
    expect(screen.getByTestId('registering')).toHaveTextContent('all but the port must be registered exactly so');
    expect(screen.getByTestId('registering')).toHaveTextContent(/http:\/\/127\.0\.0\.1:PORT\/cb\//);
  });

  it('is checked against the provider for a profile that is there', async () => {
    const fit = [{ name: 'grant', standard: 'RFC 6749', found: 'No authorization code grant.', used: 'Allow it there.', verdict: 'unfit' as const }];
    const { discover } = opened({ profile: profile(), discover: vi.fn(async () => ({ ...provider, fit })) });
    await screen.findByTestId('provider-found');
    expect(discover).toHaveBeenCalledWith('https://acme.eu.auth0.com/', { profile: 'work' });
    expect(screen.getByTestId('registering')).toHaveTextContent('No authorization code grant. Allow it there.');
  });
});

describe('coming back from a sign-in that was refused', () => {
  const client = refusal('token.client_rejected', 'The provider refused the client.', 'Set the type to Native.');

  it('begins in the field that is wrong, with the reason', async () => {
    opened({ profile: profile({ has_client_secret: true }), problem: client });
    const field = await screen.findByTestId('client-id');
    await waitFor(() => expect(field).toHaveFocus());
    expect(field).toHaveAccessibleDescription(/The provider refused the client. Set the type to Native. Code token.client_rejected/);
    expect(field).toBeInvalid();
    expect(screen.getByTestId('client-secret').closest('details')).toBeNull();
    await expectAccessible();
    await person.type(field, 'x');
    expect(field).not.toBeInvalid();
  });

  it.each([
    ['callback.invalid_target', () => screen.getByTestId('audience')],
    ['callback.invalid_scope', () => screen.getByRole('button', { name: 'profile' })],
    ['listener.no_port', () => screen.getByTestId('ports')],
    ['callback.timeout', () => within(screen.getByTestId('registering')).getAllByRole('button')[0]!],
  ])('%s', async (code, where) => {
    opened({ profile: profile(), problem: refusal(code, 'This is what it was.', 'Do that.') });
    await waitFor(() => expect(where()).toHaveFocus());
    expect(screen.getByTestId('refused')).toHaveTextContent(`This is what it was. Do that. Code ${code}`);
    expect(where().closest('details:not([open])')).toBeNull();
  });

  it('says it where it is about no field', async () => {
    opened({ profile: profile(), problem: refusal('callback.server_error', 'The provider has a problem of its own.') });
    expect(screen.getByTestId('refusal')).toHaveTextContent('The provider has a problem of its own.');
    expect(screen.getByTestId('issuer')).toHaveFocus();
  });
});

describe('another address than the one that answered', () => {
  async function atGithub(second: (issuer: string) => Promise<Provider>) {
    const props = opened({ discover: vi.fn(async (issuer: string) => (issuer === 'github.com' ? github : second(issuer))) });
    await found('github.com');
    await person.type(screen.getByTestId('client-id'), 'abc');
    await person.clear(screen.getByTestId('issuer'));
    await person.type(screen.getByTestId('issuer'), 'https://op.example');
    return props;
  }

  function nothingOfGithub(save: unknown) {
    const entry = vi.mocked(save as (entry: object) => void).mock.calls[0]?.[0];
    for (const key of ['endpoints', 'account', 'client_auth', 'preset', 'client_secret']) expect(entry).not.toHaveProperty(key);
    return entry;
  }

  it('is waited for before it is saved', async () => {
    let answer: (provider: Provider) => void = () => undefined;
    const { save } = await atGithub(() => new Promise((later) => (answer = later)));
    await person.click(screen.getByTestId('save-profile'));
    expect(save).not.toHaveBeenCalled();
    answer({ ...provider, issuer: 'https://op.example/', suggested_ports: [] });
    await waitFor(() => expect(save).toHaveBeenCalledOnce());
    expect(nothingOfGithub(save)).toMatchObject({ name: 'op', issuer: 'https://op.example/', scopes: ['openid', 'profile', 'email', 'offline_access'] });
  });

  it('gets nothing that was learnt elsewhere when it does not answer', async () => {
    const { save } = await atGithub(() => Promise.reject(refusal('net.dns', 'Cannot find op.example.')));
    await screen.findByTestId('refusal');
    await person.type(screen.getByTestId('profile-name'), 'op');
    await person.click(screen.getByTestId('save-profile'));
    expect(nothingOfGithub(save)).toMatchObject({ name: 'op', issuer: 'https://op.example' });
  });

  it('is not saved when the sheet is closed meanwhile', async () => {
    let answer: (provider: Provider) => void = () => undefined;
    const discover = vi.fn(() => new Promise<Provider>((later) => (answer = later)));
    const save = vi.fn(async () => undefined);
    const props = { profile: null, taken: [], discover, save, onsaved: vi.fn(), oncopy: vi.fn(async () => undefined), onclose: vi.fn() };
    const { unmount } = render(AddAccount, props);
    await person.type(screen.getByTestId('issuer'), 'op.example');
    await person.type(screen.getByTestId('client-id'), 'abc');
    await person.click(screen.getByTestId('save-profile'));
    expect(discover).toHaveBeenCalledOnce();
    unmount();
    answer(provider);
    await new Promise((later) => setTimeout(later));
    expect(save).not.toHaveBeenCalled();
  });
});

describe('the provider’s console', () => {
  it('is told step by step, with the addresses of this profile where they belong', async () => {
    opened();
    await found();
    const steps = within(screen.getByTestId('setup-steps')).getAllByRole('listitem');
    expect(steps).toHaveLength(3);
    expect(steps[1]).toHaveTextContent(/Allowed Callback URLs.*http:\/\/127\.0\.0\.1:49152\/cb\//);
    expect(steps[2]).toHaveTextContent(/Authorization Code.*Refresh Token/);
    await expectAccessible();
  });

  it('gets addresses without a port where any will do', async () => {
    opened({ discover: vi.fn(async () => github) });
    await found('github.com');
    expect(screen.getByTestId('setup-steps')).toHaveTextContent(/http:\/\/127\.0\.0\.1\/cb\//);
    expect(screen.getByTestId('setup-steps')).not.toHaveTextContent('PORT');
  });

  it('asks for the secret that the provider wants, and saves what it needs', async () => {
    const { save } = opened({ discover: vi.fn(async () => github) });
    await found('github.com');
    await person.type(screen.getByTestId('client-id'), 'abc');
    await person.click(screen.getByTestId('save-profile'));
    expect(save).not.toHaveBeenCalled();
    expect(screen.getByTestId('client-secret')).toHaveFocus();
    await person.type(screen.getByTestId('client-secret'), 'shh');
    await person.click(screen.getByTestId('save-profile'));
    const { endpoints, account, client_auth } = github.suggested!;
    expect(save).toHaveBeenCalledWith(
      expect.objectContaining({ scopes: ['read:user'], client_secret: 'shh', endpoints, account, client_auth }),
    );
  });
});

describe('changing a profile', () => {
  it('keeps its name, its secret and its redirect path', async () => {
    const { save } = opened({ profile: profile({ has_client_secret: true }), taken: ['work'] });
    await screen.findByTestId('provider-found');
    expect(screen.getByTestId('profile-name')).toBeDisabled();
    await person.click(screen.getByTestId('save-profile'));
    const entry = vi.mocked(save).mock.calls[0]?.[0 as never] as unknown as Record<string, unknown>;
    expect(entry).toMatchObject({ name: 'work', redirect_path: '/cb/k3j9x2ma' });
    expect(entry).not.toHaveProperty('client_secret');
  });

  it('does not lead its secret to another provider', async () => {
    const view = profile({ ...github.suggested, issuer: github.issuer, has_client_secret: true, setup: github.setup! });
    const elsewhere = { ...provider, issuer: 'https://op.example', setup: [] };
    const { save } = opened({ profile: view, discover: vi.fn(async (issuer: string) => (issuer === view.issuer ? github : elsewhere)) });
    await screen.findByTestId('provider-found');
    expect(screen.getByTestId('setup-steps')).toBeVisible();
    await person.clear(screen.getByTestId('issuer'));
    await person.type(screen.getByTestId('issuer'), 'https://op.example');
    await person.click(screen.getByTestId('save-profile'));
    await waitFor(() => expect(screen.getByTestId('client-secret')).toHaveFocus());
    expect(screen.getByTestId('client-secret')).toHaveAccessibleDescription(/given by github.com/);
    expect(screen.queryByTestId('setup-steps')).toBeNull();
    expect(save).not.toHaveBeenCalled();
    await person.type(screen.getByTestId('client-secret'), 'its own');
    await person.click(screen.getByTestId('save-profile'));
    const entry = vi.mocked(save).mock.calls[0]?.[0 as never] as unknown as Record<string, unknown>;
    expect(entry).toMatchObject({ issuer: 'https://op.example', client_secret: 'its own' });
    for (const key of ['endpoints', 'account', 'client_auth']) expect(entry).not.toHaveProperty(key);
  });
});
