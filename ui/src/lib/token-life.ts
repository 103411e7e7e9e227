// The moments in the life of a token and of a sign-in, and where they stand on a line.

import type { Event } from './api/Event';
import type { Session } from './api/Session';

export type MomentKind = 'signed_in' | 'renewed' | 'received' | 'now' | 'renewal' | 'token_end' | 'notice' | 'end';

export interface Moment {
  kind: MomentKind;
  at: number;
}

export interface Line {
  /** With its place on the line, from 0 to 1. */
  marks: (Moment & { part: number })[];
  /** How much of it is over. */
  passed: number;
  /** Nobody says where it ends. */
  open: boolean;
}

/** A line without an end is drawn as far as this when it is now. */
const OPEN_PART = 0.7;

function at(text: string | null | undefined): number | null {
  return text ? Date.parse(text) : null;
}

function some(kind: MomentKind, moment: number | null): Moment[] {
  return moment === null ? [] : [{ kind, at: moment }];
}

function drawn(from: number, to: number | null, now: number, moments: Moment[]): Line {
  const length = Math.max(1, to === null ? (now - from) / OPEN_PART : to - from);
  const part = (moment: number) => Math.min(1, Math.max(0, (moment - from) / length));
  return { marks: moments.map((moment) => ({ ...moment, part: part(moment.at) })), passed: part(now), open: to === null };
}

/** From its receipt to its end. */
export function tokenLine(session: Session, now: number): Line {
  const received = Date.parse(session.issued_at);
  const end = at(session.expires_at);
  return drawn(received, end, now, [...some('renewal', at(session.renews_at)), ...(end !== null && end > now ? some('now', now) : [])]);
}

/** From the sign-in to the refresh token's own end. */
export function signInLine(session: Session, renewals: readonly number[], now: number): Line {
  const begin = Date.parse(session.signed_in_at);
  return drawn(begin, at(session.ends?.at), now, [...renewals.map((one): Moment => ({ kind: 'renewed', at: one })), ...some('notice', at(session.ends?.notice_at)), { kind: 'now', at: now }]);
}

/** Everything in the order of time, for those who read it: the newest few of the renewals. */
export function moments(session: Session, renewals: readonly number[], now: number, few: number): Moment[] {
  const past = renewals.filter((one) => Math.abs(one - Date.parse(session.issued_at)) > 2_000);
  const all: Moment[] = [
    { kind: 'signed_in', at: Date.parse(session.signed_in_at) },
    ...past.slice(-few).map((one): Moment => ({ kind: 'renewed', at: one })),
    ...(session.issued_at === session.signed_in_at ? [] : some('received', Date.parse(session.issued_at))),
    { kind: 'now', at: now },
    ...some('renewal', at(session.renews_at)),
    ...some('token_end', at(session.expires_at)),
    ...some('notice', at(session.ends?.notice_at)),
    ...some('end', at(session.ends?.at)),
  ];
  return all.sort((one, other) => one.at - other.at);
}

/** When it was renewed since the sign-in, as the journal tells: it names the profile, not the account. */
export function renewalsOf(session: Session, ...journals: (readonly Event[])[]): number[] {
  const bySeq = new Map(journals.flat().map((event) => [event.seq, event]));
  const since = Date.parse(session.signed_in_at);
  return [...bySeq.values()]
    .filter((event) => event.kind === 'renewed' && event.profile === session.profile)
    .map((event) => Date.parse(event.at))
    .filter((moment) => moment >= since)
    .sort((one, other) => one - other);
}

/** The newest thing that was done with the profile and can be looked at step by step. */
export function newestFlow(session: Session, ...journals: (readonly Event[])[]): string | null {
  const newest = journals
    .flat()
    .filter((event) => event.flow && event.profile === session.profile && (event.kind === 'renewed' || event.kind === 'signed_in' || event.kind === 'renewal_failed'))
    .sort((one, other) => other.seq - one.seq)[0];
  return newest?.flow ?? null;
}
