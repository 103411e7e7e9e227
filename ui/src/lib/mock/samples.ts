// Sample data for tests, for pages in a plain browser and for screenshots. No part of the program that ships.

import type { Ability } from '../api/Ability';
import type { ConsentQuestion } from '../api/ConsentQuestion';
import type { Hello } from '../api/Hello';
import type { IdentityReport } from '../api/IdentityReport';
import type { NetworkStatus } from '../api/NetworkStatus';
import type { Present } from '../api/Present';
import type { ProfileView } from '../api/ProfileView';
import type { Provider } from '../api/Provider';
import type { Refusal } from '../api/Refusal';
import type { Session } from '../api/Session';
import type { SignIn } from '../api/SignIn';
import type { TokenReport } from '../api/TokenReport';

const MINUTE = 60_000;

export function after(now: number, minutes: number): string {
  return new Date(now + minutes * MINUTE).toISOString();
}

export function refusal(code: string, message: string, hint = ''): Refusal {
  return { code, message, hint, retryable: false, profile: null, fix: null };
}

export function session(now: number, changes: Partial<Session> = {}): Session {
  return {
    id: 's-ada',
    profile: 'work',
    issuer: 'https://acme.eu.auth0.com/',
    sub: 'auth0|6710b2f3a9',
    name: 'Ada Lovelace',
    email: 'ada@example.com',
    state: 'signed_in',
    scope: ['openid', 'profile', 'email', 'offline_access'],
    scope_refused: [],
    token_type: 'Bearer',
    audience: null,
    signed_in_at: after(now, -200),
    issued_at: after(now, -12),
    expires_at: after(now, 48.5),
    renews_at: after(now, 38.5),
    renewable: true,
    unsaved: false,
    renewals: 3,
    problem: null,
    ...changes,
  };
}

export function profile(changes: Partial<ProfileView> = {}): ProfileView {
  return {
    name: 'work',
    issuer: 'https://acme.eu.auth0.com/',
    client_id: 'k3Jx92LmPq7TzW0aVbNc',
    scopes: ['openid', 'profile', 'email', 'offline_access'],
    resources: [],
    redirect_host: '127.0.0.1',
    ports: [49152, 49153, 49154],
    redirect_path: '/cb/k3j9x2ma',
    params: {},
    has_client_secret: false,
    redirect_uris: [49152, 49153, 49154].map((port) => `http://127.0.0.1:${port}/cb/k3j9x2ma`),
    ...changes,
  };
}

export function signIn(now: number, changes: Partial<SignIn> = {}): SignIn {
  return {
    id: 'f-1',
    profile: 'work',
    step: 'waiting',
    started_at: after(now, -0.1),
    deadline: after(now, 4.9),
    redirect_uri: 'http://127.0.0.1:49152/cb/k3j9x2ma',
    browser_problem: null,
    ignored: 0,
    untrusted_hint: null,
    error: null,
    session: null,
    ...changes,
  };
}

export const hello: Hello = {
  api: 1,
  version: '0.1.0',
  pid: 4242,
  vault: { kind: 'keyring', state: 'ready', message: '', hint: '' },
  capabilities: [],
  problems: [],
};

export function question(now: number, changes: Partial<ConsentQuestion> = {}): ConsentQuestion {
  return {
    id: 'q-report',
    ends_at: after(now, 1),
    program: '/home/ada/bin/report',
    sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    pid: 4711,
    started_by: ['/usr/bin/zsh'],
    interpreter: false,
    changed: false,
    profile: 'work',
    audience: 'https://api.acme.example/v2',
    resource: [],
    scope: ['openid', 'profile', 'email', 'read:orders'],
    ...changes,
  };
}

export function present(changes: Partial<Present> = {}): Present {
  return { hello, profiles: [], sessions: [], sign_ins: [], questions: [], seq: 0, ...changes };
}

export const provider: Provider = {
  issuer: 'https://acme.eu.auth0.com/',
  name: 'Auth0 · acme',
  preset: 'auth0',
  authorization_endpoint: 'https://acme.eu.auth0.com/authorize',
  token_endpoint: 'https://acme.eu.auth0.com/oauth/token',
  scopes_supported: [
    'openid',
    'profile',
    'offline_access',
    'name',
    'given_name',
    'family_name',
    'nickname',
    'email',
    'email_verified',
    'picture',
    'created_at',
    'identities',
    'phone',
    'address',
  ],
  pkce_s256: true,
  can_revoke: true,
  can_end_session: true,
  suggested_ports: [49152, 49153, 49154],
  suggested: { scopes: [], redirect_host: '127.0.0.1', params: {}, client_secret: false },
  setup: [
    {
      place: 'Applications → Applications → Create Application',
      what: 'Choose the type Native. Its Settings tab has the Domain and the Client ID.',
      values: [],
      redirect_uris: false,
    },
    {
      place: 'Applications → your application → Settings → Allowed Callback URLs',
      what: 'All of these, separated by commas.',
      values: [],
      redirect_uris: true,
    },
    {
      place: 'Applications → your application → Settings → Advanced Settings → Grant Types',
      what: 'Switch these on; the others may go.',
      values: ['Authorization Code', 'Refresh Token'],
      redirect_uris: false,
    },
  ],
};

