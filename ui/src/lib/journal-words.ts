// Each entry of the journal in words.

import type { Check } from './api/Check';
import type { CheckOutcome } from './api/CheckOutcome';
import type { Edited } from './api/Edited';
import type { Event } from './api/Event';
import type { Exchange } from './api/Exchange';
import type { Pair } from './api/Pair';
import { flat } from './journal-members';
import { clock, elapsed } from './journal-time';
import { sentence } from './sentence';
import { duration } from './time';
import { region, words } from './words';

/** How much it matters: shown by icon and words, and by colour besides. */
export type Tone = 'good' | 'plain' | 'warn' | 'bad';

export type Icon =
  | 'agent'
  | 'answer'
  | 'browser'
  | 'check'
  | 'consent'
  | 'device'
  | 'exchange'
  | 'find'
  | 'ignored'
  | 'listen'
  | 'look'
  | 'newer'
  | 'profile'
  | 'program'
  | 'push'
  | 'renewal'
  | 'save'
  | 'sign-in'
  | 'sign-out'
  | 'stop'
  | 'time'
  | 'token'
  | 'vault';

export interface Told {
  icon: Icon;
  tone: Tone;
  title: string;
  /** What is worth knowing of it, in one line; may be empty. */
  detail: string;
}

let known = new WeakMap<Event, Told>();
let language = words.language;

/** The entry in words; one of a kind that this window does not know is shown as it is. */
export function told(event: Event): Told {
  if (language !== words.language) {
    language = words.language;
    known = new WeakMap();
  }
  let said = known.get(event);
  if (!said) {
    said = inWords(event);
    known.set(event, said);
  }
  return said;
}

function inWords(event: Event): Told {
  const { inspect } = words;
  const say = (icon: Icon, tone: Tone, ...details: (string | null | undefined | false)[]): Told => ({
    icon,
    tone,
    title: inspect.happened[event.kind as keyof typeof inspect.happened],
    detail: line(...details),
  });
  switch (event.kind) {
    case 'agent_started':
      return say('agent', 'plain', event.version);
    case 'agent_stopped':
      return say('stop', 'plain');
    case 'sign_in_started':
      return say('sign-in', 'plain');
    case 'discovered':
      return say('find', 'plain', event.issuer, elapsed(event.took_ms, region));
    case 'request_pushed':
      return say('push', 'plain', elapsed(event.took_ms, region));
    case 'listening':
      return say('listen', 'plain', event.redirect_uri);
    case 'authorization_requested':
      return say(
        'push',
        event.edited ? 'warn' : 'plain',
        edits(event.edited),
        shortened(event.url),
        named(event.parameters, 'scope'),
        named(event.parameters, 'prompt'),
      );
    case 'browser_opened':
      return say('browser', 'plain');
    case 'browser_not_opened':
      return say('browser', 'warn', sentence(event.refusal.message));
    case 'device_code_received':
      return say('device', 'plain', inspect.until(clock(Date.parse(event.expires_at), region)), elapsed(event.took_ms, region));
    case 'asked_again':
      return say('browser', 'plain', event.code);
    case 'callback_ignored':
      return say('ignored', 'plain', event.reason);
    case 'callback_received':
      return say('answer', 'plain', named(event.parameters ?? [], 'error'), named(event.parameters ?? [], 'error_description'));
    case 'tokens_received':
      return say(
        'token',
        'plain',
        event.expires_in !== null && inspect.validFor(duration(event.expires_in * 1_000, region)),
        event.refresh_token === null ? inspect.withoutRefresh : inspect.withRefresh,
        elapsed(event.took_ms, region),
      );
    case 'exchanged':
      return exchanged(event.exchange);
    case 'checked':
      return checked(event.subject, event.checks);
    case 'details_not_used':
      return say('look', 'warn', sentence(event.refusal.message));
    case 'saved':
      return say('save', 'plain', inspect.generation(event.generation), elapsed(event.took_ms, region));
    case 'not_saved':
      return say('save', 'bad', sentence(event.refusal.message));
    case 'signed_in':
      return say('sign-in', 'good', event.sub);
    case 'not_kept':
      return say('sign-in', event.revoked ? 'plain' : 'warn', event.sub, event.reason && sentence(event.reason));
    case 'probe_started':
      return say('look', 'warn', event.issuer);
    case 'probe_ended':
      return say('check', event.failed > 0 ? 'bad' : 'good', inspect.probed(event.passed, event.failed));
    case 'sign_in_failed':
      return say('sign-in', 'bad', sentence(event.refusal.message));
    case 'sign_in_cancelled':
      return say('stop', 'plain');
    case 'renewal_started':
      return say('renewal', 'plain', inspect.reasons[event.reason] ?? event.reason);
    case 'renewed':
      return say('renewal', 'good', event.expires_at !== null && inspect.tokenEnds(clock(Date.parse(event.expires_at), region)));
    case 'renewal_failed':
      return say(
        'renewal',
        'warn',
        sentence(event.refusal.message),
        event.next_try !== null && inspect.nextTry(clock(Date.parse(event.next_try), region)),
      );
    case 'further_token_asked':
      return say('token', 'plain', event.audience ?? event.connection, ...event.resources, event.scope.join(' '));
    case 'sign_in_required':
      return say('sign-in', 'bad', sentence(event.refusal.message));
    case 'session_ends_soon':
      return say('time', 'warn', clock(Date.parse(event.ends_at), region));
    case 'consent_asked':
      return say('consent', 'plain', programName(event.program), reach(event), inspect.process(event.pid));
    case 'consent_given':
      return say('consent', 'good', programName(event.program), reach(event), end(event.expires_at));
    case 'consent_denied':
      return say('consent', 'plain', programName(event.program), reach(event), end(event.expires_at));
    case 'consent_revoked':
      return say('consent', 'plain', programName(event.program), inspect.revokedBecause[event.reason] ?? event.reason);
    case 'token_given':
      return say('program', 'plain', programName(event.program), inspect.process(event.pid), event.access_token);
    case 'proof_given':
      return say('program', 'plain', programName(event.program), `${event.method} ${event.server}`);
    case 'token_looked_into':
      return say('look', 'plain', programName(event.program), inspect.process(event.pid), event.access_token);
    case 'token_refused':
      return say('program', 'bad', programName(event.program), sentence(event.refusal.message));
    case 'signed_out': {
      const all = event.steps.every((step) => step.done);
      const steps = event.steps.map((step) => (step.done ? words.signOut.steps[step.step].done : words.signOut.steps[step.step].not));
      return say('sign-out', all ? 'good' : 'warn', ...steps);
    }
    case 'browser_signed_out':
      return say('sign-out', event.outcome === 'confirmed' ? 'good' : 'warn', inspect.browserSignedOut[event.outcome] ?? event.outcome);
    case 'revoked_later':
      return say('sign-out', 'good');
    case 'revocation_given_up':
      return say('sign-out', 'warn', event.reason);
    case 'profile_saved':
    case 'profile_removed':
      return say('profile', 'plain', event.profile);
    case 'vault_changed': {
      const { state, kind, message } = event.vault;
      const tone = state === 'ready' || state === 'opening' ? 'plain' : 'warn';
      const title = inspect.vaultIs(inspect.vaultStates[state] ?? state);
      return { ...say('vault', tone, words.vault.kinds[kind] ?? kind, message && sentence(message)), title };
    }
    default:
      return newer(event as Event);
  }
}

