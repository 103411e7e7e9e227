// Every text is in lib/words: with words that are all marked, nothing unmarked is left but the scene's own data.

import { render } from '@testing-library/svelte';
import { tick } from 'svelte';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';

import App from '../src/App.svelte';
import type { Message } from '../src/lib/host-words';
import { learnPseudo } from '../src/lib/mock/pseudo';
import { scenes } from '../src/lib/mock/scenes';
import { speak, words } from '../src/lib/words';
import { recorder } from './recorder';

const settings: Message = {
  type: 'settings',
  settings: { language: 'pseudo', appearance: 'system', tray: true, autostart: false, notifications: true },
  able: { tray: true, notifications: true, autostart: true },
};

beforeAll(learnPseudo);
afterEach(() => {
  speak('system');
  location.hash = '';
});

describe('no text is written into a component', () => {
  it.each(Object.keys(scenes))('%s', async (name) => {
    for (const place of ['accounts', 'inspect', 'programs', 'settings']) {
      location.hash = `#/${place}`;
      const messages = scenes[name]!(Date.now());
      const { host, tell } = recorder();
      const { container, unmount } = render(App, { host });
      tell(settings, ...messages);
      await tick();
      expect(words.name).toBe('⟦Doorkey···⟧');
      const data = strings(messages).map((one) => one.toLowerCase());
      const left = texts(container).filter((text) => !unmarked(text).every((piece) => isDate(piece) || isDuration(piece) || data.some((one) => one.includes(piece.toLowerCase()))));
      expect(left, place).toEqual([]);
      unmount();
    }
  });
});

/** All that is seen, or said by a screen reader, except what is marked as nobody's to translate. */
function texts(root: Element): string[] {
  const found: string[] = [];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node instanceof Element ? node : node.parentElement!;
    if (element.closest('[translate="no"], [hidden], style, script')) continue;
    if (node instanceof Element) {
      for (const name of ['aria-label', 'aria-description', 'title', 'placeholder', 'alt']) found.push(node.getAttribute(name) ?? '');
    } else {
      found.push(node.textContent ?? '');
    }
  }
  return found;
}

/** What has letters and is in no mark, word by word where marks are inside of one another. */
function unmarked(text: string): string[] {
  let rest = text;
  for (let before = ''; before !== rest; ) {
    before = rest;
    rest = rest.replace(/⟦[^⟦⟧]*⟧/g, '\n');
  }
  return rest.split('\n').map((piece) => piece.trim().replace(/^“|”$/g, '')).filter((piece) => /\p{L}{2}/u.test(piece));
}

/** Every text in the data of a scene, and lists of them as they are shown in one line. */
function strings(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  const lists = Array.isArray(value) && value.every((one) => typeof one === 'string') ? [value.join(' ')] : [];
  return [...lists, ...Object.entries(value).flatMap(([name, one]) => [name, ...strings(one)])];
}

function isDate(text: string): boolean {
  return !Number.isNaN(Date.parse(text.replace(/\u202f/g, ' ')));
}

/** As the platform says it in English, of one or two units. */
function isDuration(text: string): boolean {
  return /^((\d+ )?(sec|min|hr|days?),? ?){1,2}$/.test(text);
}
