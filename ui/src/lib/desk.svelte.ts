// What the window knows and what a person can have it do. Pages get what they show and the verbs they need.

import { tick } from 'svelte';

import type { ConsentAnswer } from './api/ConsentAnswer';
import type { ProfileView } from './api/ProfileView';
import type { Refusal } from './api/Refusal';
import type { Session } from './api/Session';
import type { SessionChange } from './api/SessionChange';
import type { SignInRequest } from './api/SignInRequest';
import type { SignOut } from './api/SignOut';
import type { VaultKind } from './api/VaultKind';
import type { Host, Settings } from './host-words';
import { Listing } from './listing.svelte';
import { nameOf, providerOf } from './people';
import { Way } from './route.svelte';
import { apply, beginning, isOver } from './state';
import { Drafts } from './step-drafts';
import { duration } from './time';
import { Toasts } from './toasts.svelte';
import { speak, words } from './words';

/** What lies over the page. */
export type Sheet =
  | { kind: 'profile'; profile: ProfileView | null; problem?: Refusal }
  | { kind: 'sign-in'; id: string; profile: string }
  | { kind: 'sign-out'; session: Session }
  | { kind: 'remove'; profile: ProfileView }
  | { kind: 'start-over' };

/** How long a card is pointed out that has just come. */
const FRESH_SHOWN = 2_400;
/** How long a person may look at a request before it is sent, in seconds. */
const STEP_PATIENCE = 900;

export class Desk {
  now = $state.raw(beginning);
  sheet = $state.raw<Sheet | null>(null);
  /** The session that has just come. */
  fresh = $state<string | null>(null);
  startingDemo = $state(false);
  /** Questions that were put aside for a moment, by their ids: they go on waiting, and end as they would. */
  aside = $state.raw<readonly string[]>([]);
  /** The token that may still be pasted, and since when. */
  copied = $state.raw<{ session: string; at: number } | null>(null);
  /** Changes with the language: everything that was said is said anew. */
  spoken = $state(words.language);
  /** The words that were asked for are on their way: better nothing for a moment than another language. */
  speechless = $state(false);
  readonly way = new Way();
  readonly toasts = new Toasts();
  readonly listing = new Listing();
  readonly drafts = new Drafts();

  /** Sign-ins that were begun here in step mode. */
  private readonly stepping = new Set<string>();

  /** How many settings are on their way. */
  private setting = 0;

  constructor(readonly host: Host) {}

  readonly connected = $derived(this.now.connection.state === 'connected');
  readonly empty = $derived(this.now.profiles.length === 0 && this.now.sessions.length === 0);

  /** From now on; what is returned stops it. */
  start(): () => void {
    this.host.watch((message) => {
      if (message.type === 'go') return this.way.go({ place: message.place });
      this.now = apply(this.now, message);
      if (message.type === 'sign_in' && isOver(message.sign_in)) this.drafts.forget(message.sign_in.id);
      if (message.type === 'settings') {
        void this.appear(message.settings);
        // The file of settings is not understood: the usual ones are in force.
        if (message.problem) this.toasts.refuse(words.problems.other, message.problem);
      }
    });
    return this.way.start();
  }

  /** Sets something of the window: seen at once, and as it was where it cannot be kept. */
  async set(changes: Partial<Settings>): Promise<Refusal | null> {
    const before = this.now.settings;
    const seen = this.settle({ ...before, ...changes });
    this.setting += 1;
    try {
      const kept = await this.host.setSettings(this.now.settings);
      // An answer to an earlier choice would undo the later one for a moment.
      if (this.setting === 1) void this.settle(kept);
      await seen;
      return null;
    } catch (refusal) {
      // Only what was not kept: something else may have been set meanwhile.
      const back = Object.fromEntries(Object.keys(changes).map((key) => [key, before[key as keyof Settings]]));
      await this.settle({ ...this.now.settings, ...back });
      return refusal as Refusal;
    } finally {
      this.setting -= 1;
    }
  }

  private settle(settings: Settings): Promise<void> {
    this.now = apply(this.now, { type: 'settings', settings, able: this.now.able });
    return this.appear(settings);
  }

  private async appear({ language, appearance }: Settings): Promise<void> {
    document.documentElement.dataset.appearance = appearance;
    const coming = speak(language);
    this.spoken = words.language;
    if (coming === null) return;
    // What is seen already stays until it can be said anew.
    this.speechless = this.now.hello === null;
    await coming;
    this.speechless = false;
    this.spoken = words.language;
  }

  /** Runs a verb; what the agent refuses is said, and never lost. */
  async attempt<T>(verb: Promise<T>): Promise<T | null> {
    try {
      return await verb;
    } catch (refusal) {
      this.toasts.refuse(words.problems.other, refusal as Refusal);
      return null;
    }
  }

  close = (): void => {
    this.sheet = null;
  };

  async signIn(profile: string, session?: Session): Promise<void> {
    await this.begin(profile, { login_hint: session?.email ?? null });
  }

  /** For people who test: each request waits, and is shown before it is sent. */
  async signInByStep(profile: string, session?: Session): Promise<void> {
    await this.begin(profile, { login_hint: session?.email ?? null, step: true, timeout: STEP_PATIENCE });
  }

  private async begin(profile: string, how: Partial<SignInRequest>): Promise<void> {
    const started = await this.attempt(
      this.host.startSignIn({
        profile,
        timeout: null,
        browser: 'agent',
        prompt: null,
        login_hint: null,
        params: {},
        ...how,
      }),
    );
    if (started === null) {
      // Somebody else may have started it: it can be shown all the same.
      const running = this.now.signIns.find((one) => one.profile === profile && !['done', 'failed', 'cancelled'].includes(one.step));
      if (running) this.showSignIn(running.id);
      return;
    }
    if (!this.now.signIns.some((one) => one.id === started.id)) this.now = apply(this.now, { type: 'sign_in', sign_in: started });
    if (how.step) this.stepping.add(started.id);
    this.showSignIn(started.id);
  }

