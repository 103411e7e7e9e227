// What the keyboard does everywhere in the window: what is listed in the settings, and what listens.

import type { Desk } from './desk.svelte';
import { places } from './route.svelte';

export type Key = 'mod' | 'alt' | 'tab' | 'space' | 'enter' | 'escape' | '1' | '2' | '3' | '4' | ',' | 'N' | 'F' | '/' | '←';

export interface Shortcut {
  does: 'accounts' | 'inspect' | 'programs' | 'settings' | 'add' | 'find' | 'back' | 'next' | 'press' | 'close';
  /** One way or another, each pressed together. */
  ways: readonly (readonly Key[])[];
}

export const shortcuts: readonly Shortcut[] = [
  { does: 'accounts', ways: [['mod', '1']] },
  { does: 'inspect', ways: [['mod', '2']] },
  { does: 'programs', ways: [['mod', '3']] },
  { does: 'settings', ways: [['mod', '4'], ['mod', ',']] },
  { does: 'add', ways: [['mod', 'N']] },
  // Where there are so many that there is a search: parts/AccountsHead.svelte listens.
  { does: 'find', ways: [['mod', 'F'], ['/']] },
  { does: 'back', ways: [['alt', '←']] },
  { does: 'next', ways: [['tab']] },
  { does: 'press', ways: [['space'], ['enter']] },
  { does: 'close', ways: [['escape']] },
];

export function onMac(): boolean {
  return /Mac/.test(navigator.platform);
}

/** Whether the key was one of ours, and is used up. */
function act(desk: Desk, event: KeyboardEvent): boolean {
  if (event.altKey && event.key === 'ArrowLeft' && !event.ctrlKey && !event.metaKey) {
    history.back();
    return true;
  }
  const mod = onMac() ? event.metaKey : event.ctrlKey;
  if (!mod || event.altKey || event.shiftKey) return false;
  const place = event.key === ',' ? 'settings' : places[Number(event.key) - 1];
  if (place) {
    desk.way.go({ place });
    return true;
  }
  if (event.key.toLowerCase() === 'n' && desk.connected) {
    desk.addAccount();
    return true;
  }
  return false;
}

/** From now on; what is returned stops it. What lies over the page keeps the keyboard to itself. */
export function listen(desk: Desk): () => void {
  const pressed = (event: KeyboardEvent) => {
    if (event.defaultPrevented || document.querySelector('dialog[open]')) return;
    if (act(desk, event)) event.preventDefault();
  };
  addEventListener('keydown', pressed);
  return () => removeEventListener('keydown', pressed);
}
