// What a sign-in in step mode waits before, in words.

import type { Pause } from './api/Pause';
import type { SignIn } from './api/SignIn';
import { words } from './words';

type Said = { title: string; text: string; term: string };

/** Grants by `grant_type`: a token request is told by what it brings. */
const GRANTS: Record<string, 'tokenCode' | 'tokenDevice' | 'tokenApplication'> = {
  authorization_code: 'tokenCode',
  'urn:ietf:params:oauth:grant-type:device_code': 'tokenDevice',
  client_credentials: 'tokenApplication',
};

export function grantOf({ request }: Pause): string {
  return request?.form.find(({ name }) => name === 'grant_type')?.value ?? '';
}

/** Whether the person may still be on their way to another device, or at it: with a code, or before the browser opens. */
export function onAnotherDevice(pause: Pause): boolean {
  return pause.before !== 'token' || grantOf(pause) !== 'authorization_code';
}

/** `edited`: whether a request of the sign-in was sent that somebody had edited. */
export function whatWaits(pause: Pause, edited: boolean): Said {
  const texts = words.stepping;
  if (pause.before === 'save' && edited) return { ...texts.before.save, ...texts.notKeptSave };
  if (pause.before === 'token') return texts.before[GRANTS[grantOf(pause)] ?? 'token'];
  const known = Object.hasOwn(texts.before, pause.before) ? texts.before[pause.before as keyof typeof texts.before] : null;
  return known ?? { ...texts.before.other, term: `${texts.before.other.term}: ${pause.before}` };
}

/** What the button says that goes on. */
export function wayOn({ before }: Pause, { edited }: SignIn, changed: boolean): string {
  const texts = words.stepping;
  if (before === 'save') return edited ? texts.finish : texts.store;
  if (changed) return texts.sendEdited;
  return before === 'authorization' ? texts.openBrowser : texts.send;
}
