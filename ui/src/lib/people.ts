// How a person and a provider are shown.

import type { Session } from './api/Session';
import { words } from './words';

/** For display: identity is `iss` and `sub`. */
export function nameOf(session: Session): string {
  return session.label ?? givenNameOf(session);
}

/** What the provider calls the person, whatever the person calls the account. */
export function givenNameOf(session: Session): string {
  return session.name ?? session.email ?? session.sub;
}

/** The second line: what tells two of the same name apart. */
export function detailOf(session: Session): string {
  return [session.email, session.sub].find((known) => known && known !== nameOf(session)) ?? session.sub;
}

/** One or two letters for the disc. */
export function initials(session: Session): string {
  const parts = nameOf(session).split('@', 1)[0]?.split(/[\s._|-]+/u).filter(Boolean) ?? [];
  const first = letter(parts[0]);
  const last = parts.length > 1 ? letter(parts[parts.length - 1]) : '';
  return (first + last).toLocaleUpperCase() || '?';
}

function letter(part: string | undefined): string {
  return [...(part ?? '')].find((character) => /[\p{L}\p{N}]/u.test(character)) ?? '';
}

/** One of six colours, the same for the same person on every start. */
export function colourOf(session: Session): number {
  // FNV-1a, and its upper half: names that differ in one letter differ in their colour.
  let hash = 0x811c9dc5;
  for (const character of session.issuer + session.sub) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  }
  return ((hash ^ (hash >>> 16)) % 6 + 6) % 6 + 1;
}

/** The host of an issuer; the whole text where it is no address. */
export function hostOf(issuer: string): string {
  try {
    return new URL(issuer).host;
  } catch {
    return issuer;
  }
}

/** What the demo's own profile is called; `start_demo` makes it. */
export const DEMO_PROFILE = 'demo';

export function providerOf(issuer: string, profile: string): string {
  const host = hostOf(issuer);
  const loopback = /^(127\.0\.0\.1|\[::1\]|localhost)(:\d+)?$/.test(host);
  return profile === DEMO_PROFILE && loopback ? words.accounts.demoProvider : host;
}
