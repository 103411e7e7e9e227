// Decisions and hand-outs as they are shown: by program, with what each may have, and what it was given.

import type { Consent } from './api/Consent';
import type { Event } from './api/Event';

/** What is shown big of a path; the whole text where it is none. */
export function baseName(path: string): string {
  return path.split(/[\\/]/).filter(Boolean).at(-1) ?? path;
}

/** The folder with its last separator, and the name: together they are the path again. */
export function splitPath(path: string): [folder: string, name: string] {
  const at = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1;
  return [path.slice(0, at), path.slice(at)];
}

/** Whether other programs run in it: its sign is another one. */
export function runsInTerminal(path: string): boolean {
  return /^(ba|z|fi|da|k|c|tc)?sh$|^(python|ruby|perl|node|deno|bun|pwsh|lua|php|curl|git|gh)[\d.]*$/.test(baseName(path).replace(/\.exe$/i, ''));
}

/** What an entry of the journal says about a program that got something, or did not. */
export type HandOutKind = 'token_given' | 'proof_given' | 'token_looked_into' | 'token_refused';
export type HandOut = Extract<Event, { kind: HandOutKind }>;

export function isHandOut(event: Event): event is HandOut {
  return event.kind === 'token_given' || event.kind === 'proof_given' || event.kind === 'token_looked_into' || event.kind === 'token_refused';
}

/** Whether what is listed may be another thing after it. */
export function changesDecisions(event: Event): boolean {
  return event.kind === 'consent_given' || event.kind === 'consent_denied' || event.kind === 'consent_revoked' || isHandOut(event);
}

/** A program, and everything decided about it. */
export interface Program {
  path: string;
  name: string;
  allowed: Consent[];
  denied: Consent[];
  /** Whether decisions about several executables at that path stand. */
  several: boolean;
}

/** In the order of their names, so that nothing moves when one of them gets a token; the newest decision first. */
export function byProgram(consents: readonly Consent[]): Program[] {
  const programs = new Map<string, Program>();
  for (const consent of consents) {
    const program = programs.get(consent.program) ?? { path: consent.program, name: baseName(consent.program), allowed: [], denied: [], several: false };
    program[consent.decision === 'allow' ? 'allowed' : 'denied'].unshift(consent);
    programs.set(consent.program, program);
  }
  return [...programs.values()]
    .map((program) => ({ ...program, several: new Set(decisionsOf(program).map((one) => one.sha256)).size > 1 }))
    .sort((one, other) => one.name.localeCompare(other.name) || one.path.localeCompare(other.path));
}

export function decisionsOf(program: Program): Consent[] {
  return [...program.allowed, ...program.denied];
}

/** How long a decision stands yet, in milliseconds; `sign_out` where no time ends it. */
export function leftOf(consent: Consent, now: number): number | 'sign_out' | 'over' {
  if (consent.expires_at === undefined) return 'sign_out';
  const left = Date.parse(consent.expires_at) - now;
  return left > 0 ? left : 'over';
}

/** What is asked of an API, by the names of it. */
export function apiOf({ audience, resource }: { audience?: string; resource: readonly string[] }): string[] {
  return [...new Set([...(audience === undefined ? [] : [audience]), ...resource])];
}

/** All that was read, each once, the newest first. */
export function merged(...lists: readonly (readonly Event[])[]): HandOut[] {
  const each = new Map<string, HandOut>();
  for (const event of lists.flat()) if (isHandOut(event)) each.set(`${event.seq} ${event.at}`, event);
  return [...each.values()].sort((one, other) => Date.parse(other.at) - Date.parse(one.at) || other.seq - one.seq);
}

/** Several of one kind in a row, as one line. */
export interface HandOutLine {
  last: HandOut;
  first: HandOut;
  times: number;
}

/** What is further apart than this, in milliseconds, was another piece of work. */
const TOGETHER = 60 * 60_000;

/** A program that asks each second would push everything else away. */
export function inLines(handOuts: readonly HandOut[]): HandOutLine[] {
  const lines: HandOutLine[] = [];
  for (const handOut of handOuts) {
    const before = lines.at(-1);
    if (before && sameAs(before.last) === sameAs(handOut) && Date.parse(before.first.at) - Date.parse(handOut.at) <= TOGETHER) {
      before.times += 1;
      before.first = handOut;
    } else lines.push({ last: handOut, first: handOut, times: 1 });
  }
  return lines;
}

function sameAs(handOut: HandOut): string {
  const { kind, program, profile = '' } = handOut;
  const what = handOut.kind === 'token_refused' ? handOut.refusal.code : handOut.kind === 'proof_given' ? `${handOut.method} ${handOut.server}` : '';
  return JSON.stringify([kind, program, profile, what]);
}
