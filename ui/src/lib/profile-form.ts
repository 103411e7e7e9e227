// The form of an account to add, as values: what is typed, what it means, what is wrong with it.

import type { Profile } from './api/Profile';
import type { ProfileView } from './api/ProfileView';
import type { Provider } from './api/Provider';
import type { FieldName } from './field-of';
import type { ProfileEntry } from './host-words';
import { hostOf } from './people';
import { words } from './words';

export type Problems = Partial<Record<FieldName, string>>;

export interface ProfileForm {
  issuer: string;
  clientId: string;
  /** As the person chose them; nothing where they left it to what is known of the provider. So with `name` and `ports`. */
  scopes: string[] | null;
  audience: string;
  secret: string;
  name: string | null;
  ports: string | null;
  redirectPath: string;
  /** What the form does not show and must not lose, keys that came after it included. It is no provider's. */
  kept: Kept;
  /** What is known of providers, each at its own address: nothing of one counts at another. */
  known: ReadonlyMap<string, Known>;
  /** The profile that is being changed: where it leads, and whether the vault has the secret given there. */
  saved: { issuer: string; hasSecret: boolean } | null;
}

/** What is known of one provider: what it offers to fill in, and what no other may get. */
export interface Known {
  name: string;
  scopes: readonly string[];
  ports: string;
  /** Whether it refuses this application without a secret. */
  wantsSecret: boolean;
  needs: Needs;
}

/** The form as it counts at the address in it. */
export interface Meant {
  name: string;
  scopes: readonly string[];
  ports: string;
  /** What is not shown. */
  hidden: Kept & Needs;
  /** `kept`: the vault has it. `of_another`: the vault has one, and it was given by the provider of before. */
  secret: 'optional' | 'wanted' | 'kept' | 'of_another';
}

type Shown = 'name' | 'issuer' | 'client_id' | 'scopes' | 'audience' | 'ports' | 'redirect_path';
type OfProvider = 'endpoints' | 'account' | 'client_auth' | 'preset';
type Kept = Omit<Profile, Shown | OfProvider>;
type Needs = Partial<Pick<Profile, OfProvider | 'redirect_host' | 'params'>>;

/** `openid` is always asked for: without it there is no ID token to tell who signed in. */
export const NEEDED_SCOPE = 'openid';
const WANTED_SCOPES = [NEEDED_SCOPE, 'profile', 'email', 'offline_access'];
const LONGEST_NAME = 64;

/** Of an address that nobody has answered at. */
const NOTHING: Known = { name: '', scopes: WANTED_SCOPES, ports: '', wantsSecret: false, needs: {} };

export function emptyForm(): ProfileForm {
  return {
    issuer: '',
    clientId: '',
    scopes: null,
    audience: '',
    secret: '',
    name: null,
    ports: null,
    redirectPath: `/cb/${randomSegment()}`,
    kept: { resources: [], redirect_host: '127.0.0.1', params: {} },
    known: new Map(),
    saved: null,
  };
}

export function formOf(view: ProfileView): ProfileForm {
  const { has_client_secret: hasSecret, has_client_key: _key, redirect_uris, registered: _registered, setup: _setup, ...profile } = view;
  const { name, issuer, client_id, scopes, audience, ports, redirect_path, ...hidden } = profile;
  const { endpoints, account, client_auth, preset, ...kept } = hidden;
  const needs: Needs = { ...(endpoints && { endpoints }), ...(account && { account }), ...(client_auth && { client_auth }), ...(preset && { preset }) };
  const usual = withoutOpenId(hidden) ? [] : WANTED_SCOPES;
  const offered = scopes.length === 0 || same(scopes, WANTED_SCOPES) || account !== undefined;
  const own: Known = { ...NOTHING, scopes: scopes.length > 0 ? scopes : usual, needs };
  return {
    issuer,
    clientId: client_id,
    scopes: offered ? null : [...scopes],
    audience: audience ?? '',
    secret: '',
    name,
    ports: ports.length > 0 ? ports.join(', ') : null,
    redirectPath: redirect_path ?? pathOf(redirect_uris[0]),
    kept,
    known: new Map([[addressOf(issuer), own]]),
    saved: { issuer, hasSecret },
  };
}

/** What providers are told apart by here. A slash at the end does not lead elsewhere. */
function addressOf(issuer: string): string {
  return issuer.trim().replace(/\/+$/, '');
}

/** Whether the profile that is being changed still leads where it did. */
export function leadsWhereItDid(form: ProfileForm): boolean {
  return form.saved !== null && addressOf(form.saved.issuer) === addressOf(form.issuer);
}

/** What was typed, else what is known of the provider at this address, and of no other. */
export function meantBy(form: ProfileForm): Meant {
  const known = form.known.get(addressOf(form.issuer)) ?? NOTHING;
  const { params, ...needs } = known.needs;
  const secret = (): Meant['secret'] => {
    if (form.saved?.hasSecret) return leadsWhereItDid(form) ? 'kept' : 'of_another';
    return known.wantsSecret ? 'wanted' : 'optional';
  };
  return {
    name: form.name ?? known.name,
    scopes: form.scopes ?? known.scopes,
    ports: form.ports ?? known.ports,
    hidden: { ...form.kept, ...needs, params: { ...params, ...form.kept.params } },
    secret: secret(),
  };
}

/** Whether nobody could be named by an ID token: OAuth alone, or an application that asks for itself. */
export function withoutOpenId({ account, grant }: Pick<Profile, 'account' | 'grant'>): boolean {
  return account !== undefined || grant === 'client_credentials';
}

/** A path of its own per profile (RFC 8252 section 8.10), fixed from the first keystroke: it is pasted elsewhere. */
function randomSegment(): string {
  const letters = 'abcdefghijkmnpqrstuvwxyz23456789';
  return [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => letters[byte % letters.length]).join('');
}