/** What a newer agent tells: its kind as a title, its first members as they are. */
function newer(event: Event): Told {
  const title = String(event.kind).replaceAll('_', ' ');
  const members = flat(event).slice(0, 4);
  return {
    icon: 'newer',
    tone: members.some((member) => /^refusal\b|^error\b/.test(member.path)) ? 'warn' : 'plain',
    title: title.charAt(0).toLocaleUpperCase() + title.slice(1),
    detail: line(...members.map((member) => `${member.path}: ${member.value}`)),
  };
}

function exchanged({ purpose, request, answer, problem, took_ms, edited }: Exchange): Told {
  const { inspect } = words;
  const bad = answer === null || answer.status >= 400 || edited !== undefined;
  return {
    icon: 'exchange',
    tone: bad ? 'warn' : 'plain',
    title: inspect.purposes[purpose] ?? inspect.asked(purpose),
    detail: line(
      edits(edited),
      `${request.method} ${shortened(request.url)}`,
      answer === null ? (problem ?? inspect.noAnswer) : inspect.answered(answer.status),
      elapsed(took_ms, region),
    ),
  };
}

/** What a person changed of a request, by name. */
function edits(edited: readonly Edited[] | undefined): string | undefined {
  const { inspect } = words;
  return edited && inspect.edited(edited.map(({ place, name }) => (place === 'address' ? inspect.address : name)).join(', '));
}

const outcomes: readonly CheckOutcome[] = ['passed', 'failed', 'warned', 'not_applicable'];

function checked(subject: string, checks: readonly Check[]): Told {
  const { inspect } = words;
  const of = (outcome: CheckOutcome) => checks.filter((check) => check.outcome === outcome);
  const counts = outcomes
    .map((outcome) => [outcome, of(outcome).length] as const)
    .filter(([, count]) => count > 0)
    .map(([outcome, count]) => inspect.counted(count, inspect.outcomesOf[outcome]))
    .join(', ');
  const wrong = [...of('failed'), ...of('warned')].map((check) => check.name);
  return {
    icon: 'check',
    tone: of('failed').length > 0 ? 'bad' : of('warned').length > 0 ? 'warn' : 'good',
    title: inspect.subjects[subject] ?? inspect.checkedOf(subject),
    detail: wrong.length > 0 ? inspect.failing(counts, wrong.join(', ')) : counts,
  };
}

/** A program by the last part of its path. */
export function programName(path: string): string {
  return path.split(/[\\/]/).filter(Boolean).at(-1) ?? path;
}

function named(pairs: readonly Pair[], name: string): string {
  return pairs.filter((pair) => pair.name === name && !pair.secret).map(({ value }) => value).join(' ');
}

function reach({ audience, connection, scope }: { audience?: string; connection?: string; scope?: string[] }): string {
  return line(audience, connection, scope?.join(' '));
}

function end(expires: string | null): string {
  const { inspect } = words;
  return expires === null ? inspect.untilSignOut : inspect.until(new Intl.DateTimeFormat(region, { dateStyle: 'medium' }).format(Date.parse(expires)));
}

/** An address without its scheme and query. */
export function shortened(url: string): string {
  return url.replace(/^https?:\/\//, '').replace(/[?#].*$/, '');
}

function line(...parts: (string | null | undefined | false)[]): string {
  return parts.filter(Boolean).join(words.inspect.dot);
}
