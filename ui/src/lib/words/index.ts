// Every text of the window. A further language is a folder like `en/`, of the type `Words`, and a line in `languages`.

import { de } from './de';
import { en } from './en';

/** What each language has: English, text for text. */
export type Words = Spoken<typeof en>;

/** Any text in place of the English one. */
type Spoken<T> = T extends string
  ? string
  : T extends (...of: infer Of) => infer Said
    ? (...of: Of) => Spoken<Said>
    : { [Name in keyof T]: Spoken<T[Name]> };

const languages: Record<string, Words> = { en, de };

/** One more language, for tests and pictures. */
export function learn(tag: string, words: Words): void {
  languages[tag] = words;
}

/** What a person can choose from, each in its own words. */
export const known: readonly string[] = Object.keys(languages);

/** The words of the first of these languages that we have. */
function chosen(preferred: readonly string[]): Words {
  for (const tag of preferred) {
    const words = languages[tag] ?? languages[tag.split('-')[0] ?? ''];
    if (words) return words;
  }
  return en;
}

/** Whoever shows them is made anew when they change (`App.svelte`). */
export let words: Words = chosen(navigator.languages ?? []);

/** For dates and numbers: the person's own region where it speaks our language (a 24-hour clock in `en-GB`). */
export let region: string = regionOf(words);

function regionOf({ language }: Words): string {
  return (navigator.languages ?? []).find((tag) => tag === language || tag.startsWith(`${language}-`)) ?? language;
}

/** From now on in this language; `system` for the person's own. */
export function speak(language: string): void {
  words = chosen(language === 'system' ? (navigator.languages ?? []) : [language]);
  region = regionOf(words);
  document.documentElement.lang = words.language;
}
