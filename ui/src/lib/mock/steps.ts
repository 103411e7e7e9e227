// Sign-ins in step mode, paused wherever it is worth a look; and a provider that answers when one goes on. No part of the
// program that ships.

import type { Edit } from '../api/Edit';
import type { Edited } from '../api/Edited';
import type { Event } from '../api/Event';
import type { Exchange } from '../api/Exchange';
import type { Pair } from '../api/Pair';
import type { Pause } from '../api/Pause';
import type { Refusal } from '../api/Refusal';
import type { SignIn } from '../api/SignIn';
import type { Message } from '../host-words';
import { CLIENT, exchange, idToken, ISSUER, keys, metadata, Pen, plain, secret, tokenAsked } from './journal';
import { after, present, profile, refusal, session, signIn } from './samples';

const PROFILE = 'work';
const REDIRECT = 'http://127.0.0.1:49152/cb/k3j9x2ma';

/** What waits, in the order of a sign-in. */
export const stages = ['metadata', 'authorization', 'token', 'keys', 'userinfo', 'save'] as const;
export type Stage = (typeof stages)[number];

const agent = plain({ accept: 'application/json', 'user-agent': 'Doorkey/0.1.0' });
const get = (path: string, headers: Pair[] = []) => ({ method: 'GET', url: `${ISSUER}${path}`, headers: [...agent, ...headers], form: [] });
const asked: Pair[] = [
  ...plain({ response_type: 'code', client_id: CLIENT, redirect_uri: REDIRECT, scope: 'openid profile email offline_access' }),
  ...secret({ state: '5eed1e55', nonce: '3fd1a2b4' }),
  ...plain({ code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256' }),
];

export function pauseBefore(stage: Stage, number = stages.indexOf(stage) + 1): Pause {
  const pause = { number, before: stage, query: [] };
  switch (stage) {
    case 'metadata':
      return { ...pause, request: get('.well-known/openid-configuration'), editable: ['header'] };
    case 'keys':
      return { ...pause, request: get('.well-known/jwks.json'), editable: ['header'] };
    case 'authorization': {
      const query = asked.map(({ name, value, secret }) => `${name}=${secret ? `[fingerprint ${value}]` : encodeURIComponent(value)}`);
      return { ...pause, request: { method: 'GET', url: `${ISSUER}authorize?${query.join('&')}`, headers: [], form: [] }, query: asked, editable: ['query', 'address'] };
    }
    case 'token':
      return { ...pause, request: (tokenAsked(0, { access: '', refresh: '' }) as { exchange: Exchange }).exchange.request, editable: ['form', 'header', 'query', 'address'] };
    case 'userinfo':
      return { ...pause, request: get('userinfo', secret({ authorization: 'c001d00d' })), editable: ['header', 'query', 'address'] };
    case 'save':
      return { ...pause, request: null, editable: [] };
  }
}

const scopeEdited: Edited[] = [{ place: 'query', name: 'scope', before: ['openid profile email offline_access'], after: ['openid'] }];

/** What comes of a stage once it was gone on from. */
function write(pen: Pen, flow: string, stage: Stage, edited?: Edited[]): void {
  const of = { profile: PROFILE, flow };
  switch (stage) {
    case 'metadata':
      pen.after(134).write(metadata, of).after(2).write({ kind: 'checked', subject: 'discovery', checks: [
        { name: 'discovery.issuer', outcome: 'passed', expected: ISSUER, got: ISSUER, source: 'RFC 8414 3.3' },
        { name: 'discovery.pkce', outcome: 'passed', expected: 'S256', got: 'S256 plain', source: 'RFC 9700 2.1.1' },
      ] }, of).after(1).write({ kind: 'listening', redirect_uri: REDIRECT }, of);
      break;
    case 'authorization':
      pen.after(4).write({ kind: 'authorization_requested', url: `${ISSUER}authorize`, parameters: asked, ...(edited ? { edited } : {}) }, of).after(40).write({ kind: 'browser_opened' }, of);
      break;
    case 'token':
      pen.after(214).write(edited ? withEdits(tokenAsked(209, { access: 'c001d00d', refresh: 'f00dfeed' }), edited) : tokenAsked(209, { access: 'c001d00d', refresh: 'f00dfeed' }), of).after(1)
        .write({ kind: 'tokens_received', took_ms: 210, expires_in: 3_600, scope: ['openid', 'profile', 'email', 'offline_access'], access_token: 'c001d00d', refresh_token: 'f00dfeed' }, of)
        .after(2).write({ kind: 'checked', subject: 'granted', checks: [{ name: 'granted.scope', outcome: 'passed', expected: 'openid profile email offline_access', got: 'openid profile email offline_access', source: 'RFC 6749 3.3' }] }, of);
      break;
    case 'keys':
      pen.after(63).write(keys, of).after(3).write({ kind: 'checked', subject: 'id_token', checks: idToken('passed') }, of);
      break;
    case 'userinfo':
      pen.after(96).write(exchange('userinfo', 'userinfo', { request: pauseBefore('userinfo').request!, answer: { status: 200, headers: plain({ 'content-type': 'application/json' }), body: JSON.stringify({ sub: 'auth0|6710b2f3a9', name: 'Ada Lovelace', email: 'ada@example.com' }) }, took_ms: 94 }), of)
        .after(1).write({ kind: 'checked', subject: 'userinfo', checks: [{ name: 'userinfo.sub', outcome: 'passed', expected: 'auth0|6710b2f3a9', got: 'auth0|6710b2f3a9', source: 'OpenID Connect Core 5.3.2' }] }, of);
      break;
    case 'save':
      if (edited) pen.after(120).write({ kind: 'not_kept', sub: 'auth0|6710b2f3a9', revoked: true } as never, of);
      else pen.after(12).write({ kind: 'saved', generation: 4, took_ms: 11 }, of).after(1).write({ kind: 'signed_in', sub: 'auth0|6710b2f3a9' }, of);
  }
}

function withEdits(kind: ReturnType<typeof tokenAsked>, edited: Edited[]): typeof kind {
  return kind.kind === 'exchanged' ? { ...kind, exchange: { ...kind.exchange, edited } } : kind;
}

/** Everything before a stage, so that it was reached just now. */
function before(stage: Stage, now: number, edited = false): Pen {
  const pen = new Pen(now - 62_000, 40);
  pen.write({ kind: 'sign_in_started' }, { profile: PROFILE, flow: 'f-step' });
  for (const one of stages.slice(0, stages.indexOf(stage))) {
    pen.after(5_200);
    write(pen, 'f-step', one, edited && one === 'authorization' ? scopeEdited : undefined);
    if (one === 'authorization') pen.after(11_250).write({ kind: 'callback_received', parameters: [...secret({ code: '51c0ffee', state: '5eed1e55' }), ...plain({ iss: ISSUER })] }, { profile: PROFILE, flow: 'f-step' });
  }
  return pen;
}

const nonceProblem: Refusal = {
  ...refusal('token.invalid_grant', 'The provider does not take the code: the verifier does not fit (invalid_grant).', 'Start again: a code is good once, for a short time, and with its own verifier.'),
  profile: PROFILE,
};

/** A refused token request whose verifier somebody had edited. */
function refused(now: number): Pen {
  const pen = before('token', now);
  const of = { profile: PROFILE, flow: 'f-step' };
  const edited: Edited[] = [{ place: 'form', name: 'code_verifier', before: ['a90b77e1'], after: ['77aa01fe'], secret: true }];
  const sent = tokenAsked(88, { access: '', refresh: '' });
  if (sent.kind !== 'exchanged') return pen;
  const answer = { status: 400, headers: plain({ 'content-type': 'application/json', 'cache-control': 'no-store' }), body: JSON.stringify({ error: 'invalid_grant', error_description: 'PKCE verification failed' }) };
  return pen
    .after(90)
    .write({ kind: 'exchanged', exchange: { ...sent.exchange, answer, edited } }, of)
    .after(2)
    .write({ kind: 'checked', subject: 'token', checks: [
      { name: 'token.error', outcome: 'failed', expected: 'tokens', got: 'invalid_grant', source: 'RFC 6749 5.2' },
      { name: 'token.cache_control', outcome: 'passed', expected: 'no-store', got: 'no-store', source: 'RFC 6749 5.1' },
    ] }, of)
    .after(1)
    .write({ kind: 'sign_in_failed', refusal: nonceProblem }, of);
}

/** The journal of a scene. */
export function stepsIn(scene: string, now: number): Event[] {
  if (scene === 'stepFailed') return refused(now).events;
  if (scene === 'stepBrowser') {
    const pen = before('authorization', now);
    write(pen, 'f-step', 'authorization');
    return pen.events;
  }
  if (scene === 'stepDone' || scene === 'stepNotKept') {
    const pen = before('save', now, scene === 'stepNotKept');
    write(pen, 'f-step', 'save', scene === 'stepNotKept' ? scopeEdited : undefined);
    return pen.events;
  }
  if (scene === 'stepStopped') return before('token', now).after(400).write({ kind: 'sign_in_cancelled' }, { profile: PROFILE, flow: 'f-step' }).events;
  if (scene === 'stepEdited') return before('userinfo', now, true).events;
  const stage = stages.find((one) => scene.toLowerCase() === `step${one}`) ?? 'token';
  return before(stage, now).events;
}

/** A long life, many fields, names that hardly end. */
function longPause(): Pause {
  const pause = pauseBefore('token');
  const jwt = `eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.${'eyJzdWIiOiJhIn0'.repeat(90)}.${'c2lnbmF0dXJl'.repeat(28)}`;
  const form = [
    ...pause.request!.form,
    { name: 'assertion_of_a_kind_that_only_this_provider_knows_and_names_at_length', value: jwt },
    ...Array.from({ length: 14 }, (_, at) => ({ name: 'resource', value: `https://api.eu-central-1.a-very-long-company-name.example.org/orders/v${at + 1}` })),
  ];
  return { ...pause, request: { ...pause.request!, url: `https://identity-provider.production.eu-central-1.internal.a-very-long-company-name.example.org/realms/main/protocol/openid-connect/token`, form } };
}

/** Whether the other device is done, asked again and again. */
export function devicePause(number: number): Pause {
  const pause = pauseBefore('token', number);
  const form = [...plain({ grant_type: 'urn:ietf:params:oauth:grant-type:device_code', client_id: CLIENT }), ...secret({ device_code: '0d1ce0de' })];
  return { ...pause, request: { ...pause.request!, form } };
}

/** Values that are told otherwise than they are sent: what is opaque in them is replaced, what is long is cut off. */
function alteredPause(): Pause {
  const pause = pauseBefore('authorization');
  const query = pause.query.map((pair) => (pair.name === 'scope' ? { ...pair, value: 'openid https://api.example/[fingerprint 1a2b3c4d]', altered: true } : pair));
  return { ...pause, query };
}

function paused(now: number, changes: Partial<SignIn>): Message[] {
  const one = signIn(now, { id: 'f-step', profile: PROFILE, started_at: after(now, -1), deadline: after(now, 13.6), ...changes });
  return [
    { type: 'connection', connection: { state: 'connected', agent: 'here' } },
    { type: 'present', ...present({ profiles: [profile(), profile({ name: 'lab', issuer: 'https://id.staging.acme.example/realms/main' })], sign_ins: [one] }) },
  ];
}

export const stepScenes: Record<string, (now: number) => Message[]> = {
  stepMetadata: (now) => paused(now, { step: 'discovering', pause: pauseBefore('metadata') }),
  stepAuthorization: (now) => paused(now, { step: 'discovering', pause: pauseBefore('authorization') }),
  stepBrowser: (now) => paused(now, { deadline: after(now, 14.2) }),
  stepToken: (now) => paused(now, { step: 'exchanging', pause: pauseBefore('token') }),
  stepLong: (now) => paused(now, { step: 'exchanging', pause: longPause() }),
  stepAltered: (now) => paused(now, { step: 'discovering', pause: alteredPause() }),
  stepDevice: (now) => paused(now, { step: 'waiting', device: { user_code: 'WDJB-MJHT', verification_uri: `${ISSUER}activate`, verification_uri_complete: null, expires_at: after(now, 9) }, pause: devicePause(4) }),
  stepEdited: (now) => paused(now, { step: 'verifying', pause: pauseBefore('userinfo'), edited: true }),
  stepSave: (now) => paused(now, { step: 'saving', pause: pauseBefore('save') }),
  stepDone: (now) => paused(now, { step: 'done', session: session(now) }),
  stepNotKept: (now) => paused(now, { step: 'done', edited: true }),
  stepFailed: (now) => paused(now, { step: 'failed', edited: true, error: nonceProblem }),
  stepStopped: (now) => paused(now, { step: 'cancelled' }),
};

/** Refused as the agent refuses: what could lead a secret to somebody else. */
function badEdit(edits: readonly Edit[]): Refusal | null {
  for (const edit of edits) {
    if (edit.change === 'address' && !edit.url.startsWith('/') && !edit.url.startsWith(ISSUER)) {
      return refusal('usage.bad_edit', 'The address is of another server, or has a user name or a fragment.', 'Give a path, or an address with the same scheme, host and port.');
    }
    if (edit.change !== 'address' && edit.place === 'header' && edit.name.toLowerCase() === 'host') {
      return refusal('usage.bad_edit', `The header \`${edit.name}\` belongs to the connection, or names another server.`, 'Change another header.');
    }
  }
  return null;
}

/** Plays the agent for one sign-in: goes on when it is told to, and tells what came of it. */
export class StepPlay {
  #pen = new Pen(Date.now(), 1_000);
  #edited = false;
  #at: Stage;

  constructor(private signIn: SignIn, private tell: (message: Message) => void, at: Stage = 'metadata') {
    this.#at = at;
    this.#edited = signIn.edited === true;
  }

  begin(): void {
    this.#event(() => this.#pen.write({ kind: 'sign_in_started' }, { profile: this.signIn.profile, flow: this.signIn.id }));
    this.#move({ step: 'discovering', pause: pauseBefore(this.#at) });
  }

  go(edits: readonly Edit[]): Promise<SignIn> {
    const why = badEdit(edits);
    if (why) return Promise.reject(why);
    const { pause: _, ...rest } = this.signIn;
    this.signIn = { ...rest, deadline: after(Date.now(), 15) };
    const edited = edits.map((edit): Edited => ({
      place: edit.change === 'address' ? 'address' : edit.place,
      name: edit.change === 'address' ? '' : edit.name,
      before: [],
      after: edit.change === 'remove' ? [] : [edit.change === 'address' ? edit.url : edit.value],
    }));
    this.#move(edited.length > 0 ? { edited: true } : {});
    this.#edited ||= edited.length > 0;
    setTimeout(() => this.#answered(edited.length > 0 ? edited : undefined), 350);
    return Promise.resolve(this.signIn);
  }

  #answered(edited: Edited[] | undefined): void {
    this.#event(() => write(this.#pen, this.signIn.id, this.#at, this.#at === 'save' ? (this.#edited ? [] : undefined) : edited));
    const next = stages[stages.indexOf(this.#at) + 1];
    if (this.#at === 'authorization') {
      this.#move({ step: 'waiting' });
      setTimeout(() => {
        this.#event(() => this.#pen.write({ kind: 'callback_received', parameters: [...secret({ code: '51c0ffee', state: '5eed1e55' }), ...plain({ iss: ISSUER })] }, { profile: this.signIn.profile, flow: this.signIn.id }));
        this.#next(next!);
      }, 2_000);
    } else if (next) this.#next(next);
    else this.#move({ step: 'done', session: this.#edited ? null : session(Date.now(), { profile: this.signIn.profile }) });
  }

  #next(stage: Stage): void {
    this.#at = stage;
    this.#move({ step: stage === 'save' ? 'saving' : 'exchanging', pause: pauseBefore(stage) });
  }

  #move(changes: Partial<SignIn>): void {
    this.signIn = { ...this.signIn, ...changes };
    this.tell({ type: 'sign_in', sign_in: this.signIn });
  }

  #event(act: () => void): void {
    const before = this.#pen.events.length;
    this.#pen.to(Date.now());
    act();
    for (const event of this.#pen.events.slice(before)) this.tell({ type: 'event', ...event });
  }
}
