// What a person has made of the requests that wait, as long as they do: whoever looks elsewhere finds it again.

import type { Pause } from './api/Pause';
import { draftOf, type Draft } from './step-draft';

export class Drafts {
  /** By the sign-in's id: one request of it waits at a time. */
  private readonly kept = new Map<string, { number: number; draft: Draft }>();

  of(signIn: string, pause: Pause): Draft {
    const kept = this.kept.get(signIn);
    return kept?.number === pause.number ? kept.draft : draftOf(pause);
  }

  keep(signIn: string, { number }: Pause, draft: Draft): void {
    this.kept.set(signIn, { number, draft });
  }

  /** It is over: what was typed may be a secret. */
  forget(signIn: string): void {
    this.kept.delete(signIn);
  }
}
