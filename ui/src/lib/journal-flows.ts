// What belongs together: a sign-in, a renewal or a sign-out as one thing, with how it ended.

import type { Event } from './api/Event';
import type { Refusal } from './api/Refusal';
import { timeOf } from './journal-entries';
import { told, type Tone } from './journal-words';

export type Family = 'sign_ins' | 'renewals' | 'sign_outs' | 'programs' | 'vault' | 'agent';

export const families: readonly Family[] = ['sign_ins', 'renewals', 'sign_outs', 'programs', 'vault', 'agent'];

/** How a flow ended. `open`: it goes on; `untold`: nothing says how, such as after a crash. */
export type Outcome = 'open' | 'untold' | 'done' | 'partly' | 'refused' | 'cancelled' | 'later' | 'person';

export interface Flow {
  id: string;
  /** The oldest first. */
  events: Event[];
  family: Family;
  profile: string | null;
  began: number;
  ended: number;
  outcome: Outcome;
  /** Whom the provider named. */
  sub: string | null;
  /** Why it ended as it did. */
  refusal: Refusal | null;
  /** Whether its beginning is among the entries. */
  whole: boolean;
  /** Steps that warn or refuse. */
  problems: number;
}

/** After that long without an end, nothing says that it goes on. The longest sign-in waits half an hour. */
const LONGEST_SILENCE = 30 * 60_000;

const begins: Record<string, Family> = {
  sign_in_started: 'sign_ins',
  renewal_started: 'renewals',
  signed_out: 'sign_outs',
  further_token_asked: 'programs',
};

const alone: Record<string, Family> = {
  ...begins,
  signed_in: 'sign_ins',
  not_kept: 'sign_ins',
  probe_started: 'sign_ins',
  probe_ended: 'sign_ins',
  sign_in_failed: 'sign_ins',
  sign_in_cancelled: 'sign_ins',
  browser_opened: 'sign_ins',
  browser_not_opened: 'sign_ins',
  listening: 'sign_ins',
  authorization_requested: 'sign_ins',
  callback_ignored: 'sign_ins',
  callback_received: 'sign_ins',
  device_code_received: 'sign_ins',
  asked_again: 'sign_ins',
  request_pushed: 'sign_ins',
  renewed: 'renewals',
  renewal_failed: 'renewals',
  sign_in_required: 'renewals',
  session_ends_soon: 'renewals',
  browser_signed_out: 'sign_outs',
  revoked_later: 'sign_outs',
  revocation_given_up: 'sign_outs',
  consent_asked: 'programs',
  consent_given: 'programs',
  consent_denied: 'programs',
  consent_revoked: 'programs',
  token_given: 'programs',
  proof_given: 'programs',
  token_looked_into: 'programs',
  token_refused: 'programs',
  vault_changed: 'vault',
  saved: 'vault',
  not_saved: 'vault',
};

/** Of an entry that belongs to no flow. */
export function familyOf(event: Event): Family {
  return alone[event.kind] ?? 'agent';
}

/** All flows of these entries (the oldest first), by their id. */
export function flowsOf(events: readonly Event[]): Map<string, Flow> {
  const flows = new Map<string, Flow>();
  for (const event of events) {
    if (event.flow === undefined) continue;
    const flow = flows.get(event.flow);
    if (flow) {
      flow.events.push(event);
      follow(flow, event);
    } else {
      const fresh = beginning(event.flow, event);
      follow(fresh, event);
      flows.set(event.flow, fresh);
    }
  }
  return flows;
}

function beginning(id: string, event: Event): Flow {
  return {
    id,
    events: [event],
    family: familyOf(event),
    profile: event.profile ?? null,
    began: timeOf(event),
    ended: timeOf(event),
    outcome: 'open',
    sub: null,
    refusal: null,
    whole: event.kind in begins,
    problems: 0,
  };
}

function follow(flow: Flow, event: Event): void {
  flow.ended = timeOf(event);
  // What begins a flow says what it is; a piece of one is known by what it has.
  if (event.kind in begins && !flow.whole) flow.family = familyOf(event);
  else if (!flow.whole && (flow.family === 'agent' || flow.family === 'vault')) flow.family = familyOf(event);
  if (isProblem(told(event).tone)) flow.problems += 1;
  switch (event.kind) {
    case 'signed_in':
      flow.sub = event.sub;
      flow.outcome = 'done';
      break;
    case 'probe_ended':
      flow.outcome = event.failed > 0 ? 'partly' : 'done';
      break;
    case 'not_kept':
      flow.sub = event.sub;
      flow.outcome = 'partly';
      break;
    case 'renewed':
    case 'revoked_later':
      flow.outcome = 'done';
      break;
    case 'saved':
      // A token for another API ends with being stored; elsewhere something comes after it.
      if (flow.family === 'programs') flow.outcome = 'done';
      break;
    case 'sign_in_failed':
      flow.outcome = 'refused';
      flow.refusal = event.refusal;
      break;
    case 'sign_in_cancelled':
      flow.outcome = 'cancelled';
      break;
    case 'renewal_failed':
      flow.outcome = 'later';
      flow.refusal = event.refusal;
      break;
    case 'sign_in_required':
      flow.outcome = 'person';
      flow.refusal = event.refusal;
      break;
    case 'revocation_given_up':
      flow.outcome = 'partly';
      break;
    case 'signed_out':
      flow.outcome = event.steps.every((step) => step.done) ? 'done' : 'partly';
      break;
    default:
  }
}

/** With the clock at hand: what has been silent for long goes on no longer. */
export function outcomeOf(flow: Flow, now: number): Outcome {
  return flow.outcome === 'open' && now - flow.ended > LONGEST_SILENCE ? 'untold' : flow.outcome;
}

export function toneOf(outcome: Outcome): Tone {
  if (outcome === 'done') return 'good';
  if (outcome === 'refused' || outcome === 'person') return 'bad';
  return outcome === 'later' || outcome === 'partly' ? 'warn' : 'plain';
}

export function isProblem(tone: Tone): boolean {
  return tone === 'warn' || tone === 'bad';
}
