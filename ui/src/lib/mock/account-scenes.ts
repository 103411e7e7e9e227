// Scenes of many accounts, and of one looked at closely: what the agent tells, and what it answers about that one.

import type { Event } from '../api/Event';
import type { IdentityReport } from '../api/IdentityReport';
import type { Session } from '../api/Session';
import type { TokenReport } from '../api/TokenReport';
import type { Message } from '../host-words';
import { after, identity, present, profile, refusal, session, tokenReport } from './samples';

const connected: Message = { type: 'connection', connection: { state: 'connected', agent: 'here' } };

function signedIn(...sessions: Session[]): Message[] {
  const profiles = [...new Map(sessions.map((one) => [one.profile, one.issuer]))].map(([name, issuer]) => profile({ name, issuer }));
  return [connected, { type: 'present', ...present({ profiles, sessions }) }];
}

const first = ['Ada', 'Grace', 'Katherine', 'Barbara', 'Margaret', 'Frances', 'Jean', 'Radia', 'Hedy', 'Émilie', 'Edsger', 'Donald', 'Niklaus', 'Alan'];
const last = ['Lovelace', 'Hopper', 'Johnson', 'Liskov', 'Hamilton', 'Allen', 'Sammet', 'Perlman', 'Lamarr', 'du Châtelet', 'Dijkstra', 'Knuth', 'Wirth', 'Turing'];
const issuers = [
  'https://acme.eu.auth0.com/',
  'https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0',
  'https://accounts.google.com',
  'https://id.staging.acme.example/realms/main',
  'https://gitlab.com',
];

function ended(now: number): Partial<Session> {
  return {
    state: 'sign_in_required',
    expires_at: after(now, -12),
    renews_at: null,
    problem: refusal('refresh.session_ended', 'The provider no longer accepts this sign-in (invalid_grant).', 'Sign in again.'),
  };
}

function crowd(now: number, count: number): Session[] {
  return Array.from({ length: count }, (_, at) => {
    const name = `${first[at % first.length]} ${last[Math.floor(at / first.length + at) % last.length]}`;
    return session(now, {
      id: `s-${at}`,
      sub: `user-${at}`,
      name,
      email: `${name.toLowerCase().normalize('NFKD').replace(/[^a-z]+/g, '.')}.${at}@example.com`,
      issuer: issuers[at % issuers.length]!,
      profile: `team-${at % 25}`,
      issued_at: after(now, -(at % 50)),
      expires_at: after(now, 61 - (at % 50)),
      renews_at: after(now, 50 - (at % 50)),
      ...(at % 67 === 66 ? ended(now) : {}),
    });
  });
}

const several = (now: number): Session[] => [
  session(now, { preferred: true, label: 'Work, everyday' }),
  session(now, { id: 's-admin', sub: 'auth0|admin', name: 'Ada Lovelace', email: 'ada.admin@example.com', expires_at: after(now, 20), renews_at: after(now, 12) }),
  session(now, { id: 's-test', sub: 'auth0|test', name: 'Test Person 3', email: 'test3@example.com', ...ended(now) }),
];

/** Renewals of the past, as the journal tells them. */
function renewals(now: number): Message[] {
  return [-160, -112, -60, -12].map((minutes, at): Message => ({
    type: 'event',
    seq: at + 1,
    at: after(now, minutes),
    profile: 'work',
    flow: `r-${at}`,
    kind: 'renewed',
    expires_at: after(now, minutes + 60),
    renews_at: after(now, minutes + 50),
  }));
}

const absolute = (now: number): Session =>
  session(now, {
    audience: 'https://api.acme.example/v2',
    renewals: 4,
    ends: { at: after(now, 60 * 24 * 6), kind: 'absolute', by: 'provider', notice_at: after(now, 60 * 24 * 5) },
  });

