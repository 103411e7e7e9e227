// The states of the window worth looking at, by name: `?scene=offline` in a plain browser, and each of them in the tests.

import type { Present } from '../api/Present';
import type { Session } from '../api/Session';
import type { VaultStatus } from '../api/VaultStatus';
import type { Message } from '../host-words';
import { usualSettings } from '../state';
import { accountScenes } from './account-scenes';
import { after, hello, present, profile, question, refusal, session, signIn } from './samples';
import { stepScenes } from './steps';

const connected: Message = { type: 'connection', connection: { state: 'connected', agent: 'here' } };

function showing(changes: Partial<Present>): Message[] {
  return [connected, { type: 'present', ...present(changes) }];
}

/** Sessions with a profile for each. */
function signedIn(...sessions: Session[]): Message[] {
  const names = [...new Set(sessions.map((one) => one.profile))];
  const profiles = names.map((name) => {
    const issuer = sessions.find((one) => one.profile === name)?.issuer ?? '';
    return profile({ name, issuer });
  });
  return showing({ profiles, sessions });
}

function vault(status: Partial<VaultStatus>): Message[] {
  return showing({ hello: { ...hello, vault: { ...hello.vault, ...status } } });
}

/** What the desktop can do, all of it or nothing. */
function able(all: boolean): Message {
  return { type: 'settings', settings: usualSettings, able: { tray: all, notifications: all, autostart: all } };
}

function grace(now: number, changes: Partial<Session> = {}): Session {
  return session(now, {
    id: 's-grace',
    profile: 'lab',
    issuer: 'https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0',
    sub: 'AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ',
    name: 'Grace Hopper',
    email: 'grace.hopper@navy.example',
    scope: ['openid', 'profile', 'email', 'offline_access', 'User.Read', 'Calendars.Read', 'Mail.Send', 'Files.Read.All'],
    issued_at: after(now, -4),
    expires_at: after(now, 71),
    renews_at: after(now, 56),
    ...changes,
  });
}

const offlineProblem = refusal('net.connect', 'acme.eu.auth0.com:443 could not be reached.', 'Check your connection.');
const endedProblem = refusal(
  'refresh.session_ended',
  'The provider no longer accepts this sign-in (invalid_grant).',
  'Sign in again. It may have been revoked, or not used for too long.',
);

