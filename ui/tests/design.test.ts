// docs/design-language.md says what tokens.css says, and what is written with the tokens can be read.
// `DOORKEY_WRITE=1 npx vitest run tests/design.test.ts` writes the page's tables.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { contrast, looks, tokens, valueOf, type Look } from './tokens';

const page = join(import.meta.dirname, '../../docs/design-language.md');
const icons = join(import.meta.dirname, '../../src-tauri/icons');
const parts = join(import.meta.dirname, '../src/parts');

const GROUNDS = ['--ground', '--surface', '--surface-sunken', '--surface-hover'];
/** What is read, and everything it may stand on. */
const READ: Record<string, readonly string[]> = {
  '--text': [...GROUNDS, '--accent-soft', '--warn-soft', '--bad-soft'],
  '--text-muted': [...GROUNDS, '--accent-soft', '--warn-soft', '--bad-soft'],
  '--text-faint': GROUNDS,
  '--accent': [...GROUNDS, '--accent-soft'],
  '--accent-strong': [...GROUNDS, '--accent-soft'],
  '--on-accent': ['--accent', '--accent-strong'],
  '--warn-text': [...GROUNDS, '--warn-soft'],
  '--bad-text': [...GROUNDS, '--bad-soft'],
  '--on-bad': ['--bad'],
  ...Object.fromEntries([1, 2, 3, 4, 5, 6].map((count) => [`--person-${count}-ink`, [`--person-${count}`]])),
};
/** What is seen: borders of controls, signs, the line of the focus (WCAG 2.2, 1.4.11). */
const SEEN: Record<string, readonly string[]> = {
  '--line-control': ['--surface', '--ground'],
  '--warn': [...GROUNDS, '--warn-soft'],
  '--bad': [...GROUNDS, '--bad-soft'],
};

function least(name: string, grounds: readonly string[], look: Look): number {
  return Math.min(...grounds.map((ground) => contrast(valueOf(name, look), valueOf(ground, look))));
}

describe('what is read', () => {
  describe.each(looks)('%s', (look) => {
    const wanted = look.endsWith('more contrast') ? 7 : 4.5;

    it.each(Object.entries(READ))(`%s has a contrast of ${wanted}`, (name, grounds) => {
      expect(least(name, grounds, look)).toBeGreaterThanOrEqual(wanted);
    });

    it.each(Object.entries(SEEN))('%s has a contrast of 3', (name, grounds) => {
      expect(least(name, grounds, look)).toBeGreaterThanOrEqual(3);
    });
  });
});

describe('the page', () => {
  const groups: Record<string, (name: string) => boolean> = {
    type: (name) => name.startsWith('--type-'),
    measures: (name) => /^--(space|radius|control|page|focus)/.test(name),
    motion: (name) => /^--(quick|calm|slow|ease)$/.test(name),
  };

  it.each(Object.keys(groups))('has every token of %s', (group) => {
    const rows = [...tokens].filter(([name]) => groups[group]?.(name)).map(([name, value]) => `| \`${name}\` | \`${value}\` |`);
    agree(group, ['| token | value |', '|---|---|', ...rows]);
  });

  it('has every colour, with its contrast', () => {
    const colours = [...tokens].filter(([, value]) => value.startsWith('var(--light, #')).map(([name]) => name);
    const rows = colours.map((name) => {
      const grounds = READ[name] ?? SEEN[name];
      const cell = (look: Look) => `\`${valueOf(name, look)}\`${grounds ? ` ${least(name, grounds, look).toFixed(1)}` : ''}`;
      return `| \`${name}\` | ${looks.map(cell).join(' | ')} |`;
    });
    agree('colours', [`| token | ${looks.join(' | ')} |`, '|---|---|---|---|---|', ...rows]);
  });

  /** Compares a generated part of the page with what it should be, or writes it. */
  function agree(name: string, lines: readonly string[]) {
    const text = readFileSync(page, 'utf8');
    const [start, end] = [`<!-- generated: ${name} -->`, `<!-- end of ${name} -->`];
    const [before, rest] = text.split(start);
    const [now, after] = rest?.split(end) ?? [];
    expect(after, `${name} has its place`).toBeDefined();
    if (process.env['DOORKEY_WRITE']) writeFileSync(page, `${before}${start}\n\n${lines.join('\n')}\n\n${end}${after}`);
    else expect(now?.trim().split('\n')).toEqual(lines);
  }
});

describe('the drawings', () => {
  it.each([['wordmark.svg', 'Wordmark.svelte']])('%s is what the window shows', (drawing, part) => {
    const paths = (file: string) => [...readFileSync(file, 'utf8').matchAll(/ d="([^"]+)"/g)].map(([, d]) => d);
    const drawn = paths(`${icons}/${drawing}`);
    expect(drawn.length).toBeGreaterThan(0);
    expect(paths(`${parts}/${part}`)).toEqual(drawn);
  });
});
