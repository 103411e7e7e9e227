// What the window asks of the program around it, and what it is told. `host.ts` does it for real.

import type { ConsentAnswer } from './api/ConsentAnswer';
import type { DiscoveryRequest } from './api/DiscoveryRequest';
import type { Profile } from './api/Profile';
import type { Provider } from './api/Provider';
import type { Refusal } from './api/Refusal';
import type { RenewalRequest } from './api/RenewalRequest';
import type { Session } from './api/Session';
import type { SignIn } from './api/SignIn';
import type { SignInRequest } from './api/SignInRequest';
import type { SignOutAnswer } from './api/SignOutAnswer';
import type { SignOutRequest } from './api/SignOutRequest';
import type { ProfileView } from './api/ProfileView';
import type { Update } from './api/Update';
import type { VaultChoice } from './api/VaultChoice';
import type { VaultStatus } from './api/VaultStatus';

/** Whether the agent answers, and whose process it is. */
export type Connection =
  | { state: 'connecting' }
  | { state: 'connected'; agent: 'here' | 'elsewhere' }
  | { state: 'lost'; refusal: Refusal };

/** One message of the host: what the agent tells, or how the way to the agent is. */
export type Message = { type: 'connection'; connection: Connection } | Update;

/** A profile on its way out. The secret goes one way: nothing ever brings it back. */
export type ProfileEntry = Profile & { client_secret?: string };

/** Each verb is refused with a `Refusal`, never with anything else. */
export interface Host {
  /** The present, then every change, for as long as the window lives; reconnects by itself. */
  watch(tell: (message: Message) => void): void;
  discover(request: DiscoveryRequest): Promise<Provider>;
  saveProfile(entry: ProfileEntry): Promise<ProfileView>;
  removeProfile(name: string): Promise<void>;
  startSignIn(request: SignInRequest): Promise<SignIn>;
  cancelSignIn(id: string): Promise<SignIn>;
  /** Opens the browser once more at the address of a sign-in under way. */
  openAgain(id: string): Promise<void>;
  /** Puts that address on the clipboard; it does not pass through here. */
  copyLink(id: string): Promise<void>;
  /** Puts the access token on the clipboard for 30 s; it does not pass through here. */
  copyToken(session: string): Promise<void>;
  /** Puts a text that may be seen on the clipboard. */
  copyText(text: string): Promise<void>;
  renew(request: RenewalRequest): Promise<Session>;
  signOut(request: SignOutRequest): Promise<SignOutAnswer>;
  /** Starts the provider to practise on and makes its profile; the name is the answer. */
  startDemo(): Promise<string>;
  chooseVault(choice: VaultChoice): Promise<VaultStatus>;
  /** Says whether a program may have what it asked for. */
  answerConsent(id: string, answer: ConsentAnswer): Promise<void>;
}
