// Words that nobody speaks: each marked and 40 % longer, so that a text that is written into a component is found, and a
// place that is too short for another language.

import { learn, type Words } from '../words';
import { en } from '../words/en';

const PIECE = 8;

/** Marked, and longer by what German or Finnish may be longer. */
function marked(text: string): string {
  const pieces = Math.ceil((text.length * 0.4) / PIECE);
  const more = Array.from({ length: pieces }, (_, index) => '·'.repeat(Math.min(PIECE, Math.ceil(text.length * 0.4) - index * PIECE)));
  return `⟦${text}${more.join(' ')}⟧`;
}

function everyText<T>(words: T): T {
  if (typeof words === 'string') return marked(words) as T;
  if (typeof words === 'function') return ((...of: unknown[]) => everyText((words as (...of: unknown[]) => unknown)(...of))) as T;
  if (Array.isArray(words)) return words.map((one: unknown) => everyText(one)) as T;
  if (typeof words === 'object' && words !== null) {
    return Object.fromEntries(Object.entries(words).map(([name, one]) => [name, everyText(one)])) as T;
  }
  return words;
}

/** From now on it can be chosen as `pseudo`. */
export function learnPseudo(): void {
  const pseudo: Words = { ...everyText(en), language: 'en-x-pseudo' };
  learn('pseudo', pseudo);
}