  showSignIn(id: string): void {
    const known = this.now.signIns.find((one) => one.id === id);
    if (known?.pause || this.stepping.has(id)) return this.showSteps(id);
    this.sheet = { kind: 'sign-in', id, profile: known?.profile ?? '' };
  }

  showSteps(id: string): void {
    this.sheet = null;
    this.way.go({ place: 'inspect', steps: id });
  }

  async cancelSignIn(id: string): Promise<void> {
    const stopped = await this.attempt(this.host.cancelSignIn(id));
    this.sheet = null;
    if (stopped) this.toasts.say({ tone: 'info', title: words.toasts.cancelled });
  }

  /** A finished sign-in hands over to its card. */
  async handOver(session: string): Promise<void> {
    this.sheet = null;
    this.fresh = session;
    this.way.go({ place: 'accounts' });
    await tick();
    document.querySelector<HTMLElement>(`[data-session="${CSS.escape(session)}"] :is(h2, h3)`)?.focus();
    setTimeout(() => (this.fresh = null), FRESH_SHOWN);
  }

  async demo(): Promise<void> {
    this.startingDemo = true;
    const profile = await this.attempt(this.host.startDemo());
    this.startingDemo = false;
    if (profile !== null) await this.signIn(profile);
  }

  async copyToken(session: Session): Promise<boolean> {
    const copied = await this.attempt(this.host.copyToken(session.id).then(() => true));
    if (!copied) return false;
    this.copied = { session: session.id, at: Date.now() };
    this.toasts.say({
      tone: 'good',
      title: words.toasts.tokenCopied,
      text: words.toasts.tokenCopiedText,
      action: { label: words.toasts.clearNow, act: () => void this.forgetCopied() },
    });
    return true;
  }

  async forgetCopied(): Promise<void> {
    const forgotten = await this.attempt(this.host.forgetCopied().then(() => true));
    if (!forgotten) return;
    this.copied = null;
    this.toasts.say({ tone: 'good', title: words.toasts.cleared });
  }

  async renew(session: Session): Promise<void> {
    const renewed = await this.attempt(this.host.renew({ profile: session.profile, account: session.id }));
    if (renewed === null) return;
    const life = renewed.expires_at === null ? null : Date.parse(renewed.expires_at) - Date.parse(renewed.issued_at);
    this.toasts.say({
      tone: 'good',
      title: words.toasts.renewed,
      ...(life === null ? {} : { text: words.toasts.renewedText(duration(life, words.language)) }),
    });
  }

  async changeSession(id: string, change: SessionChange): Promise<Session | null> {
    const session = await this.attempt(this.host.changeSession(id, change));
    if (session) this.now = apply(this.now, { type: 'session', session });
    return session;
  }

  async signOut(session: Session, how: SignOut): Promise<void> {
    const answer = await this.attempt(
      this.host.signOut({ profile: session.profile, account: session.id, how, browser: 'agent' }),
    );
    this.sheet = null;
    if (answer === null) return;
    this.toasts.say({
      tone: 'good',
      title: words.signOut.done(nameOf(session)),
      steps: answer.steps.map(({ step, done, reason }) => {
        const text = done ? words.signOut.steps[step].done : words.signOut.steps[step].not;
        return { done, text: reason ? `${text}: ${reason}` : text };
      }),
    });
  }

  async removeProfile(name: string): Promise<void> {
    const removed = await this.attempt(this.host.removeProfile(name).then(() => true));
    this.sheet = null;
    if (removed) this.toasts.say({ tone: 'info', title: words.remove.done(name) });
  }

  /** A question that is over already is over all the same. */
  async answerConsent(id: string, answer: ConsentAnswer): Promise<void> {
    await this.attempt(this.host.answerConsent(id, answer));
    this.now = apply(this.now, { type: 'consent_settled', id });
  }

  putAside(id: string): void {
    this.aside = [...this.aside, id];
  }

  /** Shows a question again that was put aside. */
  decide(id: string): void {
    this.aside = this.aside.filter((one) => one !== id);
  }

  async copyLink(id: string): Promise<void> {
    const copied = await this.attempt(this.host.copyLink(id).then(() => true));
    if (copied) this.toasts.say({ tone: 'good', title: words.signIn.linkCopied });
  }

  async chooseVault(kind: VaultKind, passphrase?: string): Promise<void> {
    await this.attempt(this.host.chooseVault({ kind, start_over: false, ...(passphrase === undefined ? {} : { passphrase }) }));
  }

  async startOver(): Promise<void> {
    await this.attempt(this.host.chooseVault({ kind: 'keyring', start_over: true }));
    this.sheet = null;
  }

  addAccount = (): void => {
    this.sheet = { kind: 'profile', profile: null };
  };

  /** Leads to the profile, and where a refusal names one, to the field that is wrong. */
  edit(name: string, problem?: Refusal): void {
    const profile = this.now.profiles.find((one) => one.name === name);
    if (profile) this.sheet = { kind: 'profile', profile, ...(problem ? { problem } : {}) };
  }

  saved(name: string, andSignIn: boolean): void {
    this.sheet = null;
    if (andSignIn) void this.signIn(name);
    else this.toasts.say({ tone: 'good', title: words.toasts.saved(name) });
  }

  providerName(profile: string): string {
    const known = this.now.profiles.find((one) => one.name === profile);
    return known ? providerOf(known.issuer, profile) : profile;
  }
}
