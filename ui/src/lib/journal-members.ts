// An entry's members one by one, whatever they are: for tables, for search and for comparing.

import type { Event } from './api/Event';

export interface Member {
  /** Such as `exchange.answer.status`; a header or a field of a form by its name. */
  path: string;
  value: string;
  /** The value is a fingerprint of what it stands for. */
  secret: boolean;
}

/** What every entry has, and is told elsewhere. */
const COMMON = new Set(['type', 'seq', 'at', 'profile', 'flow', 'kind']);

/** Members whose value is a secret wherever they stand; in the journal each is a fingerprint. */
export const SECRETS: ReadonlySet<string> = new Set([
  'access_token',
  'refresh_token',
  'id_token',
  'token',
  'code',
  'code_verifier',
  'client_secret',
  'client_assertion',
  'device_code',
  'user_code',
  'state',
  'nonce',
  'registration_access_token',
  'authorization',
  'dpop',
  'cookie',
  'set-cookie',
]);

const FINGERPRINT = /^[0-9a-f]{8}$/;
/** How one stands in a text: in an address, in a body. */
const IN_TEXT = /^\[fingerprint [0-9a-f]{8}\]$/;

export function isFingerprint(name: string, value: string): boolean {
  return IN_TEXT.test(value) || (SECRETS.has(name.toLowerCase()) && FINGERPRINT.test(value));
}

export function flat(event: Event): Member[] {
  const found: Member[] = [];
  for (const [name, value] of Object.entries(event)) if (!COMMON.has(name)) walk(name, value, found);
  return found;
}

/**
 * The same of any document, such as the claims of a token, so that two values are the same text only where they are the
 * same JSON: `true` is not "true", and nothing is left out. The order in a list of values says nothing.
 */
export function membersOf(document: object): Member[] {
  const found: Member[] = [];
  for (const [name, value] of Object.entries(document)) leaves(name, value, found);
  return found;
}

function leaves(path: string, value: unknown, found: Member[]): void {
  if (value === undefined) return;
  const isObject = typeof value === 'object' && value !== null;
  const parts = isObject ? Object.entries(value) : [];
  if (isObject && parts.length > 0 && !(Array.isArray(value) && value.every(isPlain))) {
    for (const [name, part] of parts) leaves(`${path}.${name}`, part, found);
    return;
  }
  const name = path.slice(path.lastIndexOf('.') + 1);
  found.push({ path, value: written(value), secret: typeof value === 'string' && isFingerprint(name, value) });
}

function isPlain(value: unknown): boolean {
  return typeof value !== 'object' || value === null;
}

/** A text as it is, unless it could be taken for another value; all else as JSON. */
function written(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((one) => JSON.stringify(one)).sort().join(', ')}]`;
  return typeof value === 'string' && !isJson(value) ? value : JSON.stringify(value);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** By their paths, each once: a name may come again, and one with a dot may look like a member of another. */
export function byPath(members: readonly Member[]): Map<string, Member> {
  const found = new Map<string, Member>();
  for (const member of members) {
    let path = member.path;
    for (let again = 2; found.has(path); again += 1) path = `${member.path} (${again})`;
    found.set(path, { ...member, path });
  }
  return found;
}

function walk(path: string, value: unknown, found: Member[]): void {
  if (value === null || value === undefined) return;
  if (Array.isArray(value)) {
    if (value.length > 0 && value.every(isPair)) {
      for (const pair of value) found.push({ path: `${path}.${pair.name}`, value: String(pair.value), secret: pair.secret === true });
    } else if (value.every((one) => typeof one !== 'object')) {
      if (value.length > 0) found.push({ path, value: value.join(' '), secret: false });
    } else {
      // A check by its name: its place says nothing.
      value.forEach((one, at) => walk(`${path}.${isNamed(one) ? one.name : at}`, one, found));
    }
    return;
  }
  if (typeof value === 'object') {
    for (const [name, member] of Object.entries(value)) {
      // It is in the path already.
      if (name !== 'name' || !path.endsWith(`.${member}`)) walk(`${path}.${name}`, member, found);
    }
    return;
  }
  const text = String(value);
  const name = path.slice(path.lastIndexOf('.') + 1);
  found.push({ path, value: text, secret: isFingerprint(name, text) });
}

function isPair(value: unknown): value is { name: string; value: unknown; secret?: boolean } {
  if (typeof value !== 'object' || value === null) return false;
  return 'name' in value && 'value' in value && Object.keys(value).every((key) => key === 'name' || key === 'value' || key === 'secret');
}

function isNamed(value: unknown): value is { name: string } {
  return typeof value === 'object' && value !== null && 'name' in value && typeof value.name === 'string';
}
