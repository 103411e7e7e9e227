// A recorded journal for tests, for pages in a plain browser and for screenshots. No part of the program that ships.

import type { Check } from '../api/Check';
import type { Event } from '../api/Event';
import type { EventKind } from '../api/EventKind';
import type { Exchange } from '../api/Exchange';
import type { JournalPage } from '../api/JournalPage';
import type { Pair } from '../api/Pair';
import type { Refusal } from '../api/Refusal';
import { refusal } from './samples';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Writes entries as the agent does: each with a number and a time. */
export class Pen {
  readonly events: Event[] = [];
  #at: number;

  constructor(at: number, private seq = 0) {
    this.#at = at;
  }

  /** So many milliseconds later. */
  after(ms: number): this {
    this.#at += ms;
    return this;
  }

  to(at: number): this {
    this.#at = at;
    return this;
  }

  write(kind: EventKind, of: { profile?: string; flow?: string } = {}): this {
    this.seq += 1;
    this.events.push({ seq: this.seq, at: new Date(this.#at).toISOString(), ...of, ...kind } as Event);
    return this;
  }
}

export const ISSUER = 'https://acme.eu.auth0.com/';
export const CLIENT = 'k3Jx92LmPq7TzW0aVbNc';

export function plain(all: Record<string, string>): Pair[] {
  return Object.entries(all).map(([name, value]) => ({ name, value }));
}

export function secret(all: Record<string, string>): Pair[] {
  return Object.entries(all).map(([name, value]) => ({ name, value, secret: true }));
}

export function exchange(purpose: string, path: string, changes: Partial<Exchange> = {}): EventKind {
  return {
    kind: 'exchanged',
    exchange: {
      purpose,
      request: { method: 'GET', url: `${ISSUER}${path}`, headers: plain({ accept: 'application/json', 'user-agent': 'Doorkey/0.1.0' }), form: [] },
      answer: { status: 200, headers: plain({ 'content-type': 'application/json', date: 'Wed, 25 Nov 2026 13:02:11 GMT' }), body: '{}' },
      took_ms: 84,
      ...changes,
    },
  };
}

export const metadata = exchange('metadata', '.well-known/openid-configuration', {
  answer: {
    status: 200,
    headers: plain({ 'content-type': 'application/json; charset=utf-8', 'cache-control': 'public, max-age=15', 'x-request-id': '8c1f00aa' }),
    body: JSON.stringify({
      issuer: ISSUER,
      authorization_endpoint: `${ISSUER}authorize`,
      token_endpoint: `${ISSUER}oauth/token`,
      jwks_uri: `${ISSUER}.well-known/jwks.json`,
      userinfo_endpoint: `${ISSUER}userinfo`,
      revocation_endpoint: `${ISSUER}oauth/revoke`,
      code_challenge_methods_supported: ['S256', 'plain'],
      id_token_signing_alg_values_supported: ['RS256'],
    }),
  },
  took_ms: 132,
});

export const keys = exchange('keys', '.well-known/jwks.json', {
  answer: {
    status: 200,
    headers: plain({ 'content-type': 'application/json' }),
    body: '',
    unchanged: '2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae',
  },
  took_ms: 61,
});

export function tokenAsked(took_ms: number, tokens: { access: string; refresh: string }): EventKind {
  return exchange('token', 'oauth/token', {
    request: {
      method: 'POST',
      url: `${ISSUER}oauth/token`,
      headers: plain({ accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' }),
      form: [
        ...plain({ grant_type: 'authorization_code', client_id: CLIENT, redirect_uri: 'http://127.0.0.1:49152/cb/k3j9x2ma' }),
        ...secret({ code: '51c0ffee', code_verifier: 'a90b77e1', client_secret: '0d15ea5e' }),
      ],
    },
    answer: {
      status: 200,
      headers: plain({ 'content-type': 'application/json', 'cache-control': 'no-store', date: 'Wed, 25 Nov 2026 13:02:53 GMT' }),
      body: JSON.stringify({
        access_token: `[fingerprint ${tokens.access}]`,
        refresh_token: `[fingerprint ${tokens.refresh}]`,
        id_token: '[fingerprint 7be1c2d3]',
        token_type: 'Bearer',
        expires_in: 3_600,
        scope: 'openid profile email offline_access',
      }),
    },
    took_ms,
  });
}

export function idToken(nonce: 'passed' | 'failed'): Check[] {
  const core = (section: string) => `OpenID Connect Core ${section}`;
  return [
    { name: 'idtoken.format', outcome: 'passed', expected: 'three parts of base64url', got: 'three parts', source: 'RFC 7515 3.1, RFC 7519 7.2' },
    { name: 'idtoken.alg', outcome: 'passed', expected: 'RS256', got: 'RS256', source: `${core('3.1.3.7 (7)')}, RFC 8725 3.1` },
    { name: 'idtoken.typ', outcome: 'passed', expected: 'JWT or nothing', got: 'JWT', source: 'RFC 8725 3.11' },
    { name: 'idtoken.signature', outcome: 'passed', expected: 'a signature by a key of the provider', got: 'RS256 by k-2026-11', source: core('3.1.3.7 (6)') },
    { name: 'idtoken.iss', outcome: 'passed', expected: ISSUER, got: ISSUER, source: core('3.1.3.7 (2)') },
    { name: 'idtoken.aud', outcome: 'passed', expected: CLIENT, got: CLIENT, source: core('3.1.3.7 (3)') },
    { name: 'idtoken.azp', outcome: 'not_applicable', expected: 'our client ID where there are several audiences', got: 'one audience', source: core('3.1.3.7 (4), (5)') },
    { name: 'idtoken.exp', outcome: 'passed', expected: 'in the future', got: 'in 10 hours', source: core('3.1.3.7 (9)') },
    { name: 'idtoken.iat', outcome: 'warned', expected: 'now, give or take 60 s', got: '74 s ago', source: core('3.1.3.7 (10)') },
    nonce === 'passed'
      ? { name: 'idtoken.nonce', outcome: 'passed', expected: 'the nonce that was sent', got: 'the same', source: core('3.1.3.7 (11)') }
      : { name: 'idtoken.nonce', outcome: 'failed', expected: 'the nonce that was sent (3fd1a2b4)', got: 'another one (90ab12cd)', source: core('3.1.3.7 (11)') },
    { name: 'idtoken.sub', outcome: 'passed', expected: 'a text of at most 255 characters', got: 'auth0|6710b2f3a9', source: core('2') },
    { name: 'idtoken.at_hash', outcome: 'passed', expected: 'the hash of the access token', got: 'the same', source: core('3.1.3.8') },
  ];
}

/** A sign-in in the browser, up to where the provider's answer is judged. */
function toTheTokens(pen: Pen, of: { profile: string; flow: string }, inBrowser: number, access: string): void {
  pen
    .write({ kind: 'sign_in_started' }, of)
    .after(134)
    .write(metadata, of)
    .after(63)
    .write(keys, of)
    .after(2)
    .write({ kind: 'discovered', issuer: ISSUER, took_ms: 197 }, of)
    .after(1)
    .write({ kind: 'listening', redirect_uri: 'http://127.0.0.1:49152/cb/k3j9x2ma' }, of)
    .write({ kind: 'authorization_requested', url: `${ISSUER}authorize`, parameters: [...plain({ response_type: 'code', client_id: CLIENT, scope: 'openid profile email offline_access', code_challenge_method: 'S256' }), ...secret({ state: '5eed1e55', nonce: '3fd1a2b4' })] }, of)
    .after(42)
    .write({ kind: 'browser_opened' }, of)
    .after(inBrowser)
    .write({ kind: 'callback_received', parameters: [...secret({ code: '51c0ffee', state: '5eed1e55' }), ...plain({ iss: ISSUER })] }, of)
    .after(214)
    .write(tokenAsked(209, { access, refresh: 'f00dfeed' }), of)
    .after(1)
    .write({ kind: 'tokens_received', took_ms: 210, expires_in: 3_600, scope: ['openid', 'profile', 'email', 'offline_access'], access_token: access, refresh_token: 'f00dfeed' }, of);
}

function signInDone(pen: Pen, of: { profile: string; flow: string }, inBrowser: number, sub: string, access: string): void {
  toTheTokens(pen, of, inBrowser, access);
  pen
    .after(3)
    .write({ kind: 'checked', subject: 'id_token', checks: idToken('passed') }, of)
    .after(96)
    .write(exchange('userinfo', 'userinfo', { request: { method: 'GET', url: `${ISSUER}userinfo`, headers: [...plain({ accept: 'application/json' }), ...secret({ authorization: access })], form: [] }, answer: { status: 200, headers: plain({ 'content-type': 'application/json' }), body: JSON.stringify({ sub, name: 'Ada Lovelace', email: 'ada@example.com' }) }, took_ms: 94 }), of)
    .after(1)
    .write({ kind: 'checked', subject: 'userinfo', checks: [{ name: 'userinfo.sub', outcome: 'passed', expected: sub, got: sub, source: 'OpenID Connect Core 5.3.2' }] }, of)
    .after(12)
    .write({ kind: 'saved', generation: 4, took_ms: 11 }, of)
    .after(1)
    .write({ kind: 'signed_in', sub }, of);
}

const nonceMismatch: Refusal = {
  ...refusal(
    'idtoken.nonce_mismatch',
    'the ID token has another nonce than the one that was sent: it may belong to another sign-in.',
    'Start again. If it happens again, tell whoever runs the provider: it must return the nonce of this very request.',
  ),
  profile: 'work',
};

const unreachable: Refusal = { ...refusal('net.connect', 'acme.eu.auth0.com:443 could not be reached: connection refused.', 'Check your connection; nothing was lost.'), retryable: true };

const REPORT = '/home/ada/bin/report';

/** A day and a half with everything in it that is worth a look; the newest entry is two minutes old. */
export function recorded(now: number): Event[] {
  const pen = new Pen(now - 30 * HOUR);
  const work = (flow: string) => ({ profile: 'work', flow });
  pen
    .write({ kind: 'agent_started', version: '0.1.0' })
    .after(40)
    .write({ kind: 'vault_changed', vault: { kind: 'keyring', state: 'opening', message: 'the keyring has been asked and has not answered yet.', hint: '' } })
    .after(1_800)
    .write({ kind: 'vault_changed', vault: { kind: 'keyring', state: 'ready', message: '', hint: '' } })
    .after(40 * SECOND)
    .write({ kind: 'profile_saved' }, { profile: 'work' })
    .after(3 * SECOND);
  signInDone(pen, work('f-yesterday'), 18_400, 'auth0|6710b2f3a9', '9ac0ffee');
  pen
    .after(49 * MINUTE)
    .write({ kind: 'renewal_started', reason: 'planned' }, work('r-first'))
    .after(222)
    .write(exchange('renewal', 'oauth/token', { request: { method: 'POST', url: `${ISSUER}oauth/token`, headers: plain({ accept: 'application/json' }), form: [...plain({ grant_type: 'refresh_token', client_id: CLIENT }), ...secret({ refresh_token: 'f00dfeed' })] }, took_ms: 220 }), work('r-first'))
    .after(1)
    .write({ kind: 'tokens_received', took_ms: 221, expires_in: 3_600, scope: ['openid', 'profile', 'email', 'offline_access'], access_token: '1badb002', refresh_token: 'decafbad' }, work('r-first'))
    .after(9)
    .write({ kind: 'saved', generation: 5, took_ms: 8 }, work('r-first'))
    .write({ kind: 'renewed', expires_at: new Date(now - 28 * HOUR).toISOString(), renews_at: new Date(now - 28.2 * HOUR).toISOString() }, work('r-first'))
    .after(10 * MINUTE)
    .write({ kind: 'agent_stopped' });

  // Another agent: it counts from the beginning.
  const next = new Pen(now - 5 * HOUR);
  next
    .write({ kind: 'agent_started', version: '0.1.0' })
    .after(30)
    .write({ kind: 'vault_changed', vault: { kind: 'keyring', state: 'locked', message: 'the keyring of this session is locked.', hint: 'Unlock it, then try again.', code: 'store.locked' } })
    .after(9_000)
    .write({ kind: 'vault_changed', vault: { kind: 'keyring', state: 'ready', message: '', hint: '' } })
    .after(50)
    // Of a newer agent: no type here knows it.
    .write({ kind: 'clock_compared', skew: { seconds: 74, source: 'the provider’s Date header' }, trusted: false } as unknown as EventKind)
    .after(90 * MINUTE);
  toTheTokens(next, work('f-refused'), 26_310, 'baddcafe');
  next
    .after(4)
    .write({ kind: 'checked', subject: 'id_token', checks: idToken('failed') }, work('f-refused'))
    .after(1)
    .write({ kind: 'sign_in_failed', refusal: nonceMismatch }, work('f-refused'))
    .after(70 * SECOND);
  signInDone(next, work('f-today'), 11_250, 'auth0|6710b2f3a9', 'c001d00d');
  next
    .after(4 * MINUTE)
    .write({ kind: 'consent_asked', program: REPORT, pid: 4711, audience: 'https://api.acme.example/v2', resource: [], scope: ['read:orders'] }, { profile: 'work' })
    .after(6_400)
    .write({ kind: 'consent_given', program: REPORT, audience: 'https://api.acme.example/v2', resource: [], scope: ['read:orders'], expires_at: new Date(now + 30 * 24 * HOUR).toISOString() }, { profile: 'work' })
    .after(12)
    .write({ kind: 'further_token_asked', audience: 'https://api.acme.example/v2', resources: [], scope: ['read:orders'], connection: null }, work('a-orders'))
    .after(180)
    .write({ kind: 'tokens_received', took_ms: 178, expires_in: 900, scope: ['read:orders'], access_token: 'ab5ca1e5', refresh_token: 'f00dfeed' }, work('a-orders'))
    .after(2)
    .write({ kind: 'checked', subject: 'granted', checks: [{ name: 'granted.scope', outcome: 'passed', expected: 'read:orders', got: 'read:orders', source: 'RFC 6749 3.3' }] }, work('a-orders'))
    .after(9)
    .write({ kind: 'saved', generation: 7, took_ms: 8 }, work('a-orders'))
    .after(2)
    .write({ kind: 'token_given', program: REPORT, pid: 4711, access_token: 'ab5ca1e5' }, { profile: 'work' })
    .after(3 * MINUTE)
    .write({ kind: 'token_given', program: '/usr/lib/git-core/git-remote-https', pid: 5120, access_token: 'c001d00d' }, { profile: 'work' })
    .after(40 * SECOND)
    .write({ kind: 'consent_denied', program: '/usr/bin/curl', resource: [], expires_at: null }, { profile: 'work' })
    .after(4)
    .write({ kind: 'token_refused', program: '/usr/bin/curl', pid: 5301, refusal: refusal('broker.denied', 'you have denied /usr/bin/curl tokens of “work”.', 'Allow it on the page Programs.') }, { profile: 'work' })
    .after(38 * MINUTE)
    .write({ kind: 'renewal_started', reason: 'planned' }, work('r-offline'))
    .after(3_012)
    .write(exchange('renewal', 'oauth/token', { request: { method: 'POST', url: `${ISSUER}oauth/token`, headers: plain({ accept: 'application/json' }), form: [...plain({ grant_type: 'refresh_token', client_id: CLIENT }), ...secret({ refresh_token: 'f00dfeed' })] }, answer: null, problem: 'connection refused', took_ms: 3_008 }), work('r-offline'))
    .after(2)
    .write({ kind: 'renewal_failed', refusal: unreachable, next_try: new Date(now - 2 * HOUR).toISOString() }, work('r-offline'))
    .after(30 * SECOND)
    .write({ kind: 'renewal_started', reason: 'planned' }, work('r-again'))
    .after(199)
    .write(exchange('renewal', 'oauth/token', { request: { method: 'POST', url: `${ISSUER}oauth/token`, headers: plain({ accept: 'application/json' }), form: [...plain({ grant_type: 'refresh_token', client_id: CLIENT }), ...secret({ refresh_token: 'f00dfeed' })] }, took_ms: 196 }), work('r-again'))
    .write({ kind: 'tokens_received', took_ms: 197, expires_in: 3_600, scope: ['openid', 'profile', 'email', 'offline_access'], access_token: '0ff1ce00', refresh_token: 'b105f00d' }, work('r-again'))
    .after(7)
    .write({ kind: 'saved', generation: 8, took_ms: 6 }, work('r-again'))
    .write({ kind: 'renewed', expires_at: new Date(now + 0.4 * HOUR).toISOString(), renews_at: new Date(now + 0.3 * HOUR).toISOString() }, work('r-again'))
    .to(now - 26 * MINUTE)
    .write({ kind: 'sign_in_started' }, { profile: 'a-profile-whose-name-hardly-ends-anywhere-at-all', flow: 'f-device' })
    .after(140)
    .write({ kind: 'device_code_received', took_ms: 120, expires_at: new Date(now - 11 * MINUTE).toISOString() }, { profile: 'a-profile-whose-name-hardly-ends-anywhere-at-all', flow: 'f-device' })
    .after(48 * SECOND)
    .write({ kind: 'sign_in_cancelled' }, { profile: 'a-profile-whose-name-hardly-ends-anywhere-at-all', flow: 'f-device' })
    .to(now - 9 * MINUTE)
    .write({ kind: 'signed_out', steps: [{ step: 'revoke', done: false, reason: 'the provider does not answer' }, { step: 'forget', done: true, reason: '' }] }, { profile: 'lab', flow: 'o-lab' })
    .to(now - 2 * MINUTE)
    .write({ kind: 'token_given', program: '/usr/local/bin/kubectl', pid: 6002, access_token: '0ff1ce00' }, { profile: 'work' });
  return [...pen.events, ...next.events];
}

/** As many entries as are wanted: renewals, hand-outs and sign-ins of the last days, always the same. */
export function long(now: number, count: number): Event[] {
  const pen = new Pen(now - Math.ceil(count / 8) * 7 * MINUTE);
  for (let turn = 0; pen.events.length < count; turn += 1) {
    const profile = ['work', 'lab', 'kernel', 'shop'][turn % 4]!;
    if (turn % 9 === 4) signInDone(pen, { profile, flow: `f-${turn}` }, 4_000 + (turn % 7) * 900, `auth0|${turn % 5}`, hex(turn));
    else {
      const of = { profile, flow: `r-${turn}` };
      pen.write({ kind: 'renewal_started', reason: turn % 3 === 0 ? 'token_asked' : 'planned' }, of).after(150 + (turn % 11) * 20);
      if (turn % 13 === 5) pen.write({ kind: 'renewal_failed', refusal: unreachable, next_try: null }, of);
      else {
        pen
          .write({ kind: 'tokens_received', took_ms: 150, expires_in: 3_600, scope: ['openid', 'offline_access'], access_token: hex(turn), refresh_token: hex(turn + 1) }, of)
          .after(8)
          .write({ kind: 'saved', generation: turn, took_ms: 7 }, of)
          .write({ kind: 'renewed', expires_at: null, renews_at: null }, of);
      }
    }
    for (let given = 0; given < turn % 5; given += 1) {
      pen.after(20 * SECOND).write({ kind: 'token_given', program: ['/usr/bin/git', '/usr/local/bin/kubectl', REPORT][given % 3]!, pid: 4_000 + turn, access_token: hex(turn) }, { profile });
    }
    pen.after(4 * MINUTE);
  }
  return pen.events.slice(0, count);
}

function hex(number: number): string {
  return (Math.imul(number + 1, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0');
}

/** What the agent answers: the newest entries, or the newest of those before the last one of that number. */
export function pageOf(events: readonly Event[], before: number | null, limit: number): JournalPage {
  const end = before === null ? events.length : Math.max(0, events.map(({ seq }) => seq).lastIndexOf(before));
  const start = Math.max(0, end - limit);
  return { version: 1, events: events.slice(start, end), older: start > 0 };
}

/** What is in the journal of a scene. */
export function journalIn(scene: string, now: number): Event[] {
  if (scene === 'journalMany') return long(now, 10_000);
  return scene.startsWith('journal') && scene !== 'journalEmpty' ? recorded(now) : [];
}

/** From now on something happens again and again: a program is given a token. */
export function goOn(before: readonly Event[], tell: (event: Event) => void): void {
  let seq = before[before.length - 1]?.seq ?? 0;
  setInterval(() => {
    seq += 1;
    tell({ seq, at: new Date().toISOString(), profile: 'work', kind: 'token_given', program: '/usr/bin/git', pid: 4_000 + seq, access_token: '0ff1ce00' });
  }, 700);
}
