// What the window knows, and the only way it changes: `apply`.

import type { ConsentQuestion } from './api/ConsentQuestion';
import type { Event } from './api/Event';
import type { Hello } from './api/Hello';
import type { ProfileView } from './api/ProfileView';
import type { Session } from './api/Session';
import type { SignIn } from './api/SignIn';
import type { Able, Connection, Message, Settings } from './host-words';

/** The journal's newest entries; older ones are the agent's to keep. */
const KEPT_EVENTS = 500;

export interface State {
  readonly connection: Connection;
  /** Nothing before the agent's first word. */
  readonly hello: Hello | null;
  readonly profiles: readonly ProfileView[];
  readonly sessions: readonly Session[];
  readonly signIns: readonly SignIn[];
  /** Programs that wait for a yes or a no, the longest first. */
  readonly questions: readonly ConsentQuestion[];
  readonly events: readonly Event[];
  /** Of the window itself. */
  readonly settings: Settings;
  readonly able: Able;
}

export const usualSettings: Settings = { language: 'system', appearance: 'system', tray: false, autostart: false, notifications: true };

export const beginning: State = {
  connection: { state: 'connecting' },
  hello: null,
  profiles: [],
  sessions: [],
  signIns: [],
  questions: [],
  events: [],
  settings: usualSettings,
  able: { tray: false, notifications: false, autostart: false },
};

/** The state after a message. Never changes the state it is given. */
export function apply(state: State, message: Message): State {
  switch (message.type) {
    case 'connection':
      return { ...state, connection: message.connection };
    case 'present':
      return {
        ...state,
        hello: message.hello,
        profiles: message.profiles,
        sessions: inOrder(message.sessions),
        signIns: message.sign_ins,
        // An agent that is older asks nobody.
        questions: message.questions ?? [],
      };
    case 'event':
      return { ...state, events: [...state.events, message].slice(-KEPT_EVENTS) };
    case 'session':
      return { ...state, sessions: inOrder(put(state.sessions, message.session, (session) => session.id)) };
    case 'session_removed':
      return { ...state, sessions: state.sessions.filter((session) => session.id !== message.id) };
    case 'profile':
      return { ...state, profiles: put(state.profiles, message.profile, (profile) => profile.name) };
    case 'profile_removed':
      return { ...state, profiles: state.profiles.filter((profile) => profile.name !== message.name) };
    case 'sign_in':
      return { ...state, signIns: put(state.signIns, message.sign_in, (signIn) => signIn.id) };
    case 'consent_asked':
      return { ...state, questions: put(state.questions, message.question, (question) => question.id) };
    case 'consent_settled':
      return { ...state, questions: state.questions.filter((question) => question.id !== message.id) };
    case 'settings':
      return { ...state, settings: message.settings, able: message.able };
    case 'vault':
      return state.hello ? { ...state, hello: { ...state.hello, vault: message.vault } } : state;
    default:
      // A newer agent may say more than this window understands.
      return state satisfies State;
  }
}

export function isOver(signIn: SignIn): boolean {
  return signIn.step === 'done' || signIn.step === 'failed' || signIn.step === 'cancelled';
}

/** The sign-in of a profile that is under way, if there is one. */
export function signInOf(state: State, profile: string): SignIn | undefined {
  return state.signIns.find((signIn) => signIn.profile === profile && !isOver(signIn));
}

/** Profiles nobody is signed in with, in the order the agent names them. */
export function idleProfiles(state: State): ProfileView[] {
  return state.profiles.filter((profile) => !state.sessions.some((session) => session.profile === profile.name));
}

/** As the person wants to see them; where they never said, as the agent names them. */
function inOrder(sessions: readonly Session[]): readonly Session[] {
  return [...sessions].sort((one, other) => (one.position ?? Infinity) - (other.position ?? Infinity) || 0);
}

/** Replaced where it stands, so that cards do not jump; at the end when it is new. */
function put<T>(all: readonly T[], one: T, key: (item: T) => string): T[] {
  const at = all.findIndex((item) => key(item) === key(one));
  return at < 0 ? [...all, one] : all.map((item, index) => (index === at ? one : item));
}
