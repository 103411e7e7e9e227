// What the sign-in sheet says: each step of an attempt and how it stands.

import type { Event } from './api/Event';
import type { SignIn } from './api/SignIn';
import { words } from './words';

export type Standing = 'done' | 'now' | 'later' | 'wrong' | 'warned';

export interface Step {
  text: string;
  standing: Standing;
}

/** After this the usual reasons are named. */
export const SLOW = 20_000;

/** How many of the five steps are done in each state that is not over. */
const DONE_AT = { discovering: 0, waiting: 1, exchanging: 3, verifying: 3, saving: 4, done: 5 } as const;

export function stepsOf(signIn: SignIn, reached: number): Step[] {
  const texts = words.signIn.steps;
  const ended = signIn.step === 'failed' || signIn.step === 'cancelled';
  const done = signIn.step === 'failed' || signIn.step === 'cancelled' ? reached : DONE_AT[signIn.step];
  const names: [string, string][] = [
    ...(onDevice(signIn)
      ? ([[texts.shown, texts.showing], [texts.waitedDevice, texts.waitingDevice]] as [string, string][])
      : ([[texts.opened, texts.opening], [texts.waited, texts.waiting]] as [string, string][])),
    [texts.received, texts.received],
    [texts.checked, texts.checking],
    [texts.stored, texts.storing],
  ];
  return names.map(([after, during], index) => {
    if (index === 0 && signIn.browser_problem && done > 0) return { text: texts.notOpened, standing: 'warned' };
    if (index < done) return { text: after, standing: 'done' };
    if (index === done) return { text: during, standing: ended ? 'wrong' : 'now' };
    return { text: after, standing: 'later' };
  });
}

/** Whether another device is the only way: nothing listens here then. */
export function onDevice(signIn: SignIn): boolean {
  const going = ['exchanging', 'verifying', 'saving', 'done'].includes(signIn.step);
  return signIn.redirect_uri === null && (signIn.device !== undefined || going);
}

/** What an event is to the steps: checks by what they are about. */
export function markOf(event: Event): string {
  return event.kind === 'checked' ? `checked:${event.subject}` : event.kind;
}

/** How far an attempt had come, from what the journal told of it: a failed one no longer says. */
export function reachedBy(kinds: readonly string[]): number {
  if (kinds.includes('signed_in')) return 5;
  // What was granted is looked at once the ID token has passed; the provider's own addresses are, before anything.
  if (kinds.includes('checked:granted') || kinds.includes('saved')) return 4;
  if (kinds.includes('callback_received') || kinds.includes('tokens_received')) return 3;
  if (['browser_opened', 'browser_not_opened', 'listening', 'device_code_received'].some((kind) => kinds.includes(kind))) return 1;
  return 0;
}
