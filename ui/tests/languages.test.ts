// Every text is in lib/words: with words that are all marked, nothing unmarked is left but the scene's own data.

import { render } from '@testing-library/svelte';
import { tick } from 'svelte';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';

import App from '../src/App.svelte';
import type { Host, Message } from '../src/lib/host-words';
import { learnPseudo } from '../src/lib/mock/pseudo';
import { scenes } from '../src/lib/mock/scenes';
import { known, speak, words, type Words } from '../src/lib/words';
import { de } from '../src/lib/words/de';
import { en } from '../src/lib/words/en';
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
    for (const place of ['accounts', 'inspect', 'programs', 'settings', ...(name.startsWith('step') ? ['steps/f-step'] : name === 'two' ? ['compare/accounts', 'compare/providers'] : [])]) {
      location.hash = `#/${place}`;
      const messages = scenes[name]!(Date.now()).map(inPseudo);
      const { host, tell } = recorder();
      const { container, unmount } = render(App, { host });
      tell(settings, ...messages);
      await tick();
      expect(words.name).toBe('⟦Doorkey···⟧');
      const data = strings([messages, ...(await Promise.all(answers(host)))]).map((one) => one.toLowerCase());
      const left = texts(container).filter((text) => !unmarked(text).every((piece) => isDate(piece) || isDuration(piece) || data.some((one) => one.includes(piece.toLowerCase()))));
      expect(left, place).toEqual([]);
      unmount();
    }
  });
});

describe('a language', () => {
  const languages: [string, Words][] = [['en', en], ['de', de]];

  it('is offered when it is there', () => expect(known).toEqual(languages.map(([tag]) => tag)));

  describe.each(languages)('%s', (_tag, language) => {
    const texts = [...everyText(language)];

    it('counts: none, one, two', () => {
      const counting = texts.filter(([, text]) => typeof text === 'function' && /^\(?count\b/.test(String(text))) as [string, (count: number, ...more: unknown[]) => string][];
      expect(counting.length).toBeGreaterThan(20);
      for (const [name, text] of counting) {
        const [none, one, two] = [0, 1, 2].map((count) => text(count, 5));
        for (const said of [none, one, two]) expect(said, name).toMatch(/\p{L}|×|\d/u);
        // One thing is not said in the plural, as in “1 steps”, nor two in the singular.
        if (/^\d+ [\p{L}-]+s\b/u.test(two ?? '')) expect(one, name).not.toBe(two?.replace('2', '1'));
      }
    });

    it('has no text that is empty, or has no place for what it is about', () => {
      // Who is simply a person needs no remark.
      const empty = texts.filter(([name, text]) => text === '' && name !== 'account.identified.person');
      expect(empty).toEqual([]);
      for (const [name, text] of texts) {
        if (typeof text !== 'function') continue;
        const said = String(text('FIRST', 'SECOND', 'THIRD'));
        expect(said, name).not.toMatch(/undefined|\[object/);
      }
    });
  });

  it('says in German what is one and what is more', () => {
    const plural = (say: (count: number) => string) => [0, 1, 2].map(say);
    expect(plural(de.accounts.summary)).toEqual(['0 Konten', '1 Konto', '2 Konten']);
    expect(plural(de.account.renewals)).toEqual(['Noch nicht erneuert', 'Einmal erneuert', '2-mal erneuert']);
    expect(plural(de.settings.profiles.count)).toEqual(['Keine Profile', 'Ein Profil', '2 Profile']);
    expect(plural(de.inspect.steps)).toEqual(['0 Schritte', '1 Schritt', '2 Schritte']);
    expect(plural(de.signIn.ignored)[1]).toBe('Eine fremde Anfrage wurde übergangen.');
  });

  /** Every text with its name, such as `signIn.steps.opened`. */
  function* everyText(value: unknown, name = ''): Generator<[string, string | ((...of: unknown[]) => unknown)]> {
    if (typeof value === 'string' || typeof value === 'function') yield [name, value as string];
    else for (const [key, one] of Object.entries(value ?? {})) yield* everyText(one, name ? `${name}.${key}` : key);
  }
});

/** A scene with settings of its own keeps all but the language. */
function inPseudo(message: Message): Message {
  return message.type === 'settings' ? { ...message, settings: { ...message.settings, language: 'pseudo' } } : message;
}

/** All that is seen, or said by a screen reader, except code and what is marked as nobody's to translate. */
function texts(root: Element): string[] {
  const found: string[] = [];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node instanceof Element ? node : node.parentElement!;
    if (element.closest('[translate="no"], [hidden], code, pre, style, script')) continue;
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
  return rest.split('\n').map((piece) => piece.trim().replace(/^[“"(]+|[”").,:;…]+$/g, '')).filter((piece) => /\p{L}{2}/u.test(piece));
}

/** What the host answers when a page asks: data as well. */
function answers(host: Host): Promise<unknown>[] {
  return [host.identity(''), host.tokenReport(''), host.journal(null, 1_000), host.consents(), host.network()];
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
