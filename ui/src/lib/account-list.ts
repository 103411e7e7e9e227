// Which accounts are shown, in which groups, and where one goes that is moved. Plain values, as everything that is tested line by line.

import type { Session } from './api/Session';
import { hostOf, providerOf } from './people';

const MINUTE = 60_000;

/** Whether only the person can go on: at once, or before an end that no renewal moves. */
export function needsPerson(session: Session, now: number): boolean {
  if (session.state === 'sign_in_required' || session.state === 'expired') return true;
  return !!session.ends?.notice_at && Date.parse(session.ends.notice_at) <= now;
}

/** Those that need the person, as one text: it is the same from one second to the next, and nothing is drawn anew. */
export function pressing(sessions: readonly Session[], now: number): string {
  return sessions.filter((session) => needsPerson(session, now)).map((session) => session.id).join('\n');
}

/**
 * The last moment at which what is said of a session changed: minutes count, and seconds only where a figure below two
 * minutes is shown. Whatever is drawn of it is the same from then to `now`.
 */
export function lastChange(session: Session, now: number): number {
  let last = Math.min(now, Date.parse(session.issued_at));
  for (const at of [session.expires_at, session.renews_at]) {
    if (at === null) continue;
    const left = Date.parse(at) - now;
    if (left > 0 && left < 2 * MINUTE) return now;
    last = Math.max(last, left <= 0 ? now + left : now - MINUTE + (left % MINUTE) + 1);
  }
  const notice = session.ends?.notice_at ? Date.parse(session.ends.notice_at) : Infinity;
  return notice <= now ? Math.max(last, notice) : last;
}

const texts = new WeakMap<Session, string>();

/** Without accents and capitals: who searches for `muller` means Müller. */
function plain(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLocaleLowerCase();
}

function textOf(session: Session): string {
  const known = texts.get(session);
  if (known !== undefined) return known;
  const { label, name, email, sub, issuer, profile, scope, audience } = session;
  const text = plain([label, name, email, sub, hostOf(issuer), providerOf(issuer, profile), profile, audience, ...scope].filter(Boolean).join('\n'));
  texts.set(session, text);
  return text;
}

/** Every word of the query, wherever it stands: name, e-mail, label, provider, profile or scope. */
export function found(sessions: readonly Session[], query: string): readonly Session[] {
  const parts = plain(query).split(/\s+/).filter(Boolean);
  return parts.length === 0 ? sessions : sessions.filter((session) => parts.every((part) => textOf(session).includes(part)));
}

export function finds(query: string, ...known: string[]): boolean {
  const text = plain(known.join('\n'));
  return plain(query).split(/\s+/).every((part) => text.includes(part));
}

export interface Group {
  /** `needs`, `rest` or the provider's name. */
  key: string;
  sessions: readonly Session[];
}

/** What needs the person comes first; the rest in the person's own order, or by provider in the order these appear in. */
export function grouped(sessions: readonly Session[], needy: string, byProvider: boolean): Group[] {
  const ids = new Set(needy.split('\n'));
  const groups = new Map<string, Session[]>();
  const put = (key: string, session: Session) => {
    const there = groups.get(key);
    if (there) there.push(session);
    else groups.set(key, [session]);
  };
  for (const session of sessions) if (ids.has(session.id)) put('needs', session);
  for (const session of sessions) if (!ids.has(session.id)) put(byProvider ? providerOf(session.issuer, session.profile) : 'rest', session);
  return [...groups].map(([key, members]) => ({ key, sessions: members }));
}

/** The first so many, group by group. */
export function firstOf(groups: readonly Group[], count: number): Group[] {
  let left = count;
  return groups.flatMap(({ key, sessions }) => {
    const some = sessions.length <= left ? sessions : sessions.slice(0, left);
    left -= some.length;
    return some.length === 0 ? [] : [{ key, sessions: some }];
  });
}

/** The position among all that brings one past its neighbour in what is shown; nothing at the edge. */
export function positionPast(all: readonly Session[], shown: readonly Session[], id: string, by: -1 | 1): number | null {
  const neighbour = shown[shown.findIndex((one) => one.id === id) + by];
  const at = neighbour === undefined ? -1 : all.findIndex((one) => one.id === neighbour.id);
  return at < 0 || !shown.some((one) => one.id === id) ? null : at;
}

/** The profiles that hold several: only there does it matter which is meant. */
export function shared(sessions: readonly Session[]): ReadonlySet<string> {
  const once = new Set<string>();
  return new Set(sessions.map(({ profile }) => profile).filter((profile) => once.size === once.add(profile).size));
}
