import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { refusal } from '../src/lib/mock/samples';
import { whoActs, type Actor } from '../src/lib/who-acts';

const actors: Record<string, Actor> = {
  You: 'you',
  'Whoever runs the provider': 'provider',
  'Whoever looks after this computer': 'computer',
  'Nobody: it passes by itself': 'nobody',
  'Us: it is a bug': 'us',
};

it('is told of every code as the dictionary tells it', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/errors.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `([a-z]+\.[a-z_]+)` \| [^|]* \| ([^|]*) \|/gm)].map(([, code = '', who = '']) => [code, actors[who.trim()]]);
  expect(rows.length).toBeGreaterThan(200);
  expect(rows.map(([code = '']) => [code, whoActs(refusal(code, ''))])).toEqual(rows);
});
