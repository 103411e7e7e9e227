// Refusals are written to stand in the middle of a line too; on their own they begin like a sentence.

/** With a capital at its beginning, unless it begins with a name that is written small: a host, a file, a path. */
export function sentence(text: string): string {
  return /^\p{Ll}+[\s,;:]/u.test(text) ? text.charAt(0).toLocaleUpperCase() + text.slice(1) : text;
}
