// The steps that a sign-in in step mode has gone through: each request with what came of it.

import type { Event } from './api/Event';
import { keyOf, timeOf } from './journal-entries';
import { told, type Icon, type Tone } from './journal-words';

export interface Gone {
  key: string;
  title: string;
  icon: Icon;
  /** The worst of what came of it. */
  tone: Tone;
  /** What came of it, in one line: of that which did not hold, where there is something. */
  detail: string;
  edited: boolean;
  at: number;
  /** The request first. */
  events: readonly Event[];
}

/** Where a new step begins; everything else belongs to the one before it. */
const BEGINS = new Set<Event['kind']>([
  'exchanged',
  'authorization_requested',
  'saved',
  'not_saved',
  'not_kept',
  'signed_in',
  'sign_in_failed',
  'sign_in_cancelled',
]);
const TONES: readonly Tone[] = ['plain', 'good', 'warn', 'bad'];

/** Of one flow, the oldest first. What happens before the first request is no step. */
export function gone(events: readonly Event[]): Gone[] {
  const groups: Event[][] = [];
  for (const event of events) {
    if (BEGINS.has(event.kind)) groups.push([event]);
    else groups.at(-1)?.push(event);
  }
  return groups.map(stepOf);
}

function stepOf(events: Event[]): Gone {
  const main = events[0]!;
  const said = told(main);
  const worst = events.map(told).reduce((one, other) => (TONES.indexOf(other.tone) > TONES.indexOf(one.tone) ? other : one), said);
  return {
    key: keyOf(main),
    title: said.title,
    icon: said.icon,
    tone: worst.tone,
    detail: worst.detail,
    edited: isEdited(main),
    at: timeOf(main),
    events,
  };
}

export function isRequest({ kind }: Event): boolean {
  return kind === 'exchanged' || kind === 'authorization_requested';
}

function isEdited(event: Event): boolean {
  if (event.kind === 'exchanged') return event.exchange.edited !== undefined;
  return event.kind === 'authorization_requested' && event.edited !== undefined;
}

/** How old the code is that the browser brought, in milliseconds; nothing where none came. */
export function ageOfCode(events: readonly Event[], now: number): number | null {
  const came = events.filter(({ kind }) => kind === 'callback_received').at(-1);
  return came ? Math.max(0, now - timeOf(came)) : null;
}
