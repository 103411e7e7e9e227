// The journal's entries as one list, whichever way they came: in pieces of history, or live.

import type { Event } from './api/Event';

/** What one entry is known by. The number alone will not do: an agent that starts anew may count from the beginning. */
export function keyOf(event: Event): string {
  return `${event.seq}.${timeOf(event)}`;
}

const times = new WeakMap<Event, number>();

/** When, in milliseconds. */
export function timeOf(event: Event): number {
  let ms = times.get(event);
  if (ms === undefined) {
    ms = Date.parse(event.at);
    times.set(event, ms);
  }
  return ms;
}

/** By time; within a moment by number. */
export function inOrder(one: Event, other: Event): number {
  return timeOf(one) - timeOf(other) || one.seq - other.seq;
}

/** Both lists as one, the oldest first, each entry once. The same list when nothing is new. */
export function merged(known: readonly Event[], more: readonly Event[]): readonly Event[] {
  const keys = new Set(known.map(keyOf));
  const fresh = more.filter((event) => {
    const key = keyOf(event);
    const isNew = !keys.has(key);
    keys.add(key);
    return isNew;
  });
  if (fresh.length === 0) return known;
  const last = known.at(-1);
  const first = fresh[0];
  const all = [...known, ...fresh];
  const follows = first && (!last || inOrder(last, first) <= 0) && fresh.every((event, at) => at === 0 || inOrder(fresh[at - 1]!, event) <= 0);
  return follows ? all : all.sort(inOrder);
}