/** OAuth without OpenID Connect, and a secret that must be sent. */
export const github: Provider = {
  issuer: 'https://github.com/login/oauth',
  name: 'GitHub (github.com)',
  preset: 'github',
  authorization_endpoint: 'https://github.com/login/oauth/authorize',
  token_endpoint: 'https://github.com/login/oauth/access_token',
  scopes_supported: [],
  pkce_s256: null,
  can_revoke: false,
  can_end_session: false,
  suggested_ports: [],
  suggested: {
    scopes: ['read:user'],
    redirect_host: '127.0.0.1',
    params: {},
    client_auth: 'client_secret_post',
    client_secret: true,
    endpoints: {
      authorization_endpoint: 'https://github.com/login/oauth/authorize',
      token_endpoint: 'https://github.com/login/oauth/access_token',
    },
    account: { endpoint: 'https://api.github.com/user', id: '/id', name: '/login' },
  },
  setup: [{ place: 'OAuth Apps → your app → Authorization callback URL', what: 'Without a port.', values: [], redirect_uris: true }],
};

/** OpenID Connect with nothing to set up that is known of: any port will do. */
export const unknownProduct: Provider = {
  ...provider,
  issuer: 'https://id.acme.example/realms/main',
  name: 'id.acme.example',
  preset: null,
  authorization_endpoint: 'https://id.acme.example/realms/main/auth',
  token_endpoint: 'https://id.acme.example/realms/main/token',
  scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
  suggested_ports: [],
  setup: [],
};

export const network: NetworkStatus = { version: 1, settings: {}, proxy: null, proxy_variable: null, ca_files: [] };

export function tokenReport(now: number, changes: Partial<TokenReport> = {}): TokenReport {
  const seconds = Math.floor(now / 1000);
  return {
    version: 1,
    profile: 'work',
    kind: 'rfc9068',
    token_type: 'Bearer',
    expires_at: after(now, 48.5),
    scope: ['openid', 'profile', 'email', 'offline_access'],
    audience: 'https://api.acme.example/v2',
    header: { alg: 'RS256', typ: 'at+jwt', kid: 'k-2026-11' },
    claims: { iss: 'https://acme.eu.auth0.com/', sub: 'auth0|6710b2f3a9', aud: 'https://api.acme.example/v2', iat: seconds - 720, exp: seconds + 2_910, client_id: 'k3Jx92LmPq7TzW0aVbNc', scope: 'openid profile email' },
    checks: [
      { name: 'accesstoken.typ', outcome: 'passed', expected: 'at+jwt', got: 'at+jwt', source: 'RFC 9068 2.1' },
      { name: 'accesstoken.jti', outcome: 'warned', expected: 'an identifier', got: 'nothing', source: 'RFC 9068 2.2' },
    ],
    notes: [],
    ...changes,
  };
}

export function identity(now: number, changes: Partial<IdentityReport> = {}): IdentityReport {
  const seconds = Math.floor(now / 1000);
  return {
    version: 1,
    profile: 'work',
    id_token: {
      header: { alg: 'RS256', typ: 'JWT', kid: 'k-2026-11' },
      claims: { iss: 'https://acme.eu.auth0.com/', sub: 'auth0|6710b2f3a9', aud: 'k3Jx92LmPq7TzW0aVbNc', iat: seconds - 720, exp: seconds + 35_280, nonce: 'cQ3d0a', name: 'Ada Lovelace', email: 'ada@example.com', email_verified: true },
    },
    userinfo: { sub: 'auth0|6710b2f3a9', name: 'Ada Lovelace', locale: 'en-GB', updated_at: '2026-11-20T10:11:12Z' },
    checked: [
      {
        at: after(now, -12),
        subject: 'id_token',
        checks: [
          { name: 'idtoken.signature', outcome: 'passed', expected: 'a signature by a key of the provider', got: 'RS256 by k-2026-11', source: 'OpenID Connect Core 3.1.3.7 (6)' },
          { name: 'idtoken.nonce', outcome: 'passed', expected: 'the nonce that was sent', got: 'the same', source: 'OpenID Connect Core 3.1.3.7 (11)' },
          { name: 'idtoken.azp', outcome: 'not_applicable', expected: 'our client ID where there are several audiences', got: 'one audience', source: 'OpenID Connect Core 3.1.3.7 (4)' },
        ],
      },
    ],
    ...changes,
  };
}

/** Somebody else’s, by another provider. */
export function graceIdentity(now: number): IdentityReport {
  const own = identity(now, { profile: 'lab' });
  const issuer = 'https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0';
  const { email_verified: _, ...claims } = own.id_token?.claims ?? {};
  return {
    ...own,
    id_token: {
      header: { ...own.id_token?.header, kid: 'nOo3ZDrODXEK1jKWhXslHR_KXEg' },
      claims: { ...claims, iss: issuer, sub: 'AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ', name: 'Grace Hopper', email: 'grace.hopper@navy.example', tid: '9188040d-6c67-4c5b-b112-36a304b66dad', ver: '2.0' },
    },
    userinfo: null,
  };
}

function ability(name: string, standard: string, found: string): Ability {
  return { name, standard, found, used: '', verdict: 'used' };
}

/** The provider of a profile, with what it can. */
export const auth0: Provider = {
  ...provider,
  abilities: [
    ability('pkce', 'RFC 7636', 'S256, plain'),
    ability('par', 'RFC 9126', 'offered'),
    ability('dpop', 'RFC 9449', 'ES256'),
    ability('revocation', 'RFC 7009', 'offered'),
    ability('iss_parameter', 'RFC 9207', 'not said'),
  ],
};

/** A provider of another product. */
export const entra: Provider = {
  ...provider,
  issuer: 'https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0',
  name: 'Microsoft Entra ID (login.microsoftonline.com)',
  preset: 'entra',
  authorization_endpoint: 'https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/oauth2/v2.0/authorize',
  token_endpoint: 'https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/oauth2/v2.0/token',
  scopes_supported: ['email', 'openid', 'profile', 'offline_access'],
  pkce_s256: null,
  can_revoke: false,
  abilities: [ability('pkce', 'RFC 7636', 'not said'), ability('device_grant', 'RFC 8628', 'offered'), ability('iss_parameter', 'RFC 9207', 'not said')],
};