export const scenes: Record<string, (now: number) => Message[]> = {
  ...accountScenes,
  ...stepScenes,
  starting: () => [],
  empty: () => showing({}),
  one: (now) => signedIn(session(now)),
  two: (now) => signedIn(session(now), grace(now)),
  soon: (now) =>
    signedIn(session(now, { issued_at: after(now, -57), expires_at: after(now, 3.4), renews_at: null, renewable: false })),
  renewing: (now) =>
    signedIn(session(now, { state: 'renewing', issued_at: after(now, -49), expires_at: after(now, 11), renews_at: after(now, 0) })),
  offline: (now) =>
    signedIn(
      session(now, {
        state: 'offline',
        issued_at: after(now, -50),
        expires_at: after(now, 9.5),
        renews_at: after(now, 2),
        problem: offlineProblem,
      }),
    ),
  expired: (now) =>
    signedIn(session(now, { state: 'expired', expires_at: after(now, -3), renews_at: null, renewable: false })),
  required: (now) =>
    signedIn(
      session(now, { state: 'sign_in_required', expires_at: after(now, -12), renews_at: null, renewable: false, problem: endedProblem }),
    ),
  unsaved: (now) => signedIn(session(now, { unsaved: true })),
  refusedScopes: (now) =>
    signedIn(session(now, { scope: ['openid', 'profile', 'email'], scope_refused: ['offline_access', 'read:calendar'], renewable: false, renews_at: null, audience: 'https://api.acme.example/v2' })),
  unknownEnd: (now) => signedIn(session(now, { expires_at: null, renews_at: null })),
  longNames: (now) =>
    signedIn(
      session(now, {
        name: 'Wolfeschlegelsteinhausenbergerdorff Maximilian-Alexander von und zu Hohenlohe-Langenburg',
        email: 'maximilian.alexander.wolfeschlegelsteinhausenbergerdorff@subsidiary.of.a.very.long.company-name.example.org',
        profile: 'customer-production-with-a-name-that-hardly-ends-anywhere',
        issuer: 'https://identity-provider.production.eu-central-1.internal.a-very-long-company-name.example.org/realms/main',
        scope: ['openid', 'profile', 'https://api.a-very-long-company-name.example.org/auth/everything.readwrite.all.of.it', 'email'],
        expires_at: after(now, 60 * 24 * 12),
        renews_at: after(now, 60 * 24 * 10),
      }),
      session(now, { id: 's-ar', profile: 'ar', sub: '1', name: 'محمد بن موسى الخوارزمي', email: 'x@y.example', expires_at: after(now, 125), renews_at: after(now, 100) }),
    ),
  notVerified: (now) =>
    signedIn(
      session(now, {
        id: 's-octo',
        profile: 'github',
        issuer: 'https://github.com/login/oauth',
        sub: '583231',
        identified: 'not_verified',
        name: 'octocat',
        email: null,
        scope: ['read:user'],
        expires_at: null,
        renews_at: null,
        renewable: false,
      }),
    ),
  application: (now) =>
    signedIn(
      session(now, {
        id: 's-app',
        profile: 'nightly-report',
        sub: 'k3Jx92LmPq7TzW0aVbNcD4eF',
        identified: 'application',
        name: null,
        email: null,
        scope: ['read:orders'],
        audience: 'https://api.acme.example/v2',
        renewable: false,
        renews_at: null,
      }),
    ),
  consent: (now) => [...signedIn(session(now)), { type: 'consent_asked', question: question(now) }],
  consentScript: (now) => [
    ...signedIn(session(now)),
    {
      type: 'consent_asked',
      question: question(now, {
        program: '/usr/bin/python3.11',
        interpreter: true,
        changed: true,
        says: '/home/ada/a-script-with-a-name-that-hardly-ends-anywhere/report.py',
      }),
    },
  ],
  consents: (now) => [
    ...signedIn(session(now), grace(now)),
    ...[question(now), question(now, { id: 'q-gh', program: '/usr/bin/gh', profile: 'lab', ends_at: after(now, 0.8) }), question(now, { id: 'q-zsh', program: '/usr/bin/zsh' })].map(
      (one): Message => ({ type: 'consent_asked', question: one }),
    ),
  ],
  settings: (now) => [...signedIn(session(now), grace(now)), able(true)],
  settingsNetwork: (now) => [...signedIn(session(now)), able(true)],
  settingsUnable: (now) => [...signedIn(session(now)), able(false)],
  settingsPassphrase: (now) => [...showing({ hello: { ...hello, vault: { ...hello.vault, kind: 'passphrase' } }, profiles: [profile()], sessions: [session(now)] }), able(true)],
  settingsMemory: (now) => [...showing({ hello: { ...hello, vault: { ...hello.vault, kind: 'memory' } }, profiles: [profile()], sessions: [session(now)] }), able(true)],
  programs: (now) => signedIn(session(now), grace(now)),
  programsLong: (now) => signedIn(session(now)),
  device: (now) =>
    showing({
      profiles: [profile()],
      sign_ins: [
        signIn(now, {
          redirect_uri: null,
          device: {
            user_code: 'WDJB-MJHT',
            verification_uri: 'https://acme.eu.auth0.com/activate',
            verification_uri_complete: 'https://acme.eu.auth0.com/activate?user_code=WDJB-MJHT',
            expires_at: after(now, 14),
          },
        }),
      ],
    }),
  many: (now) =>
    showing({
      profiles: [
        ...['work', 'lab', 'demo', 'kernel', 'ops', 'shop', 'labs-2'].map((name) =>
          profile({ name, ...(name === 'demo' ? { issuer: 'http://127.0.0.1:40123' } : {}) }),
        ),
        profile({ name: 'staging', issuer: 'https://id.staging.acme.example/realms/main' }),
        profile({ name: 'google', issuer: 'https://accounts.google.com' }),
      ],
      sessions: [
        session(now),
        grace(now),
        session(now, { id: 's-demo', profile: 'demo', issuer: 'http://127.0.0.1:40123', sub: 'alice', name: 'Alice Example', email: 'alice@demo.example', issued_at: after(now, -0.5), expires_at: after(now, 0.7), renews_at: after(now, 0.4), scope: ['openid', 'email', 'offline_access'] }),
        session(now, { id: 's-linus', profile: 'kernel', issuer: 'https://gitlab.com', sub: '7', name: null, email: 'linus@kernel.example', state: 'renewing' }),
        session(now, { id: 's-mk', profile: 'ops', sub: 'mk', name: 'Margaret Hamilton', email: 'margaret@apollo.example', state: 'offline', expires_at: after(now, 4), renews_at: after(now, 1), problem: offlineProblem }),
        session(now, { id: 's-kj', profile: 'shop', sub: 'kj', name: 'Katherine Johnson', email: 'katherine@langley.example', state: 'sign_in_required', expires_at: after(now, -1), renews_at: null, problem: endedProblem }),
        grace(now, { id: 's-bl', profile: 'labs-2', sub: 'bl', name: 'Barbara Liskov', email: 'barbara@clu.example', issued_at: after(now, -57), expires_at: after(now, 3), renews_at: null, renewable: false }),
      ],
      sign_ins: [signIn(now, { id: 'f-7', profile: 'staging' })],
    }),
  profiles: () => showing({ profiles: [profile(), profile({ name: 'google', issuer: 'https://accounts.google.com' })] }),
  vaultOpening: () => vault({ state: 'opening', message: 'The keyring has been asked and has not answered yet.' }),
  vaultLocked: () =>
    vault({ state: 'locked', message: 'The keyring of this session is locked.', hint: 'Unlock it, then try again; or go on without it for now.' }),
  vaultPassphrase: () =>
    vault({
      kind: 'passphrase',
      state: 'locked',
      message: 'The vault is sealed with your passphrase.',
      hint: 'Enter it here, or with “doorkey vault unlock”.',
      code: 'store.locked',
    }),
  vaultFirstPassphrase: () =>
    vault({
      kind: 'passphrase',
      state: 'locked',
      message: 'The vault is to be sealed with a passphrase, and has none yet.',
      hint: 'Choose one: `doorkey vault unlock` asks for it.',
      code: 'store.no_passphrase',
    }),
  vaultWrongPassphrase: () =>
    vault({
      kind: 'passphrase',
      state: 'locked',
      message: 'That is not the passphrase of this vault.',
      hint: 'Type it again.',
      code: 'store.wrong_passphrase',
    }),
  vaultNoService: () =>
    vault({ state: 'no_service', message: 'No program offers the Secret Service on this session’s bus.', hint: 'Start one, such as gnome-keyring or KWallet, or keep sign-ins in memory.' }),
  vaultKeyMissing: () =>
    vault({ state: 'key_missing', message: 'There are sealed sign-ins, and the keyring has no key for them.', hint: 'Restore the keyring, or sign in again; the old files are kept.' }),
  agentProblem: (now) => [
    connected,
    {
      type: 'present',
      ...present({
        hello: { ...hello, problems: [refusal('config.parse', 'profiles.toml has a mistake at line 12, column 3: unknown key `scops`.', 'Correct it; the other profiles go on working.')] },
        profiles: [profile()],
        sessions: [session(now)],
      }),
    },
  ],
  journal: (now) => signedIn(session(now), grace(now)),
  journalEmpty: (now) => signedIn(session(now)),
  journalMany: (now) => signedIn(session(now), grace(now)),
  journalLive: (now) => signedIn(session(now), grace(now)),
  ...Object.fromEntries(
    ['Empty', '', 'Reading', 'Running', 'Done', 'Left', 'Missing', 'None'].map((state) => [`scenarios${state}`, (now: number) => signedIn(session(now), grace(now))]),
  ),
  lost: (now) => [
    ...signedIn(session(now), grace(now)),
    {
      type: 'connection',
      connection: { state: 'lost', refusal: refusal('broker.unavailable', 'the Doorkey agent is not running.') },
    },
  ],
  unreachable: () => [
    {
      type: 'connection',
      connection: {
        state: 'lost',
        refusal: refusal(
          'broker.untrusted_socket',
          '/run/user/1000/doorkey cannot be trusted: it belongs to another user. Nothing was sent.',
          'Remove it if it is yours; otherwise tell whoever looks after this machine.',
        ),
      },
    },
  ],
};
