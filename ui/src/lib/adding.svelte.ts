// A profile to make or to change, as the sheet and its parts see it: what is typed, what is known, what is wrong.

import { tick } from 'svelte';

import type { Provider } from './api/Provider';
import type { ProfileView } from './api/ProfileView';
import type { Refusal } from './api/Refusal';
import { fieldOf, fields, type FieldName } from './field-of';
import type { ProfileEntry } from './host-words';
import { ProviderLookup } from './lookup.svelte';
import {
  emptyForm,
  entryOf,
  formOf,
  leadsWhereItDid,
  looksLikeIssuer,
  meantBy,
  problemsOf,
  redirectUris,
  registeredUris,
  withoutOpenId,
  withProvider,
  type Problems,
  type ProfileForm,
} from './profile-form';
import type { Product } from './providers';

/** What is asked at a provider besides its address: the product it is said to be, the profile it has to fit. */
export interface About {
  preset?: string;
  profile?: string;
}

export interface Means {
  /** The profile to change; a new one when absent. */
  profile: ProfileView | null;
  /** Names that are in use by others. */
  taken: () => readonly string[];
  discover: (issuer: string, about?: About) => Promise<Provider>;
  save: (entry: ProfileEntry) => Promise<void>;
  onsaved: (name: string, signIn: boolean) => void;
  /** Leads the person to a field. */
  focus: (field: FieldName) => void;
}

/** Behind “More options”. */
const RARE: readonly FieldName[] = ['name', 'scopes', 'ports'];

export class Adding {
  form = $state<ProfileForm>(emptyForm());
  /** The product a person said it is. */
  product = $state.raw<Product | null>(null);
  /** What we see ourselves, in the person's language. */
  problems = $state<Problems>({});
  /** What the agent or the provider refused, at the field it is about. */
  refused = $state<Partial<Record<FieldName, Refusal>>>({});
  /** What was refused and is about no field. */
  refusal = $state.raw<Refusal | null>(null);
  saving = $state<'save' | 'sign-in' | null>(null);
  /** Whether the rare options are open. */
  more = $state(false);
  readonly lookup: ProviderLookup;
  readonly editing: ProfileView | null;

  constructor(private readonly means: Means) {
    this.editing = means.profile;
    if (means.profile) this.form = formOf(means.profile);
    this.lookup = new ProviderLookup(
      (issuer) => this.#discover(issuer),
      (provider, address) => {
        this.form = withProvider(this.form, address, provider, this.means.taken(), this.product?.preset ?? null);
        this.mended('issuer');
      },
    );
  }

  readonly provider = $derived.by(() => (this.lookup.now.state === 'found' ? this.lookup.now.provider : null));
  /** Why the provider could not be looked at. */
  readonly unknown = $derived.by(() => (this.lookup.now.state === 'refused' ? this.lookup.now.refusal : null));
  readonly meant = $derived.by(() => meantBy(this.form));
  readonly openid = $derived.by(() => !withoutOpenId(this.meant.hidden));
  /** Whether it is known where to sign in, so that the rest can be asked. */
  readonly begun = $derived.by(() => this.editing !== null || looksLikeIssuer(this.form.issuer));
  /** Whether the provider has answered, or will not: what it needs is not asked before. */
  readonly answered = $derived.by(() => this.editing !== null || this.provider !== null || this.unknown !== null);
  readonly steps = $derived.by(() => (leadsWhereItDid(this.form) ? this.editing?.setup : this.provider?.setup) ?? []);
  /** Whether any port will do there; otherwise what is registered is compared with its port. */
  readonly anyPort = $derived.by(() => this.meant.ports.trim() === '');
  readonly addresses = $derived.by(() => (this.steps.length > 0 ? registeredUris(this.form) : redirectUris(this.form)));
  /** Where the client was refused, it may as well have been for its secret. */
  readonly wantsSecret = $derived.by(
    () => ['wanted', 'of_another'].includes(this.meant.secret) || this.troubled('secret') || this.refused.clientId?.code === 'token.client_rejected',
  );
  /** Where tokens are for an API by its audience, it is asked for at once. */
  readonly wantsAudience = $derived.by(() => this.provider?.preset === 'auth0' || this.form.audience !== '' || this.troubled('audience'));

  troubled(field: FieldName): boolean {
    return this.problems[field] !== undefined || this.refused[field] !== undefined;
  }

  /** Nobody is told of what they are just changing. */
  mended(field: FieldName): void {
    delete this.problems[field];
    delete this.refused[field];
  }

  typed(): void {
    this.mended('issuer');
    this.refusal = null;
    this.lookup.typed(this.form.issuer);
  }

  /** A tile: known at once where everybody has the same address, else that is what is asked next. */
  choose(product: Product | null): void {
    this.product = product;
    this.form.issuer = product?.issuer ?? '';
    this.typed();
    if (product?.issuer) void this.lookup.look(product.issuer);
    void this.#lead(product?.issuer ? 'clientId' : 'issuer');
  }

  /** The provider's own name, by one click. */
  use(issuer: string): void {
    this.form.issuer = issuer;
    this.refusal = null;
    void this.lookup.look(issuer);
    this.means.focus('clientId');
  }

  /** Leads to what was refused, with its reason. */
  async about(refusal: Refusal): Promise<void> {
    const field = fieldOf(refusal);
    if (field === null) {
      this.refusal = refusal;
      return;
    }
    this.refused = { [field]: refusal };
    await this.#lead(field);
  }

  async submit(then: 'save' | 'sign-in'): Promise<void> {
    if (this.saving !== null) return;
    this.refusal = null;
    this.refused = {};
    this.saving = then;
    try {
      // What the provider needs is not known before it has answered.
      if (!(await this.lookup.answered())) return;
      this.problems = problemsOf(this.form, this.means.taken());
      const first = fields.find((field) => this.problems[field]);
      if (first) return await this.#lead(first);
      // Byte for byte as the provider calls itself, where it has answered.
      const entry = entryOf(this.form, this.provider?.issuer ?? this.form.issuer.trim());
      await this.means.save(entry);
      this.form.secret = '';
      this.means.onsaved(entry.name, then === 'sign-in');
    } catch (error) {
      await this.about(error as Refusal);
    } finally {
      this.saving = null;
    }
  }

  async #lead(field: FieldName): Promise<void> {
    if (RARE.includes(field)) this.more = true;
    await tick();
    this.means.focus(field);
  }

  #discover(issuer: string): Promise<Provider> {
    if (this.editing && leadsWhereItDid(this.form)) return this.means.discover(issuer, { profile: this.editing.name });
    return this.product ? this.means.discover(issuer, { preset: this.product.preset }) : this.means.discover(issuer);
  }
}