export const accountScenes: Record<string, (now: number) => Message[]> = {
  severalPerProfile: (now) => signedIn(...several(now)),
  twelve: (now) => signedIn(...crowd(now, 12), session(now, { id: 's-ended', name: 'Dorothy Vaughan', profile: 'langley', ...ended(now) })),
  twoHundred: (now) => signedIn(...crowd(now, 200)),
  account: (now) => [...signedIn(absolute(now)), ...renewals(now)],
  accountSeveral: (now) => [...signedIn(...several(now)), ...renewals(now)],
  accountOpaque: (now) => signedIn(session(now, { audience: null })),
  accountWarned: (now) => signedIn(session(now, { scope: ['openid', 'profile', 'email'], scope_refused: ['read:orders', 'offline_access'], renewable: false, renews_at: null })),
  accountOffline: (now) =>
    signedIn(session(now, { state: 'offline', expires_at: after(now, 9.5), renews_at: after(now, 2), problem: refusal('net.connect', 'acme.eu.auth0.com:443 could not be reached.', 'Check your connection.') })),
  accountRequired: (now) => signedIn(session(now, { renewable: false, ...ended(now) })),
  accountNotVerified: (now) =>
    signedIn(
      session(now, { profile: 'github', issuer: 'https://github.com/login/oauth', sub: '583231', identified: 'not_verified', name: 'octocat', email: null, scope: ['read:user'], expires_at: null, renews_at: null, renewable: false, renewals: 0 }),
    ),
  accountApplication: (now) =>
    signedIn(
      session(now, { profile: 'nightly-report', sub: 'k3Jx92LmPq7TzW0aVbNcD4eF', identified: 'application', name: null, email: null, scope: ['read:orders'], audience: 'https://api.acme.example/v2', renewable: false, renews_at: after(now, 40), renewals: 0 }),
    ),
  accountLongNames: (now) =>
    signedIn(
      session(now, {
        label: 'The account of the subsidiary that nobody remembers the name of, ever',
        name: 'Wolfeschlegelsteinhausenbergerdorff Maximilian-Alexander von und zu Hohenlohe-Langenburg',
        email: 'maximilian.alexander.wolfeschlegelsteinhausenbergerdorff@subsidiary.of.a.very.long.company-name.example.org',
        profile: 'customer-production-with-a-name-that-hardly-ends-anywhere',
        issuer: 'https://identity-provider.production.eu-central-1.internal.a-very-long-company-name.example.org/realms/main',
        scope: Array.from({ length: 24 }, (_, at) => `https://api.a-very-long-company-name.example.org/auth/everything.${at}.readwrite.all`),
      }),
    ),
  accountRefused: (now) => signedIn(session(now)),
};

/** What is answered about the account of a scene, where it is not the usual. */
export interface Look {
  identity?: (now: number) => IdentityReport | Promise<never>;
  report?: (now: number) => TokenReport | Promise<never>;
  journal?: (now: number) => Event[];
}

const locked = () => Promise.reject(refusal('store.locked', 'The vault is locked.', 'Unlock it, then try again.'));

export const looks: Record<string, Look> = {
  accountOpaque: {
    report: (now) =>
      tokenReport(now, {
        kind: 'opaque',
        header: null,
        claims: null,
        audience: null,
        checks: ['accesstoken.typ', 'accesstoken.iss', 'accesstoken.aud'].map((name) => ({ name, outcome: 'not_applicable', expected: 'at+jwt', got: 'the token is opaque', source: 'RFC 9068 2.2' })),
        notes: [{ code: 'auth0.opaque_without_audience', text: 'Auth0 gives an opaque access token when no audience is asked for. It works for userinfo only; set the audience of your API in the profile to get one for it.' }],
      }),
  },
  accountWarned: {
    report: (now) =>
      tokenReport(now, {
        kind: 'other_jwt',
        header: { alg: 'RS256', typ: 'JWT', kid: 'k-2026-11' },
        checks: [
          { name: 'accesstoken.alg', outcome: 'passed', expected: 'an asymmetric algorithm', got: 'RS256', source: 'RFC 9068 2.1' },
          { name: 'accesstoken.typ', outcome: 'warned', expected: 'at+jwt', got: 'JWT', source: 'RFC 9068 2.1' },
          { name: 'accesstoken.aud', outcome: 'failed', expected: 'https://api.acme.example/v2', got: 'https://acme.eu.auth0.com/userinfo', source: 'RFC 9068 2.2, 3' },
          { name: 'accesstoken.exp', outcome: 'passed', expected: 'a time', got: '2026-11-25T23:12:00Z', source: 'RFC 9068 2.2' },
        ],
      }),
  },
  accountNotVerified: {
    identity: (now) => identity(now, { profile: 'github', id_token: null, userinfo: { id: 583231, login: 'octocat' }, checked: [] }),
    report: (now) => tokenReport(now, { profile: 'github', kind: 'opaque', header: null, claims: null, audience: null, expires_at: null, scope: ['read:user'], checks: [] }),
  },
  accountApplication: { identity: (now) => identity(now, { profile: 'nightly-report', id_token: null, userinfo: null, checked: [] }) },
  accountRefused: { identity: locked, report: locked },
};
