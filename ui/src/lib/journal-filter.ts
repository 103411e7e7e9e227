// Which entries a person wants to see.

import type { Event } from './api/Event';
import { timeOf } from './journal-entries';
import { familyOf, isProblem, type Family, type Flow } from './journal-flows';
import { told } from './journal-words';
import { words } from './words';

export type Range = 'any' | 'hour' | 'today' | 'week' | 'between';

export const ranges: readonly Range[] = ['any', 'hour', 'today', 'week', 'between'];

export interface Filter {
  text: string;
  profile: string | null;
  family: Family | null;
  problems: boolean;
  range: Range;
  /** Of `between`: what a field for date and time gives, in local time; empty for open. */
  from: string;
  to: string;
}

export const everything: Filter = { text: '', profile: null, family: null, problems: false, range: 'any', from: '', to: '' };

export function isEverything(filter: Filter): boolean {
  return filter.text.trim() === '' && filter.profile === null && filter.family === null && !filter.problems && filter.range === 'any';
}

/** From when and until when, in milliseconds. */
export function span({ range, from, to }: Filter, now: number): [number, number] {
  const minute = Math.floor(now / 60_000) * 60_000;
  switch (range) {
    case 'any':
      return [-Infinity, Infinity];
    case 'hour':
      return [minute - 3_600_000, Infinity];
    case 'today':
      return [new Date(now).setHours(0, 0, 0, 0), Infinity];
    case 'week':
      return [new Date(now).setHours(0, 0, 0, 0) - 6 * 86_400_000, Infinity];
    case 'between':
      // A field for minutes means the whole of its last one.
      return [from ? Date.parse(from) : -Infinity, to ? Date.parse(to) + 59_999 : Infinity];
  }
}

export function filtered(events: readonly Event[], flows: ReadonlyMap<string, Flow>, filter: Filter, [from, to]: [number, number]): readonly Event[] {
  const wanted = filter.text.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  if (isEverything(filter)) return events;
  return events.filter((event) => {
    if (filter.profile !== null && event.profile !== filter.profile) return false;
    if (filter.family !== null && familyIn(event, flows) !== filter.family) return false;
    if (filter.problems && !isProblem(told(event).tone)) return false;
    const at = timeOf(event);
    if (at < from || at > to) return false;
    return wanted.length === 0 || holds(event, flows, wanted);
  });
}

/** An entry is of the family of its flow: a request of a renewal belongs to the renewals. */
export function familyIn(event: Event, flows: ReadonlyMap<string, Flow>): Family {
  return (event.flow === undefined ? undefined : flows.get(event.flow)?.family) ?? familyOf(event);
}

let texts = new WeakMap<Event, string>();
let language = words.language;

/** In the words that are shown, and in everything that was written. */
function holds(event: Event, flows: ReadonlyMap<string, Flow>, wanted: readonly string[]): boolean {
  if (language !== words.language) {
    language = words.language;
    texts = new WeakMap();
  }
  let text = texts.get(event);
  if (text === undefined) {
    const { title, detail } = told(event);
    text = `${title} ${detail} ${words.inspect.flows[familyIn(event, flows)]} ${JSON.stringify(event)}`.toLocaleLowerCase();
    texts.set(event, text);
  }
  const held = text;
  return wanted.every((word) => held.includes(word));
}
