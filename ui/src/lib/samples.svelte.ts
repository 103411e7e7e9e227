// The languages a request can be written in, and the one that was chosen last: whoever works in Go wants Go again.

import type { Language } from './host-words';

/** Each with its name as people write it; the same everywhere. */
export const languages: readonly (readonly [Language, string])[] = [
  ['curl', 'curl'],
  ['csharp', 'C#'],
  ['go', 'Go'],
  ['java', 'Java'],
  ['nodejs', 'Node.js'],
  ['objective-c', 'Objective-C'],
  ['php', 'PHP'],
  ['python', 'Python'],
  ['ruby', 'Ruby'],
  ['rust', 'Rust'],
  ['swift', 'Swift'],
];

class Chosen {
  now = $state<Language>('curl');
}

/** For as long as the window is open. */
export const lastLanguage = new Chosen();
