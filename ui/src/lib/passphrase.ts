// Whether a new passphrase is worth sending: the agent judges it again, and cannot know of a slip.

export type Unfit = 'short' | 'long' | 'different';

/** Characters, and bytes: as the agent counts them. */
const SHORTEST = 8;
const LONGEST = 1024;

export function unfit(passphrase: string, again: string): Unfit | null {
  if ([...passphrase].length < SHORTEST) return 'short';
  if (new TextEncoder().encode(passphrase).length > LONGEST) return 'long';
  return passphrase === again ? null : 'different';
}
