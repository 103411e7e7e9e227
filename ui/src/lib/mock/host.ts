// A host without an agent: `?scene=` shows a state, and the verbs play a short story on it. `?lang=` and `?look=` are what
// a person may have set: a language such as `de` (or `pseudo`, see there), `light` or `dark`.

import type { Refusal } from '../api/Refusal';
import type { Session } from '../api/Session';
import type { SignIn } from '../api/SignIn';
import type { Host, Message } from '../host-words';
import type { ScenarioMessage } from '../scenario-words';
import { looks } from './account-scenes';
import { openedEvidence, sampled } from './evidence';
import { goOn, journalIn, pageOf, recorded } from './journal';
import { decided, handedOut } from './programs';
import { after, auth0, entra, github, graceIdentity, hello, identity, network, profile, provider, refusal, session, signIn, tokenReport, unknownProduct } from './samples';
import { learnPseudo } from './pseudo';
import { planned, scenarioStory } from './scenarios';
import { scenes } from './scenes';
import { exported, importPreview, networks } from './settings';
import { stages, StepPlay, stepsIn } from './steps';

const query = new URLSearchParams(location.search);
const scene = query.get('scene') ?? 'empty';
/** How a sign-in goes: `wait` stays in the browser, `fail` is refused, everything else works out. */
const story = query.get('story') ?? 'done';
const settings = {
  language: query.get('lang') ?? 'system',
  appearance: query.get('look') === 'dark' ? ('dark' as const) : query.get('look') === 'light' ? ('light' as const) : ('system' as const),
  tray: true,
  autostart: false,
  notifications: true,
};

const recordedHere = scene.startsWith('step') ? stepsIn(scene, Date.now()) : journalIn(scene, Date.now());
/** Sign-ins in step mode, by their ids. */
const plays = new Map<string, StepPlay>();

let tell: (message: Message) => void = () => undefined;
let tellScenarios: (message: ScenarioMessage) => void = () => undefined;
const known = new Map<string, Session>();
const consents = decided[scene]?.(Date.now()) ?? [];
const revoked = new Set<string>();

function later(ms: number, act: () => void): void {
  setTimeout(act, ms);
}

function refused(why: Refusal): Promise<never> {
  return Promise.reject(why);
}

/** Moves a sign-in on, as the agent would tell it. */
function move(signIn: SignIn, changes: Partial<SignIn>): SignIn {
  const moved = { ...signIn, ...changes };
  tell({ type: 'sign_in', sign_in: moved });
  return moved;
}

function play(start: SignIn): void {
  if (story === 'slow') {
    move(start, { started_at: after(Date.now(), -0.6), deadline: after(Date.now(), 4.4), step: 'waiting', ignored: 2 });
    return;
  }
  if (story === 'no-browser') {
    move(start, {
      step: 'waiting',
      browser_problem: refusal('browser.cannot_open', 'No program opens web pages in this session (xdg-open: exit 3).'),
      untrusted_hint: 'access_denied: ask your administrator',
    });
    return;
  }
  later(500, () => {
    let now = move(start, { step: 'waiting' });
    if (story === 'wait') return;
    if (story === 'fail') {
      tell({ type: 'event', seq: 1, at: after(Date.now(), 0), flow: start.id, kind: 'callback_received' });
      move(now, {
        step: 'failed',
        error: refusal(
          'token.client_rejected',
          'The provider refused the client: its ID, secret or authentication method is wrong.',
          'In Auth0, set the application type to Native and Token Endpoint Authentication to None.',
        ),
      });
      return;
    }
    later(700, () => (now = move(now, { step: 'exchanging' })));
    later(1100, () => (now = move(now, { step: 'saving' })));
    later(1500, () => {
      const fresh = session(Date.now(), { id: `s-${start.profile}`, profile: start.profile, issued_at: after(Date.now(), 0), expires_at: after(Date.now(), 60), renews_at: after(Date.now(), 48) });
      tell({ type: 'session', session: fresh });
      move(now, { step: 'done', session: fresh });
    });
  });
}

/** What is asked for in the address wins over what a scene has set. */
function spokenTo(message: Message): Message {
  if (message.type !== 'settings') return message;
  const { language, appearance } = message.settings;
  const asked = { language: query.has('lang') ? settings.language : language, appearance: query.has('look') ? settings.appearance : appearance };
  return { ...message, settings: { ...message.settings, ...asked } };
}

