// A request that waits in step mode, and what a person makes of it before it is sent.

import type { Edit } from './api/Edit';
import type { EditPlace } from './api/EditPlace';
import type { Pair } from './api/Pair';
import type { Pause } from './api/Pause';
import type { Refusal } from './api/Refusal';

/** Where fields stand: the address is edited as a whole. */
export type FieldPlace = Exclude<EditPlace, 'address'>;

/** One field or header: what it would be sent with, and what was made of it. */
export interface Line {
  key: string;
  place: FieldPlace;
  name: string;
  /** Nothing where the person added it. */
  was: Pair | null;
  /** What the person typed; nothing where it is as it was. */
  value: string | null;
  removed: boolean;
}

export interface Draft {
  lines: readonly Line[];
  /** Nothing where it is as it was. */
  address: string | null;
}

export const places: readonly FieldPlace[] = ['form', 'query', 'header'];

export function draftOf({ request, query }: Pause): Draft {
  if (request === null) return { lines: [], address: null };
  const pairs: Record<FieldPlace, readonly Pair[]> = { form: request.form, query, header: request.headers };
  return { lines: places.flatMap((place) => linesOf(place, pairs[place])), address: null };
}

/** Whether what is told of it is what is sent. Whoever has not seen a value cannot repeat it. */
export function isKnown(pair: Pair): boolean {
  return pair.secret !== true && pair.altered !== true;
}

/** Whether its name is told as it is: nobody can change what they cannot name. */
export function isNamed({ secret, altered }: Pair): boolean {
  return !(secret === true && altered === true);
}

/** A line for each. Those of one name are one line where one of them is not known. */
function linesOf(place: FieldPlace, pairs: readonly Pair[]): Line[] {
  const lines: Line[] = [];
  for (const pair of pairs) {
    const same = pairs.filter((other) => isSame(place, other.name, pair.name));
    const first = same[0] === pair;
    const folded = same.length > 1 && !same.every(isKnown);
    if (folded && !first) continue;
    const was = folded ? foldedOf(pair, same) : pair;
    lines.push({ key: `${place}-${lines.length}`, place, name: pair.name, was, value: null, removed: false });
  }
  return lines;
}

function foldedOf(first: Pair, same: readonly Pair[]): Pair {
  const value = same.map(({ value }) => value).join(', ');
  if (same.some(({ secret }) => secret)) return { name: first.name, value, secret: true, ...(same.every(isNamed) ? {} : { altered: true }) };
  return { name: first.name, value, altered: true };
}

function isSame(place: FieldPlace, one: string, other: string): boolean {
  return place === 'header' ? one.toLowerCase() === other.toLowerCase() : one === other;
}

/** How a secret stands in an address that is told, and how one that was cut off ends. */
const TOLD_OTHERWISE = /\[fingerprint [0-9a-f]{8}\]|…$/;

/** Whether the address, without its parameters, is told as it is. */
export function isAddressKnown(pause: Pause): boolean {
  return !TOLD_OTHERWISE.test(addressOf(pause));
}

/** The address without its parameters. */
export function addressOf(pause: Pause): string {
  return pause.request?.url.split('?')[0] ?? '';
}

export type Change = 'none' | 'set' | 'added' | 'removed';

export function changeOf({ was, value, removed }: Line): Change {
  if (was === null) return 'added';
  if (removed) return 'removed';
  return value === null ? 'none' : 'set';
}

export function changesOf(draft: Draft): number {
  return draft.lines.filter((line) => changeOf(line) !== 'none').length + (draft.address === null ? 0 : 1);
}

function withLine(draft: Draft, key: string, change: (line: Line) => Line | null): Draft {
  return { ...draft, lines: draft.lines.flatMap((line) => (line.key === key ? (change(line) ?? []) : line)) };
}

/** Another value; what it was with already is no change. Of what is not known nobody here can say what it was. */
export function withValue(draft: Draft, key: string, value: string): Draft {
  return withLine(draft, key, (line) => {
    const same = line.was !== null && isKnown(line.was) && line.was.value === value;
    return { ...line, value: same ? null : value, removed: false };
  });
}

/** What somebody added is gone, as if it had never been there. */
export function without(draft: Draft, key: string): Draft {
  return withLine(draft, key, (line) => (line.was === null ? null : { ...line, value: null, removed: true }));
}

export function undone(draft: Draft, key: string): Draft {
  return withLine(draft, key, (line) => (line.was === null ? null : { ...line, value: null, removed: false }));
}

export function withAdded(draft: Draft, place: FieldPlace, name: string, value: string): Draft {
  const number = draft.lines.reduce((most, { key, was }) => (was === null ? Math.max(most, Number(key.split('+')[1]) + 1) : most), 0);
  return { ...draft, lines: [...draft.lines, { key: `${place}+${number}`, place, name, was: null, value, removed: false }] };
}

/** Whether an address brings parameters of its own, which would take the place of all that stand below it. */
export function hasParameters(address: string): boolean {
  return address.includes('?');
}

export function withAddress(draft: Draft, pause: Pause, address: string): Draft {
  return { ...draft, address: address === addressOf(pause) ? null : address };
}

/** What the agent is to change, in its words. */
export function editsOf({ lines, address }: Draft): Edit[] {
  const edits: Edit[] = address === null ? [] : [{ change: 'address', url: address }];
  const seen = new Set<Line>();
  for (const line of lines) {
    if (seen.has(line)) continue;
    const same = lines.filter(({ place, name }) => place === line.place && isSame(place, name, line.name));
    same.forEach((one) => seen.add(one));
    edits.push(...editsOfName(same));
  }
  return edits;
}

/** Those of one name: the agent sets or removes all of them at once. */
function editsOfName(same: readonly Line[]): Edit[] {
  const before = same.filter(({ was }) => was !== null);
  const kept = before.filter(({ removed }) => !removed);
  const edits: Edit[] = [];
  const valueOf = ({ was, value }: Line) => value ?? was?.value ?? '';
  const add = (line: Line) => edits.push({ change: 'add', place: line.place, name: line.name, value: valueOf(line) });
  if (before.some((line) => changeOf(line) !== 'none')) {
    const [first, ...rest] = kept;
    const { place, name } = before[0]!;
    edits.push(first ? { change: 'set', place, name, value: valueOf(first) } : { change: 'remove', place, name });
    rest.forEach(add);
  }
  same.filter(({ was }) => was === null).forEach(add);
  return edits;
}

/** Which of the changes a refusal is about: a line's key or the address; nothing where it does not say. */
export function refusedAt({ message }: Refusal, { lines, address }: Draft): string | null {
  const named = message.split('`')[1];
  if (named !== undefined) {
    const letters = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, '');
    return lines.find((line) => changeOf(line) !== 'none' && letters(line.name) === letters(named))?.key ?? null;
  }
  return address !== null && message.startsWith('The address') ? 'address' : null;
}
