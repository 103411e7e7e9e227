// What the window asks of the program around it, and what it is told. `host.ts` does it for real.

import type { ConsentAnswer } from './api/ConsentAnswer';
import type { Consents } from './api/Consents';
import type { DecodedToken } from './api/DecodedToken';
import type { DiscoveryRequest } from './api/DiscoveryRequest';
import type { Event } from './api/Event';
import type { ExportRequest } from './api/ExportRequest';
import type { Exported } from './api/Exported';
import type { IdentityReport } from './api/IdentityReport';
import type { ImportPreview } from './api/ImportPreview';
import type { ImportRequest } from './api/ImportRequest';
import type { JournalPage } from './api/JournalPage';
import type { NetworkSettings } from './api/NetworkSettings';
import type { NetworkStatus } from './api/NetworkStatus';
import type { Pair } from './api/Pair';
import type { Profile } from './api/Profile';
import type { Provider } from './api/Provider';
import type { Refusal } from './api/Refusal';
import type { RenewalRequest } from './api/RenewalRequest';
import type { Session } from './api/Session';
import type { SentRequest } from './api/SentRequest';
import type { SessionChange } from './api/SessionChange';
import type { SignIn } from './api/SignIn';
import type { SignInRequest } from './api/SignInRequest';
import type { SignOutAnswer } from './api/SignOutAnswer';
import type { SignOutRequest } from './api/SignOutRequest';
import type { StepRequest } from './api/StepRequest';
import type { ProfileView } from './api/ProfileView';
import type { TokenReport } from './api/TokenReport';
import type { Update } from './api/Update';
import type { VaultChoice } from './api/VaultChoice';
import type { VaultMove } from './api/VaultMove';
import type { VaultMoved } from './api/VaultMoved';
import type { VaultStatus } from './api/VaultStatus';
import type { ScenarioMessage, ScenarioOrder } from './scenario-words';

/** Whether the agent answers, and whose process it is. */
export type Connection =
  | { state: 'connecting' }
  | { state: 'connected'; agent: 'here' | 'elsewhere' }
  | { state: 'lost'; refusal: Refusal };

/** What a person sets of the window itself; kept in `window.toml`. */
export interface Settings {
  /** A tag such as `de`, or `system`. */
  language: string;
  appearance: 'system' | 'light' | 'dark';
  /** Sits in the tray, and stays there when the window is closed. */
  tray: boolean;
  /** Starts with the desktop session, without showing the window. */
  autostart: boolean;
  notifications: boolean;
}

/** What this desktop can do of it, and why not. */
export interface Able {
  tray: boolean;
  notifications: boolean;
  autostart: boolean;
}

/** A place in the window that something outside it leads to: a notification, the tray. */
export type Place = 'accounts' | 'inspect' | 'programs' | 'settings' | 'scenarios';

/** One message of the host: what the agent tells, how the way to the agent is, or what is set of the window. */
export type Message =
  | { type: 'connection'; connection: Connection }
  | { type: 'settings'; settings: Settings; able: Able; problem?: Refusal }
  | { type: 'go'; place: Place }
  | Update;

/** A profile on its way out. The secret goes one way: nothing ever brings it back. */
export type ProfileEntry = Profile & { client_secret?: string };

/** What the program makes of a whole flow, for a ticket or another tool. */
export type FlowFormat = 'report' | 'report_json' | 'har' | 'evidence';

/** Names as `doorkey snippet --lang` has them. */
export type Language = 'curl' | 'csharp' | 'go' | 'java' | 'nodejs' | 'objective-c' | 'php' | 'python' | 'ruby' | 'rust' | 'swift';

/** What a program is made of: a request to the provider, or the address that the browser was sent to. */
export type SampleOf = { kind: 'request'; request: SentRequest } | { kind: 'address'; url: string; parameters: readonly Pair[] };

/** It as a program. */
export interface Sample {
  text: string;
  /** What a file with it is called. */
  file_name: string;
  /** The environment variables it reads its secrets from. */
  variables: string[];
}

/** An evidence file that was opened. Nothing in it is more than what somebody wrote into a file. */
export interface OpenedEvidence {
  made_at: string;
  /** Whether it says that no secret is in it. */
  redacted: boolean;
  /** The oldest first; empty where they cannot be read. */
  events: Event[];
  environment: { doorkey: string; agent: string | null; os: string; arch: string } | null;
  claims: { of_this_flow: boolean; id_token: DecodedToken | null; userinfo: Record<string, unknown> | null; access_token: DecodedToken | null } | null;
  /** What is wrong with it, a sentence each. */
  damages: string[];
}

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

  /** Hands in the address that a browser ended at which could not reach this computer. */
  pasteRedirect(id: string, text: string): Promise<SignIn>;
  /** Sends what a sign-in in step mode waits before. What is typed into it goes one way: it comes back as a fingerprint. */
  step(id: string, request: StepRequest): Promise<SignIn>;
  /** The access token itself, to be shown for a moment: the one secret that ever comes here, and only by a gesture. */
  revealToken(session: string): Promise<string>;
  /** Ends what could still be pasted. */
  forgetCopied(): Promise<void>;
  changeSession(id: string, change: SessionChange): Promise<Session>;
  identity(session: string): Promise<IdentityReport>;
  tokenReport(session: string): Promise<TokenReport>;
  /** The journal's newest entries, or the newest of those before the entry of that number. */
  journal(before: number | null, limit: number): Promise<JournalPage>;
  consents(): Promise<Consents>;
  revokeConsent(id: string): Promise<void>;
  moveVault(to: VaultMove): Promise<VaultMoved>;
  lockVault(): Promise<VaultStatus>;
  network(): Promise<NetworkStatus>;
  setNetwork(settings: NetworkSettings): Promise<NetworkStatus>;
  previewImport(request: ImportRequest): Promise<ImportPreview>;
  exportProfiles(request: ExportRequest): Promise<Exported>;
  /** Writes a file that may be seen into the person's folder for downloads; the answer is where it is. */
  saveFile(name: string, text: string): Promise<string>;
  /** Makes a file of a flow in the person's folder for downloads; the answer is where it is. */
  exportFlow(events: readonly Event[], format: FlowFormat, name: string): Promise<string>;
  openEvidence(bytes: Uint8Array): Promise<OpenedEvidence>;
  sample(of: SampleOf, language: Language): Promise<Sample>;
  setSettings(settings: Settings): Promise<Settings>;
  /** What is watched and what it does, from now on; it is read anew, and nothing of it is run. */
  watchScenarios(tell: (message: ScenarioMessage) => void): void;
  /** Asks in the desktop's own dialog: no path is ever said here. */
  chooseScenarios(what: 'files' | 'folder'): Promise<void>;
  orderScenarios(order: ScenarioOrder): Promise<void>;
}
