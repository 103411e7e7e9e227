// Profiles out of a file: looked at first, then saved one after the other, each with what came of it.

import type { ImportPreview } from './api/ImportPreview';
import type { PortableFormat } from './api/PortableFormat';
import type { Refusal } from './api/Refusal';
import type { Host } from './host-words';

/** As the agent has it: 1 MiB. */
export const LARGEST = 1024 * 1024;

export type Outcome = { state: 'waiting' } | { state: 'saving' } | { state: 'saved' } | { state: 'refused'; refusal: Refusal };

export class Importing {
  preview = $state.raw<ImportPreview | null>(null);
  /** Names of the profiles to be saved. */
  chosen = $state.raw<readonly string[]>([]);
  outcomes = $state.raw<Readonly<Record<string, Outcome>>>({});
  refusal = $state.raw<Refusal | null>(null);
  busy = $state(false);

  constructor(private readonly host: Pick<Host, 'previewImport' | 'saveProfile'>) {}

  readonly saved = $derived(Object.values(this.outcomes).filter((one) => one.state === 'saved').length);
  /** What is chosen and not saved yet. */
  readonly left = $derived(this.chosen.filter((name) => this.outcomes[name]?.state !== 'saved'));

  async look(text: string, format: PortableFormat | ''): Promise<void> {
    this.busy = true;
    this.refusal = null;
    try {
      this.preview = await this.host.previewImport({ text, ...(format ? { format } : {}) });
      this.chosen = this.preview.profiles.map(({ profile }) => profile.name);
      this.outcomes = {};
    } catch (refusal) {
      this.refusal = refusal as Refusal;
    }
    this.busy = false;
  }

  choose(name: string, wanted: 'wanted' | 'unwanted'): void {
    this.chosen = wanted === 'wanted' ? [...this.chosen, name] : this.chosen.filter((one) => one !== name);
  }

  /** In the order of the file; what one is refused for keeps no other from being saved. */
  async save(): Promise<void> {
    this.busy = true;
    const { left } = this;
    for (const name of left) this.#say(name, { state: 'waiting' });
    for (const { profile } of this.preview?.profiles ?? []) {
      if (!left.includes(profile.name)) continue;
      this.#say(profile.name, { state: 'saving' });
      try {
        await this.host.saveProfile(profile);
        this.#say(profile.name, { state: 'saved' });
      } catch (refusal) {
        this.#say(profile.name, { state: 'refused', refusal: refusal as Refusal });
      }
    }
    this.busy = false;
  }

  #say(name: string, outcome: Outcome): void {
    this.outcomes = { ...this.outcomes, [name]: outcome };
  }
}