export const host: Host = {
  watch(listener) {
    tell = (message) => {
      if (message.type === 'session') known.set(message.session.id, message.session);
      if (message.type === 'present') {
        message.sessions.forEach((one) => known.set(one.id, one));
        for (const one of message.sign_ins) {
          if (one.pause) plays.set(one.id, new StepPlay(one, tell, stages.find((stage) => stage === one.pause?.before)));
        }
      }
      listener(message);
    };
    learnPseudo();
    if (query.has('lang') || query.has('look')) tell({ type: 'settings', settings, able: { tray: true, notifications: true, autostart: true } });
    for (const message of scenes[scene]?.(Date.now()) ?? []) tell(spokenTo(message));
    if (scene === 'journalLive') goOn(recordedHere, (event) => tell({ type: 'event', ...event }));
  },
  async discover({ issuer, profile: name }) {
    if (name !== undefined) return name === 'lab' ? entra : auth0;
    if (issuer.includes('slash')) {
      const why = refusal('discovery.issuer_mismatch', 'The provider calls itself “https://slash.example/”, with a slash at the end.', 'Use its own name.');
      return refused({ ...why, fix: { kind: 'use_issuer', issuer: 'https://acme.eu.auth0.com/' } });
    }
    if (issuer.includes('nowhere')) {
      return refused({ ...refusal('net.dns', 'Cannot find nowhere.example.', 'Check the address or your connection.'), retryable: true });
    }
    if (issuer.includes('github')) return github;
    return issuer.includes('auth0') ? provider : unknownProduct;
  },
  async saveProfile(entry) {
    if (entry.client_id === 'refused') return refused(refusal('config.bad_client_id', 'The client ID has a character that no provider gives.'));
    const { client_secret: secret, ...made } = entry;
    const view = profile({ ...made, has_client_secret: secret !== undefined });
    tell({ type: 'profile', profile: view });
    return view;
  },
  async removeProfile(name) {
    tell({ type: 'profile_removed', name });
  },
  async startSignIn(request) {
    const started = signIn(Date.now(), { id: `f-${request.profile}`, profile: request.profile, step: 'discovering', started_at: after(Date.now(), 0), deadline: after(Date.now(), 5) });
    if (request.step) {
      const stepped = new StepPlay({ ...started, deadline: after(Date.now(), 15) }, tell);
      plays.set(started.id, stepped);
      later(0, () => stepped.begin());
    } else later(0, () => play(started));
    return started;
  },
  async cancelSignIn(id) {
    return move(signIn(Date.now(), { id }), { step: 'cancelled' });
  },
  async openAgain() {},
  async copyLink() {},
  async copyToken() {},
  async copyText(text) {
    await navigator.clipboard.writeText(text);
  },
  async renew({ account }) {
    const id = account ?? '';
    const renewed = session(Date.now(), { id, profile: known.get(id)?.profile ?? 'work', issued_at: after(Date.now(), 0), expires_at: after(Date.now(), 60), renews_at: after(Date.now(), 48) });
    tell({ type: 'session', session: { ...renewed, state: 'renewing' } });
    await new Promise((done) => setTimeout(done, 900));
    tell({ type: 'session', session: renewed });
    return renewed;
  },
  async signOut(request) {
    tell({ type: 'session_removed', id: request.account ?? '' });
    return {
      version: 1,
      profile: request.profile,
      steps: [
        { step: 'revoke', done: true, reason: '' },
        { step: 'forget', done: true, reason: '' },
        ...(request.how === 'everywhere' ? [{ step: 'end_session' as const, done: false, reason: 'the provider has no sign-out page' }] : []),
      ],
    };
  },
  async startDemo() {
    tell({ type: 'profile', profile: profile({ name: 'demo', issuer: 'http://127.0.0.1:40123' }) });
    return 'demo';
  },
  async answerConsent(id) {
    tell({ type: 'consent_settled', id });
  },
  async chooseVault({ kind }) {
    const vault = { kind, state: 'ready' as const, message: '', hint: '' };
    tell({ type: 'vault', vault });
    return vault;
  },
  async pasteRedirect(id, text) {
    if (text.includes('other')) return refused(refusal('callback.paste_other_sign_in', 'The pasted address belongs to another sign-in.', 'Open the address of this sign-in, and paste where that one ends.'));
    return move(signIn(Date.now(), { id }), { step: 'exchanging' });
  },
  async step(id, { edits }) {
    return plays.get(id)?.go(edits) ?? refused(refusal('login.not_paused', 'This sign-in does not wait before that request.'));
  },
  async revealToken(id) {
    return `sample.token.${id}.${'x'.repeat(600)}`;
  },
  async forgetCopied() {},
  async changeSession(id, change) {
    const before = known.get(id) ?? session(Date.now(), { id });
    const changed = { ...before, ...change };
    if (changed.label === '') delete changed.label;
    tell({ type: 'session', session: changed });
    if (change.preferred) {
      for (const other of known.values()) {
        if (other.profile === changed.profile && other.id !== id && other.preferred) tell({ type: 'session', session: { ...other, preferred: false } });
      }
    }
    if (change.position !== undefined) {
      const order = [...known.values()].filter((one) => one.id !== id).sort((one, other) => (one.position ?? Infinity) - (other.position ?? Infinity) || 0);
      order.splice(change.position, 0, changed);
      order.forEach((one, position) => tell({ type: 'session', session: { ...one, position } }));
    }
    return known.get(id) ?? changed;
  },
  async identity(id) {
    if (id === 's-grace') return graceIdentity(Date.now());
    return (looks[scene]?.identity ?? identity)(Date.now());
  },
  async tokenReport() {
    return (looks[scene]?.report ?? tokenReport)(Date.now());
  },
  async journal(before, limit) {
    const handed = handedOut[scene]?.(Date.now());
    return handed ? { version: 1, events: handed, older: false } : pageOf(recordedHere, before, limit);
  },
  async consents() {
    return { version: 1, consents: consents.filter((one) => !revoked.has(one.id)), questions: [] };
  },
  async revokeConsent(id) {
    revoked.add(id);
  },
  async moveVault({ to, current }) {
    if (current === 'wrong') return refused(refusal('store.wrong_passphrase', 'That is not the passphrase of this vault.', 'Type it again.'));
    const vault = { kind: to, state: 'ready' as const, message: '', hint: '' };
    tell({ type: 'vault', vault });
    return { version: 1, vault, records: 1 };
  },
  async lockVault() {
    const vault = { ...hello.vault, state: 'locked' as const };
    tell({ type: 'vault', vault });
    return vault;
  },
  async network() {
    return networks[scene] ?? network;
  },
  async setNetwork(settings) {
    if (settings.ca_file?.includes('missing')) return refused(refusal('config.bad_ca_file', `network.toml names “${settings.ca_file}”, which is not there.`));
    return { ...(networks[scene] ?? network), settings };
  },
  async previewImport({ text }) {
    if (text === 'nonsense') return refused(refusal('config.import_unknown', 'This is the file of no program that Doorkey knows.', 'Choose the format.'));
    return importPreview();
  },
  async exportProfiles(request) {
    return exported(request);
  },
  async saveFile(name) {
    return `/home/ada/Downloads/${name}`;
  },
  async exportFlow(_events, _format, name) {
    return `/home/ada/Downloads/${name}`;
  },
  async openEvidence() {
    if (story === 'refuse') return refused(refusal('evidence.not_ours', 'It is a zip archive, but no evidence of Doorkey’s.', 'Ask for the file that was saved as evidence.'));
    const damages = story === 'damaged' ? ['`report.json` was changed after the archive was made', '`notes.txt` was added after the archive was made, and is not looked at'] : [];
    return openedEvidence(recordedHere, 'f-refused', Date.now(), { damages, redacted: story !== 'damaged' });
  },
  async sample(of, language) {
    return sampled(of, language);
  },
  async setSettings(settings) {
    if (story === 'refuse') return refused(refusal('config.unwritable', '~/.config/doorkey/window.toml cannot be written: read-only file system.', 'Make it writable, or live with the usual settings.'));
    tell({ type: 'settings', settings, able: { tray: true, notifications: true, autostart: true } });
    return settings;
  },
  watchScenarios(say) {
    tellScenarios = say;
    scenarioStory(scene, recorded(Date.now())).forEach(say);
  },
  async chooseScenarios() {
    planned.forEach(tellScenarios);
  },
  async orderScenarios(order) {
    if (order === 'close') tellScenarios({ type: 'chosen', watching: 2, places: [] });
    if (order === 'stop') tellScenarios({ type: 'line', line: { type: 'waiting', held: true } });
    if (order === 'read') planned.forEach(tellScenarios);
    if (order === 'again' || typeof order === 'object') scenarioStory('scenariosRunning', recorded(Date.now())).slice(planned.length).forEach((said, at) => later(at * 700, () => tellScenarios(said)));
  },
};
