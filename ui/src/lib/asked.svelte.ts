// Something that is asked of the host: on its way, there, or refused. What was there stays while it is asked again.

import type { Refusal } from './api/Refusal';

export class Asked<T> {
  value = $state.raw<T | null>(null);
  refusal = $state.raw<Refusal | null>(null);
  waiting = $state(false);
  #turn = 0;

  /** The newest question counts: what answers an older one is not looked at. */
  async ask(question: () => Promise<T>): Promise<void> {
    const turn = ++this.#turn;
    this.waiting = true;
    const [value, refusal] = await question().then(
      (answer) => [answer, null] as const,
      (why: Refusal) => [this.value, why] as const,
    );
    if (turn !== this.#turn) return;
    this.value = value;
    this.refusal = refusal;
    this.waiting = false;
  }
}
