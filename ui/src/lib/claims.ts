// Claims as people read them: which say who it is and which belong to the protocol, and what is a time.

/** Seconds since 1970 (RFC 7519 section 2), and `updated_at`, which some write as a text. */
const TIMES = new Set(['exp', 'iat', 'nbf', 'auth_time', 'updated_at', 'created_at']);

/** What says how the token was made, not who it is about. */
const PROTOCOL = new Set(['aud', 'exp', 'iat', 'nbf', 'auth_time', 'nonce', 'acr', 'amr', 'azp', 'at_hash', 'c_hash', 's_hash', 'sid', 'jti', 'ver', 'rh', 'uti', 'aio']);

export type Members = { [key in string]?: unknown };

export interface Claim {
  name: string;
  /** As it stands there. */
  raw: string;
  /** The moment, where it is one. */
  time: Date | null;
  /** Where it comes from, where several tell. */
  sources: string[];
}

function rawOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value.join('\n');
  return JSON.stringify(value, null, 2) ?? '';
}

function timeOf(name: string, value: unknown): Date | null {
  if (!TIMES.has(name)) return null;
  const moment = typeof value === 'number' ? value * 1000 : typeof value === 'string' ? Date.parse(value) : NaN;
  return Number.isFinite(moment) && Math.abs(moment) < 8.64e15 ? new Date(moment) : null;
}

/** Each once, where all who tell it say the same. */
export function claimsOf(told: readonly { source: string; members: Members | null }[]): Claim[] {
  const claims: Claim[] = [];
  for (const { source, members } of told) {
    for (const [name, value] of Object.entries(members ?? {})) {
      const raw = rawOf(value);
      const same = claims.find((one) => one.name === name && one.raw === raw);
      if (same) same.sources.push(source);
      else claims.push({ name, raw, time: timeOf(name, value), sources: [source] });
    }
  }
  return claims;
}

export function isProtocol(claim: Claim): boolean {
  return PROTOCOL.has(claim.name);
}

/** What is known of a name. A provider may call a claim anything, `constructor` too. */
export function explained(words: Readonly<Record<string, string>>, name: string): string {
  return Object.prototype.hasOwnProperty.call(words, name) ? (words[name] ?? '') : '';
}
