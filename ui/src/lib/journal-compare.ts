// Two flows beside each other: steps of one kind in one line, and what differs in them.

import type { Event } from './api/Event';
import { byPath, flat, membersOf, type Member } from './journal-members';

export type Mark = 'same' | 'different' | 'here' | 'there';

export interface MemberPair {
  path: string;
  one: Member | null;
  other: Member | null;
  /** `each-time`: differs, as it does whenever this happens. */
  mark: 'same' | 'different' | 'each-time';
}

export interface StepPair {
  /** Where in its flow; nothing where there is none. */
  one: number | null;
  other: number | null;
  mark: Mark;
  members: MemberPair[];
}

/** Fresh in every flow: a difference there says nothing. By the last part of their path. */
const EACH_TIME = new Set([
  'took_ms',
  'generation',
  'pid',
  'expires_at',
  'renews_at',
  'next_try',
  'ends_at',
  'state',
  'nonce',
  'code',
  'code_challenge',
  'code_verifier',
  'access_token',
  'refresh_token',
  'id_token',
  'iat',
  'exp',
  'nbf',
  'jti',
  'sid',
  'at_hash',
  'auth_time',
  'session_state',
  'date',
  'x-request-id',
  'set-cookie',
  'content-length',
]);

/** Steps are the same step when their kind is, and what they are about. */
function nameOf(event: Event): string {
  if (event.kind === 'exchanged') return `exchanged ${event.exchange.purpose}`;
  if (event.kind === 'checked') return `checked ${event.subject}`;
  return event.kind;
}

/** As few lines as keep the order of both: the longest common subsequence. Flows have tens of steps, not thousands. */
export function aligned(one: readonly Event[], other: readonly Event[]): StepPair[] {
  const here = one.map(nameOf);
  const there = other.map(nameOf);
  const common: number[][] = Array.from({ length: here.length + 1 }, () => new Array<number>(there.length + 1).fill(0));
  for (let a = here.length - 1; a >= 0; a -= 1) {
    for (let b = there.length - 1; b >= 0; b -= 1) {
      common[a]![b] = here[a] === there[b] ? common[a + 1]![b + 1]! + 1 : Math.max(common[a + 1]![b]!, common[a]![b + 1]!);
    }
  }
  const pairs: StepPair[] = [];
  let a = 0;
  let b = 0;
  while (a < here.length || b < there.length) {
    if (a < here.length && b < there.length && here[a] === there[b]) {
      const members = compared(one[a]!, other[b]!);
      pairs.push({ one: a, other: b, mark: members.some((member) => member.mark === 'different') ? 'different' : 'same', members });
      a += 1;
      b += 1;
    } else if (b >= there.length || (a < here.length && common[a + 1]![b]! >= common[a]![b + 1]!)) {
      pairs.push({ one: a, other: null, mark: 'here', members: flat(one[a]!).map((member) => ({ path: member.path, one: member, other: null, mark: 'same' })) });
      a += 1;
    } else {
      pairs.push({ one: null, other: b, mark: 'there', members: flat(other[b]!).map((member) => ({ path: member.path, one: null, other: member, mark: 'same' })) });
      b += 1;
    }
  }
  return pairs;
}

/** Member by member; a body that is JSON is looked into. */
export function compared(one: Event, other: Event): MemberPair[] {
  return paired(byPath(inside(one)), byPath(inside(other)));
}

/** Two documents, such as the claims of two tokens, member by member. */
export function documents(one: object, other: object): MemberPair[] {
  return paired(byPath(membersOf(one)), byPath(membersOf(other)));
}

/** How many differ, and how many only one of them has. */
export function counted(members: readonly MemberPair[]): { different: number; here: number; there: number } {
  const differing = members.filter(({ mark }) => mark === 'different');
  const here = differing.filter(({ other }) => other === null).length;
  const there = differing.filter(({ one }) => one === null).length;
  return { different: differing.length - here - there, here, there };
}

function paired(here: ReadonlyMap<string, Member>, there: ReadonlyMap<string, Member>): MemberPair[] {
  const paths = [...here.keys(), ...[...there.keys()].filter((path) => !here.has(path))];
  return paths.map((path) => {
    const pair = { path, one: here.get(path) ?? null, other: there.get(path) ?? null };
    return { ...pair, mark: markOf(pair) };
  });
}

function markOf({ path, one, other }: Omit<MemberPair, 'mark'>): MemberPair['mark'] {
  if (one?.value === other?.value) return 'same';
  const fresh = EACH_TIME.has(path.slice(path.lastIndexOf('.') + 1).toLowerCase());
  // That one of them is not there at all does say something.
  return one && other && (fresh || (one.secret && other.secret)) ? 'each-time' : 'different';
}

function inside(event: Event): Member[] {
  return flat(event).flatMap((member) => {
    const body = member.path.endsWith('.body') ? parsed(member.value) : null;
    if (body === null) return member;
    return membersOf({ body }).map((part) => ({ ...part, path: member.path.replace(/body$/, part.path) }));
  });
}

function parsed(body: string): object | null {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}
