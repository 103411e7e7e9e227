// Every text of the window. A further language is a folder like `en/`, of the type `Words`, and a line in `fetched`.

import { en } from './en';

/** What each language has: English, text for text. */
export type Words = Spoken<typeof en>;

/** Any text in place of the English one. */
type Spoken<T> = T extends string
  ? string
  : T extends (...of: infer Of) => infer Said
    ? (...of: Of) => Spoken<Said>
    : { [Name in keyof T]: Spoken<T[Name]> };

const languages: Record<string, Words> = { en };

/** Those that are fetched when somebody speaks them. */
const fetched: Record<string, () => Promise<Words>> = {
  de: async () => (await import('./de')).de,
};

/** One more language, for tests and pictures. */
export function learn(tag: string, words: Words): void {
  languages[tag] = words;
}

/** What a person can choose from, each in its own words. */
export const known: readonly string[] = [...Object.keys(languages), ...Object.keys(fetched)];

/** The first of these languages that we have. */
function chosen(preferred: readonly string[]): string {
  for (const tag of preferred) {
    for (const one of [tag, tag.split('-')[0] ?? '']) if (one in languages || one in fetched) return one;
  }
  return 'en';
}

/** Whoever shows them is made anew when they change (`App.svelte`). */
export let words: Words = languages[chosen(navigator.languages ?? [])] ?? en;

/** For dates and numbers: the person's own region where it speaks our language (a 24-hour clock in `en-GB`). */
export let region: string = regionOf(words);

function regionOf({ language }: Words): string {
  return (navigator.languages ?? []).find((tag) => tag === language || tag.startsWith(`${language}-`)) ?? language;
}

let wanted = '';

/** From now on in this language, `system` for the person's own: at once, or when what is returned is fulfilled. */
export function speak(language: string): Promise<void> | null {
  const tag = chosen(language === 'system' ? (navigator.languages ?? []) : [language]);
  wanted = tag;
  const here = languages[tag];
  if (!here) return fetchLanguage(tag).then((come) => (wanted === tag ? say(come) : undefined));
  say(here);
  return null;
}

function say(language: Words): void {
  words = language;
  region = regionOf(words);
  document.documentElement.lang = words.language;
}

/** English where the words do not come: better than nothing. */
async function fetchLanguage(tag: string): Promise<Words> {
  try {
    const come = languages[tag] ?? (await fetched[tag]?.()) ?? en;
    languages[tag] = come;
    return come;
  } catch {
    return en;
  }
}

/** All that are not there yet, so that to choose one of them changes the window at once. */
export async function fetchWords(): Promise<void> {
  await Promise.all(Object.keys(fetched).map(fetchLanguage));
}
