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
  #address = '';
  #asked: Promise<void> | null = null;
  #stopped = false;

  constructor(
    private readonly discover: (issuer: string) => Promise<Provider>,
    /** Told with the address that was asked. */
    private readonly onfound: (provider: Provider, address: string) => void,
  ) {}

  typed(issuer: string): void {
    clearTimeout(this.#timer);
    this.#newest += 1;
    this.#asked = null;
    this.#address = issuer;
    if (!looksLikeIssuer(issuer)) {
      this.now = { state: 'idle' };
      return;
    }
    this.now = { state: 'looking' };
    this.#timer = setTimeout(() => void this.look(issuer), PAUSE);
  }

  /** At once: after a fix by one click, or when the form is opened for a profile that is there. */
  look(issuer: string): Promise<void> {
    clearTimeout(this.#timer);
    this.#address = issuer;
    this.now = { state: 'looking' };
    this.#asked = this.#ask(issuer.trim(), ++this.#newest);
    return this.#asked;
  }

  /** When the newest address has its answer; `false` when nobody waits for it any more. */
  async answered(): Promise<boolean> {
    while (!this.#stopped && this.now.state === 'looking') await (this.#asked ?? this.look(this.#address));
    return !this.#stopped;
  }

  async #ask(issuer: string, mine: number): Promise<void> {
    try {
      const provider = await this.discover(issuer);
      if (mine !== this.#newest) return;
      this.now = { state: 'found', provider };
      this.onfound(provider, issuer);
    } catch (refusal) {
      if (mine === this.#newest) this.now = { state: 'refused', refusal: refusal as Refusal };
    }
  }

  /** Nothing that is still on its way counts any more. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#newest += 1;
    this.#stopped = true;
  }
}
