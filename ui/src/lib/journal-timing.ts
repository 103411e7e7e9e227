// When each step of a flow was, and how long it took: what the small waterfall draws.

import type { Event } from './api/Event';
import { timeOf } from './journal-entries';

export interface Timing {
  /** Since the flow began, in milliseconds: when the step began, and when it was over. */
  start: number;
  end: number;
  /** Since the step before it was over; the first since the beginning. */
  since: number;
  /** Nothing happened for so long before it. */
  gap: number;
  /** Where it stands on the drawn scale, from 0 to 1. */
  left: number;
  width: number;
}

/** A pause worth a line of its own: it is the person's, or the provider's, not ours. */
export const LONG_GAP = 1_000;

/** A pause is drawn no longer than this part of what was busy, so that a minute in the browser leaves the rest to be seen. */
const PAUSE_DRAWN = 0.35;
const LEAST_BUSY = 40;

function took(event: Event): number {
  if (event.kind === 'exchanged') return event.exchange.took_ms;
  return 'took_ms' in event && typeof event.took_ms === 'number' ? event.took_ms : 0;
}

/** `events`: all of one flow, the oldest first. An entry is written when its step is over. */
export function timings(events: readonly Event[]): Timing[] {
  const ends = events.map(timeOf);
  const starts = events.map((event, at) => ends[at]! - took(event));
  const zero = Math.min(...starts, ...ends);

  const pauses: { from: number; length: number }[] = [];
  let busyUntil = zero;
  let busy = 0;
  const gaps: number[] = [];
  const byStart = events.map((_, at) => at).sort((one, other) => starts[one]! - starts[other]! || one - other);
  for (const at of byStart) {
    const gap = Math.max(0, starts[at]! - busyUntil);
    gaps[at] = gap;
    if (gap > 0) pauses.push({ from: busyUntil, length: gap });
    busy += Math.max(0, ends[at]! - Math.max(busyUntil, starts[at]!));
    busyUntil = Math.max(busyUntil, ends[at]!);
  }

  const longest = Math.max(LEAST_BUSY, busy) * PAUSE_DRAWN;
  /** A moment on the drawn scale: every pause before it is cut. */
  const drawn = (moment: number) => {
    let at = moment - zero;
    for (const { from, length } of pauses) {
      const inside = Math.min(length, Math.max(0, moment - from));
      at -= Math.max(0, inside - longest);
    }
    return at;
  };
  const whole = Math.max(1, drawn(busyUntil));
  return events.map((_, at) => ({
    start: starts[at]! - zero,
    end: ends[at]! - zero,
    since: at === 0 ? 0 : ends[at]! - ends[at - 1]!,
    gap: gaps[at] ?? 0,
    left: drawn(starts[at]!) / whole,
    width: (drawn(ends[at]!) - drawn(starts[at]!)) / whole,
  }));
}