function pathOf(redirectUri: string | undefined): string {
  return redirectUri?.replace(/^https?:\/\/[^/]*/, '') || `/cb/${randomSegment()}`;
}

/** Whether it is worth asking the network: a domain, an address, or a host of this computer. */
export function looksLikeIssuer(text: string): boolean {
  const typed = text.trim();
  return /^https?:\/\/[^\s/]+/i.test(typed) || /^[^\s/]+\.[^\s/.]{2,}/.test(typed) || /^(localhost|\[::1\])(:\d+)?/.test(typed);
}

/**
 * Learns what the provider at an address says of itself and what its product needs; a profile's own settings stay.
 * `said`: the product, where a person had to say it because the address does not.
 */
export function withProvider(form: ProfileForm, address: string, provider: Provider, taken: readonly string[], said: string | null = null): ProfileForm {
  if (form.saved !== null && addressOf(form.saved.issuer) === addressOf(address)) return form;
  const supported = provider.scopes_supported;
  const { scopes = [], client_secret: wantsSecret = false, ...needs } = provider.suggested ?? {};
  const unknown = (scope: string) =>
    supported.length > 0 && WANTED_SCOPES.includes(scope) && scope !== NEEDED_SCOPE && !supported.includes(scope);
  const found: Known = {
    name: suggestedName(provider, taken),
    scopes: scopes.length > 0 ? scopes : WANTED_SCOPES.filter((scope) => !unknown(scope)),
    ports: provider.suggested_ports.join(', '),
    wantsSecret,
    needs: said !== null && provider.preset === said ? { ...needs, preset: said } : needs,
  };
  const needed = withoutOpenId({ ...form.kept, ...needs }) ? [] : [NEEDED_SCOPE];
  return {
    ...form,
    scopes: form.scopes && [...new Set([...needed, ...form.scopes.filter((scope) => !unknown(scope))])],
    known: new Map(form.known).set(addressOf(address), found),
  };
}

function same(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((scope) => other.includes(scope));
}

/** Short and telling: the tenant, the product, or the domain's own word. */
export function suggestedName(provider: Provider, taken: readonly string[]): string {
  const host = hostOf(provider.issuer).replace(/:\d+$/, '');
  const parts = host.split('.');
  const own = /^[\d.]+$|^\[/.test(host) ? 'local' : (parts.length > 2 ? parts[0] : parts[parts.length - 2]) ?? host;
  const generic = ['accounts', 'login', 'auth', 'id', 'sso', 'www', 'account', 'identity', 'signin', 'oauth'];
  const word = generic.includes(own) ? (provider.preset ?? parts[parts.length - 2] ?? own) : own;
  const base = word.toLowerCase().replace(/[^a-z0-9._-]+/g, '-').slice(0, LONGEST_NAME - 4) || 'account';
  for (let count = 1; ; count += 1) {
    const name = count === 1 ? base : `${base}-${count}`;
    if (!taken.includes(name)) return name;
  }
}

/** The ports, or nothing when one of them is not a port. */
export function portsOf(text: string): number[] | null {
  const typed = text.split(/[\s,;]+/).filter(Boolean);
  const ports = typed.map(Number);
  return ports.every((port) => Number.isInteger(port) && port >= 1024 && port <= 65535) ? [...new Set(ports)] : null;
}

/** What to register at the provider; `PORT` where any will do. */
export function redirectUris(form: ProfileForm): string[] {
  const { ports: typed, hidden } = meantBy(form);
  const ports = portsOf(typed) ?? [];
  const at = (port: number | string) => `http://${hidden.redirect_host}:${port}${form.redirectPath}`;
  return ports.length > 0 ? ports.map(at) : [at('PORT')];
}

/** The same as they are registered: a port that is ours to choose is left out (RFC 8252 section 7.3). */
export function registeredUris(form: ProfileForm): string[] {
  return redirectUris(form).map((uri) => uri.replace(':PORT', ''));
}

/** What can be told without asking the agent, which checks all of it again. */
export function problemsOf(form: ProfileForm, taken: readonly string[]): Problems {
  const texts = words.add.problems;
  const problems: Problems = {};
  const { name, ports, secret } = meantBy(form);
  if (form.issuer.trim() === '') problems.issuer = texts.issuerMissing;
  if (form.clientId.trim() === '') problems.clientId = texts.clientIdMissing;
  else if (/\s/.test(form.clientId.trim())) problems.clientId = texts.clientIdSpaces;
  if (name.trim() === '') problems.name = texts.nameMissing;
  else if (!/^[A-Za-z0-9._-]{1,64}$/.test(name.trim())) problems.name = texts.nameLetters;
  else if (taken.includes(name.trim())) problems.name = texts.nameTaken;
  if (portsOf(ports) === null) problems.ports = texts.ports;
  if (form.secret === '' && secret === 'wanted') problems.secret = texts.secretMissing;
  if (form.secret === '' && secret === 'of_another') problems.secret = texts.secretOfAnother(hostOf(form.saved?.issuer ?? ''));
  return problems;
}

export function entryOf(form: ProfileForm, issuer: string): ProfileEntry {
  const { name, scopes, ports, hidden } = meantBy(form);
  const entry: ProfileEntry = {
    ...hidden,
    name: name.trim(),
    issuer,
    client_id: form.clientId.trim(),
    scopes: [...scopes],
    ports: portsOf(ports) ?? [],
    redirect_path: form.redirectPath,
  };
  if (form.audience.trim() !== '') entry.audience = form.audience.trim();
  if (form.secret !== '') entry.client_secret = form.secret;
  return entry;
}
