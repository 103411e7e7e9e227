import { describe, expect, it } from 'vitest';

import type { Provider } from '../src/lib/api/Provider';
import { github, profile, provider } from '../src/lib/mock/samples';
import {
  emptyForm,
  entryOf,
  formOf,
  looksLikeIssuer,
  meantBy,
  portsOf,
  problemsOf,
  redirectUris,
  suggestedName,
  withProvider,
  type ProfileForm,
} from '../src/lib/profile-form';

const filled = () => ({ ...emptyForm(), issuer: 'acme.eu.auth0.com', clientId: ' abc ', name: 'work', ports: '49152, 49153' });

describe('looksLikeIssuer', () => {
  it.each(['acme.eu.auth0.com', 'https://id.example/realms/main', 'localhost:8080', 'http://127.0.0.1:9000'])('%s is worth a look', (text) => {
    expect(looksLikeIssuer(text)).toBe(true);
  });

  it.each(['', 'acme', 'https://', 'two words.example x', 'acme.'])('%j is not, yet', (text) => {
    expect(looksLikeIssuer(text)).toBe(false);
  });
});

describe('suggestedName', () => {
  it.each([
    ['https://acme.eu.auth0.com/', 'auth0', 'acme'],
    ['https://accounts.google.com', 'google', 'google'],
    ['https://login.microsoftonline.com/x/v2.0', 'entra', 'entra'],
    ['https://gitlab.com', 'gitlab', 'gitlab'],
    ['http://127.0.0.1:4000', null, 'local'],
    ['https://id.acme.example', null, 'acme'],
  ])('of %s is %s → %s', (issuer, preset, name) => {
    expect(suggestedName({ ...provider, issuer, preset }, [])).toBe(name);
  });

  it('never takes the name of another profile', () => {
    expect(suggestedName(provider, ['acme', 'acme-2'])).toBe('acme-3');
  });
});

/** The form after this address was typed and this provider answered there. */
function at(address: string, answer: Provider, form: ProfileForm = emptyForm()): ProfileForm {
  return withProvider({ ...form, issuer: address }, address, answer, []);
}

describe('withProvider', () => {
  it('fills in ports and a name, and keeps what was typed', () => {
    expect(meantBy(at('acme.eu.auth0.com', provider))).toMatchObject({ ports: '49152, 49153, 49154', name: 'acme' });
    const typed = { ...emptyForm(), ports: '5000', name: 'mine' };
    expect(meantBy(at('acme.eu.auth0.com', provider, typed))).toMatchObject({ ports: '5000', name: 'mine' });
  });

  it('does not ask for scopes that the provider does not name', () => {
    const google = { ...provider, scopes_supported: ['openid', 'email', 'profile'] };
    expect(meantBy(at('google.com', google)).scopes).toEqual(['openid', 'profile', 'email']);
    expect(meantBy(at('op.example', { ...provider, scopes_supported: [] })).scopes).toContain('offline_access');
  });
});

describe('what a product needs', () => {
  const google = { ...provider, suggested: { scopes: ['openid', 'profile', 'email'], redirect_host: '127.0.0.1' as const, params: { access_type: 'offline' }, client_secret: true } };

  it('is filled in, and goes again with the provider', () => {
    const first = at('github.com', github);
    expect(meantBy(first)).toMatchObject({
      scopes: ['read:user'],
      secret: 'wanted',
      ports: '',
      hidden: { account: { id: '/id' }, client_auth: 'client_secret_post' },
    });
    const second = at('acme.eu.auth0.com', provider, first);
    expect(meantBy(second)).toMatchObject({ scopes: ['openid', 'profile', 'email', 'offline_access'], secret: 'optional', ports: '49152, 49153, 49154' });
    expect(meantBy(second).hidden).not.toHaveProperty('account');
    expect(meantBy(at('google.com', google, second)).hidden.params).toEqual({ access_type: 'offline' });
  });

  it('counts at its own address alone, whether another has answered or not', () => {
    const form = at('github.com', github);
    const away = { ...form, issuer: 'https://op.example', clientId: 'abc', name: 'work' };
    expect(entryOf(away, away.issuer)).toEqual({
      ...entryOf({ ...emptyForm(), clientId: 'abc', name: 'work', redirectPath: form.redirectPath }, away.issuer),
    });
    expect(meantBy({ ...form, issuer: 'https://op.example' }).name).toBe('');
    expect(problemsOf(away, [])).toEqual({});
    expect(meantBy({ ...away, issuer: ' github.com ' })).toMatchObject({ secret: 'wanted', hidden: { account: { id: '/id' } } });
  });

  it('never takes the place of what was chosen', () => {
    const chosen = { ...at('acme.eu.auth0.com', provider), scopes: ['openid', 'read:all'] };
    expect(meantBy(at('google.com', google, chosen)).scopes).toEqual(['openid', 'read:all']);
    const alone = { ...at('github.com', github), scopes: ['repo'] };
    expect(meantBy(at('acme.eu.auth0.com', provider, alone)).scopes).toEqual(['openid', 'repo']);
  });

  it('has its secret asked for', () => {
    const form = { ...at('github.com', github), clientId: 'abc' };
    expect(problemsOf(form, []).secret).toContain('client secret');
    expect(problemsOf({ ...form, secret: 's' }, []).secret).toBeUndefined();
  });
});

