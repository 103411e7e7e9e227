// Looking a provider up while its address is typed: waits for a pause, and only the newest answer counts.

import type { Provider } from './api/Provider';
import type { Refusal } from './api/Refusal';
import { looksLikeIssuer } from './profile-form';

const PAUSE = 400;

export type Lookup =
  | { state: 'idle' }
  | { state: 'looking' }
  | { state: 'found'; provider: Provider }
  | { state: 'refused'; refusal: Refusal };

export class ProviderLookup {
  now = $state.raw<Lookup>({ state: 'idle' });
  #timer: ReturnType<typeof setTimeout> | undefined;
  #newest = 0;

  constructor(
    private readonly discover: (issuer: string) => Promise<Provider>,
    private readonly onfound: (provider: Provider) => void,
  ) {}

  typed(issuer: string): void {
    clearTimeout(this.#timer);
    this.#newest += 1;
    if (!looksLikeIssuer(issuer)) {
      this.now = { state: 'idle' };
      return;
    }
    this.now = { state: 'looking' };
    this.#timer = setTimeout(() => void this.look(issuer), PAUSE);
  }

  /** At once: after a fix by one click, or when the form is opened for a profile that is there. */
  async look(issuer: string): Promise<void> {
    clearTimeout(this.#timer);
    const mine = ++this.#newest;
    this.now = { state: 'looking' };
    try {
      const provider = await this.discover(issuer.trim());
      if (mine !== this.#newest) return;
      this.now = { state: 'found', provider };
      this.onfound(provider);
    } catch (refusal) {
      if (mine === this.#newest) this.now = { state: 'refused', refusal: refusal as Refusal };
    }
  }

  /** Nothing that is still on its way counts any more. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#newest += 1;
  }
}
