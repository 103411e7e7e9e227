// The decisions about programs and what they were handed, as the agent tells them: read when asked, and again when they change.

import type { Consent } from './api/Consent';
import type { Event } from './api/Event';
import type { Refusal } from './api/Refusal';
import { isHandOut } from './consent-view';
import type { Host } from './host-words';

/** Between two readings: hand-outs come by the thousand. */
const GAP = 1_000;
const PAGE = 200;
/** Pages that hold no hand-out are passed over, but not without end. */
const PAGES_AT_ONCE = 5;

export class Granted {
  /** Nothing before the first answer. */
  consents = $state.raw<readonly Consent[] | null>(null);
  problem = $state.raw<Refusal | null>(null);
  reading = $state(false);
  /** Of the journal, the oldest first. */
  events = $state.raw<readonly Event[]>([]);
  older = $state(false);
  readingOlder = $state(false);
  #again = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly host: Pick<Host, 'consents' | 'journal'>) {}

  /** Reads the decisions; what comes while they are read is read soon after. */
  async read(): Promise<void> {
    if (this.reading || this.#timer !== undefined) {
      this.#again = true;
      return;
    }
    this.reading = true;
    try {
      this.consents = (await this.host.consents()).consents;
      this.problem = null;
    } catch (refusal) {
      this.problem = refusal as Refusal;
    }
    this.reading = false;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (!this.#again) return;
      this.#again = false;
      void this.read();
    }, GAP);
  }

  /** Reads on in the journal until there is a hand-out, or nothing more. */
  async readOlder(): Promise<void> {
    if (this.readingOlder) return;
    this.readingOlder = true;
    try {
      for (let pages = 0; pages < PAGES_AT_ONCE; pages += 1) {
        const page = await this.host.journal(this.events[0]?.seq ?? null, PAGE);
        this.events = [...page.events, ...this.events];
        this.older = page.older && page.events.length > 0;
        if (!this.older || page.events.some(isHandOut)) break;
      }
    } catch (refusal) {
      this.problem = refusal as Refusal;
    }
    this.readingOlder = false;
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