describe('a profile that is led to another address', () => {
  const saved = profile({ ...github.suggested, issuer: github.issuer, preset: 'github', dpop: true, ports: [], has_client_secret: true });

  it('leaves what was its provider’s behind, its secret too, and takes it up again with the address', () => {
    const away = { ...formOf(saved), issuer: 'https://op.example' };
    const entry = entryOf(away, away.issuer);
    for (const key of ['endpoints', 'account', 'client_auth', 'preset']) expect(entry).not.toHaveProperty(key);
    expect(entry).toMatchObject({ dpop: true, scopes: ['openid', 'profile', 'email', 'offline_access'] });
    expect(problemsOf(away, []).secret).toContain('github.com');
    expect(problemsOf({ ...away, secret: 'its own' }, [])).toEqual({});

    const found = at('https://op.example', { ...provider, issuer: 'https://op.example' }, away);
    expect(meantBy({ ...found, issuer: `${saved.issuer}/` }).hidden).toMatchObject({ account: saved.account, endpoints: saved.endpoints });
    expect(meantBy({ ...found, issuer: saved.issuer })).toMatchObject({ secret: 'kept', scopes: ['read:user'] });
  });

  it('keeps its own settings when its provider answers', () => {
    const own = { ...formOf(saved), issuer: saved.issuer };
    expect(withProvider(own, saved.issuer, { ...github, suggested: provider.suggested! }, [])).toEqual(own);
  });
});

describe('portsOf', () => {
  it('reads lists, and refuses what is no port', () => {
    expect(portsOf('')).toEqual([]);
    expect(portsOf('49152 49153;49152')).toEqual([49152, 49153]);
    expect(portsOf('80')).toBeNull();
    expect(portsOf('70000')).toBeNull();
    expect(portsOf('http')).toBeNull();
  });
});

describe('redirectUris', () => {
  it('has one for each port, with a path of its own', () => {
    const form = filled();
    expect(redirectUris(form)).toEqual([49152, 49153].map((port) => `http://127.0.0.1:${port}${form.redirectPath}`));
    expect(form.redirectPath).toMatch(/^\/cb\/[a-z2-9]{8}$/);
    expect(emptyForm().redirectPath).not.toBe(emptyForm().redirectPath);
  });

  it('says PORT where any will do', () => {
    expect(redirectUris({ ...filled(), ports: '' })[0]).toContain('http://127.0.0.1:PORT/cb/');
  });
});

describe('problemsOf', () => {
  it('finds nothing wrong with a whole form', () => {
    expect(problemsOf(filled(), ['other'])).toEqual({});
  });

  it('names each field that is wrong', () => {
    expect(Object.keys(problemsOf({ ...emptyForm(), ports: 'x' }, [])).sort()).toEqual(['clientId', 'issuer', 'name', 'ports']);
    expect(problemsOf(filled(), ['work']).name).toContain('already');
    expect(problemsOf({ ...filled(), name: 'a b' }, []).name).toBeDefined();
    expect(problemsOf({ ...filled(), clientId: 'a b' }, []).clientId).toBeDefined();
  });
});

describe('entryOf', () => {
  it('trims, and leaves out what is empty', () => {
    const entry = entryOf(filled(), 'https://acme.eu.auth0.com/');
    expect(entry).toMatchObject({ name: 'work', issuer: 'https://acme.eu.auth0.com/', client_id: 'abc', ports: [49152, 49153] });
    expect(entry).not.toHaveProperty('client_secret');
    expect(entry).not.toHaveProperty('audience');
  });

  it('brings a profile back as it was', () => {
    const view = profile({ audience: 'https://api', resources: ['https://r'], params: { a: 'b' }, redirect_host: 'localhost' });
    const { has_client_secret: _has, redirect_uris: _uris, ...plain } = view;
    expect(entryOf(formOf(view), view.issuer)).toEqual(plain);
  });

  it('keeps what it does not show, even keys that are newer than itself', () => {
    const kept = {
      grant: 'device_code',
      response_mode: 'form_post',
      push: 'always',
      dpop: true,
      client_auth: 'private_key_jwt',
      clock_tolerance: 90,
      preset: 'auth0',
      endpoints: { authorization_endpoint: 'https://op.example/a', token_endpoint: 'https://op.example/t' },
      account: { endpoint: 'https://op.example/me', id: '/id' },
      from_the_future: ['x'],
    } as const;
    const seen = { has_client_key: true, registered: true, setup: provider.setup };
    const entry = entryOf(formOf(profile({ ...kept, ...seen } as Partial<ReturnType<typeof profile>>)), 'https://op.example');
    expect(entry).toMatchObject(kept);
    for (const key of Object.keys(seen)) expect(entry).not.toHaveProperty(key);
  });

  it('does not ask for openid where an account page says who it is', () => {
    const view = profile({ scopes: [], account: { endpoint: 'https://op.example/me', id: '/id' } });
    expect(entryOf(formOf(view), view.issuer).scopes).toEqual([]);
  });
});
