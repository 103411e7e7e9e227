// The form of an account to add, as values: what is typed, what it means, what is wrong with it.

import type { Profile } from './api/Profile';
import type { ProfileView } from './api/ProfileView';
import type { Provider } from './api/Provider';
import type { Refusal } from './api/Refusal';
import type { ProfileEntry } from './host-words';
import { hostOf } from './people';
import { words } from './words';

export type FieldName = 'issuer' | 'clientId' | 'scopes' | 'audience' | 'secret' | 'name' | 'ports';

export type Problems = Partial<Record<FieldName, string>>;

export interface ProfileForm {
  issuer: string;
  clientId: string;
  scopes: string[];
  audience: string;
  secret: string;
  name: string;
  ports: string;
  redirectPath: string;
  /** Whether the provider refuses this application without a secret. */
  wantsSecret: boolean;
  /** What the form does not show and must not lose, keys that came after it included. */
  kept: Kept;
  /** What was filled in for the person; what they typed over it stays. */
  offered: { scopes: readonly string[]; ports: string };
}

type Shown = 'name' | 'issuer' | 'client_id' | 'scopes' | 'audience' | 'ports' | 'redirect_path';
type Kept = Omit<Profile, Shown>;

/** `openid` is always asked for: without it there is no ID token to tell who signed in. */
export const NEEDED_SCOPE = 'openid';
const WANTED_SCOPES = [NEEDED_SCOPE, 'profile', 'email', 'offline_access'];
const LONGEST_NAME = 64;

export function emptyForm(): ProfileForm {
  return {
    issuer: '',
    clientId: '',
    scopes: [...WANTED_SCOPES],
    audience: '',
    secret: '',
    name: '',
    ports: '',
    redirectPath: `/cb/${randomSegment()}`,
    wantsSecret: false,
    kept: keptOf(),
    offered: { scopes: WANTED_SCOPES, ports: '' },
  };
}

function keptOf(): Kept {
  return { resources: [], redirect_host: '127.0.0.1', params: {} };
}

export function formOf(view: ProfileView): ProfileForm {
  const { has_client_secret: _secret, has_client_key: _key, redirect_uris, registered: _registered, setup: _setup, ...profile } = view;
  const { name, issuer, client_id, scopes, audience, ports, redirect_path, ...kept } = profile;
  const usual = withoutOpenId(kept) ? [] : WANTED_SCOPES;
  return {
    issuer,
    clientId: client_id,
    scopes: scopes.length > 0 ? [...scopes] : [...usual],
    audience: audience ?? '',
    secret: '',
    name,
    ports: ports.join(', '),
    redirectPath: redirect_path ?? pathOf(redirect_uris[0]),
    wantsSecret: false,
    kept,
    offered: { scopes: [], ports: '' },
  };
}

/** Whether nobody could be named by an ID token: OAuth alone, or an application that asks for itself. */
export function withoutOpenId(kept: Kept): boolean {
  return kept.account !== undefined || kept.grant === 'client_credentials';
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

/** Takes over what the provider says of itself and what its product needs, where the person has not said otherwise. */
export function withProvider(form: ProfileForm, provider: Provider, taken: readonly string[], nameTyped: boolean): ProfileForm {
  const supported = provider.scopes_supported;
  const { scopes = [], client_secret: wantsSecret = false, ...needs } = provider.suggested ?? {};
  const unknown = (scope: string) =>
    supported.length > 0 && WANTED_SCOPES.includes(scope) && scope !== NEEDED_SCOPE && !supported.includes(scope);
  const offered = {
    scopes: scopes.length > 0 ? scopes : WANTED_SCOPES.filter((scope) => !unknown(scope)),
    ports: provider.suggested_ports.join(', '),
  };
  const untouched = same(form.scopes, form.offered.scopes);
  return {
    ...form,
    scopes: untouched ? [...offered.scopes] : form.scopes.filter((scope) => !unknown(scope)),
    ports: form.ports.trim() === form.offered.ports ? offered.ports : form.ports,
    name: nameTyped ? form.name : suggestedName(provider, taken),
    wantsSecret,
    kept: { ...keptOf(), ...needs },
    offered,
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
  const ports = portsOf(form.ports) ?? [];
  const at = (port: number | string) => `http://${form.kept.redirect_host}:${port}${form.redirectPath}`;
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
  if (form.issuer.trim() === '') problems.issuer = texts.issuerMissing;
  if (form.clientId.trim() === '') problems.clientId = texts.clientIdMissing;
  else if (/\s/.test(form.clientId.trim())) problems.clientId = texts.clientIdSpaces;
  if (form.name.trim() === '') problems.name = texts.nameMissing;
  else if (!/^[A-Za-z0-9._-]{1,64}$/.test(form.name.trim())) problems.name = texts.nameLetters;
  else if (taken.includes(form.name.trim())) problems.name = texts.nameTaken;
  if (portsOf(form.ports) === null) problems.ports = texts.ports;
  if (form.wantsSecret && form.secret === '') problems.secret = texts.secretMissing;
  return problems;
}

export function entryOf(form: ProfileForm, issuer: string): ProfileEntry {
  const entry: ProfileEntry = {
    ...form.kept,
    name: form.name.trim(),
    issuer,
    client_id: form.clientId.trim(),
    scopes: form.scopes,
    ports: portsOf(form.ports) ?? [],
    redirect_path: form.redirectPath,
  };
  if (form.audience.trim() !== '') entry.audience = form.audience.trim();
  if (form.secret !== '') entry.client_secret = form.secret;
  return entry;
}

const FIELDS: readonly [RegExp, FieldName][] = [
  [/^(config\.(bad_|insecure_)?issuer|discovery\.|net\.)/, 'issuer'],
  [/^config\..*client_id/, 'clientId'],
  [/^config\..*secret/, 'secret'],
  [/^config\..*scope/, 'scopes'],
  [/^config\..*(audience|resource)/, 'audience'],
  [/^config\..*(port|redirect)/, 'ports'],
  [/^config\..*(name|profile)/, 'name'],
];

/** The field a refusal of the agent is about; nothing when it is about no field. */
export function fieldOf(refusal: Refusal): FieldName | null {
  return FIELDS.find(([code]) => code.test(refusal.code))?.[1] ?? null;
}
