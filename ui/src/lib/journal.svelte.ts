// The journal as far as it was read, what goes on being added to it, and how a person looks at it. It outlives the page, so
// that whoever comes back finds their place.

import type { Event } from './api/Event';
import type { JournalPage } from './api/JournalPage';
import type { Refusal } from './api/Refusal';
import type { Host } from './host-words';
import { inOrder, keyOf, merged, timeOf } from './journal-entries';
import { everything, type Filter } from './journal-filter';

const PIECE = 500;
/** More are not kept here: the oldest can be read again. */
const MOST = 30_000;
/** Live entries come by thousands where programs ask for tokens: they are taken many at once. */
const PAUSE = 200;
/** A flow that is looked for is given up after so many pieces. */
const PIECES_LOOKED = 20;

export class Journal {
  /** The oldest first. */
  entries = $state.raw<readonly Event[]>([]);
  /** Whether there may be entries before the first. */
  older = $state(true);
  readingNewest = $state(false);
  readingOlder = $state(false);
  /** The newest piece has been read, or could not be. */
  begun = $state(false);
  problem = $state.raw<Refusal | null>(null);
  filter = $state.raw<Filter>(everything);
  /** Flows whose steps are shown in the list. */
  unfolded = $state.raw<ReadonlySet<string>>(new Set());
  /** How far down the list one was. */
  scrolled = 0;

  #held = $state.raw<readonly Event[] | null>(null);
  #live: readonly Event[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  // No deriveds: they would end with the page that made the journal.

  get paused(): boolean {
    return this.#held !== null;
  }

  /** What is shown: all, or what there was when it was paused. */
  get shown(): readonly Event[] {
    return this.#held ?? this.entries;
  }

  get waiting(): number {
    return this.#held === null ? 0 : this.entries.length - this.#held.length;
  }

  pause(): void {
    this.#held = this.entries;
  }

  resume(): void {
    this.#held = null;
  }

  /** The newest piece. Where it does not reach what is known, the hole between is closed by reading back anew. */
  async refresh(base = this.entries): Promise<void> {
    if (this.readingNewest) return;
    this.readingNewest = true;
    const page = await this.#read(null);
    this.readingNewest = false;
    if (page === null) return;
    const keys = new Set(page.events.map(keyOf));
    const first = page.events[0];
    const last = page.events.at(-1);
    const reaches = !this.begun || !page.older || base.some((event) => keys.has(keyOf(event)));
    const known = reaches ? this.entries : this.entries.filter((event) => last === undefined || inOrder(event, last) > 0);
    if (!this.begun || !reaches || first === undefined || known[0] === undefined || inOrder(first, known[0]) <= 0) this.older = page.older;
    this.begun = true;
    this.#set(merged(page.events, known));
  }

  #back: Promise<void> | null = null;

  /** The piece before the first entry. Who asks while it is under way waits for the same. */
  readOlder(): Promise<void> {
    const first = this.entries[0];
    if (!this.older || first === undefined) return Promise.resolve();
    this.#back ??= this.#readBefore(first.seq);
    return this.#back;
  }

  async #readBefore(seq: number): Promise<void> {
    this.readingOlder = true;
    const page = await this.#read(seq);
    this.readingOlder = false;
    // Before anybody sees what came: who wants still older ones asks at once.
    this.#back = null;
    if (page === null) return;
    const before = this.entries.length;
    // An agent that counts anew may answer with what is known already: then there is no way further back.
    const all = merged(page.events, this.entries);
    this.older = page.older && all.length > before;
    this.#set(all);
  }

  /** Reads back until the flow is there from its beginning, or the journal or the patience ends. */
  async find(flow: string): Promise<boolean> {
    const complete = () => this.entries.some((event) => event.flow === flow) && this.entries[0]?.flow !== flow;
    for (let pieces = 0; pieces < PIECES_LOOKED && this.older && !complete(); pieces += 1) {
      const before = this.entries.length;
      await this.readOlder();
      if (this.entries.length === before) break;
    }
    return this.entries.some((event) => event.flow === flow);
  }

  /** What the agent told meanwhile: its newest entries, as the window keeps them. */
  take(live: readonly Event[]): void {
    this.#live = live;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#add(this.#live);
    }, PAUSE);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #add(live: readonly Event[]): void {
    if (live.length === 0) return;
    const newest = this.entries.at(-1);
    // From the end back to what is known: mostly a few.
    const known = new Set(this.entries.slice(-live.length - 1).map(keyOf));
    let at = live.length;
    while (at > 0 && !known.has(keyOf(live[at - 1]!))) at -= 1;
    const fresh = live.slice(at);
    if (fresh.length === 0) return;
    const base = this.entries;
    this.#set(trimmed(merged(base, fresh)));
    if (this.entries.length < base.length + fresh.length) this.older = true;
    // Nothing of it was known, and there is something: there may be a hole between.
    const first = fresh[0];
    if (this.begun && at === 0 && newest && first && !(first.seq === newest.seq + 1 && timeOf(first) >= timeOf(newest))) void this.refresh(base);
  }

  #set(entries: readonly Event[]): void {
    this.entries = entries;
    // While it is paused older ones are still wanted: only newer ones wait.
    if (this.#held !== null) {
      const last = this.#held.at(-1);
      this.#held = last === undefined ? [] : this.entries.filter((event) => inOrder(event, last) <= 0);
    }
  }

  async #read(before: number | null): Promise<JournalPage | null> {
    try {
      const page = await this.#host.journal(before, PIECE);
      this.problem = null;
      return page;
    } catch (refusal) {
      this.problem = refusal as Refusal;
      this.begun = true;
      return null;
    }
  }
}

function trimmed(entries: readonly Event[]): readonly Event[] {
  return entries.length > MOST ? entries.slice(entries.length - MOST) : entries;
}

const journals = new WeakMap<Host, Journal>();

/** One for each host. */
export function journalOf(host: Host): Journal {
  let journal = journals.get(host);
  if (!journal) {
    journal = new Journal(host);
    journals.set(host, journal);
  }
  return journal;
}
