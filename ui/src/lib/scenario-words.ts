// What the program tells of the scenarios that are watched: `doorkey test watch --json`, line by line (docs/qa.md), and how
// that itself is. src-tauri/src/scenarios.rs has the same words.

import type { Event } from './api/Event';
import type { Refusal } from './api/Refusal';
import type { SignInStep } from './api/SignInStep';

export type SecretSource = { env: string } | { file: string } | { keyring: string; account: string };

export interface PlannedRun {
  name: string;
  /** Who fills in the login page. */
  by: 'person' | 'chromium' | 'command';
  /** Programs that it runs, with their arguments. */
  commands?: string[];
  /** Where it reads secrets. */
  secrets?: SecretSource[];
  /** Of the scenario's own profile; or the name of a profile of this computer. */
  issuer?: string;
  profile?: string;
}

/** Why a file cannot be run. */
export interface Mistake {
  code: string;
  message: string;
  hint: string;
  line?: number;
  column?: number;
}

export type Doing =
  | { doing: 'browser' }
  | { doing: 'sign_in'; progress: SignInStep }
  | { doing: 'page'; number: number; of: number; what: string }
  | { doing: 'renewal' }
  | { doing: 'sign_out' };

export interface Expectation {
  what: string;
  held: boolean;
  expected: string;
  got: string;
}

export interface PlayedStep {
  step: string;
  took_ms: number;
  expectations: Expectation[];
}

export type RunOutcome = 'passed' | 'failed' | 'broken' | 'stopped';

export interface RunEnded {
  file: string;
  name: string;
  outcome: RunOutcome;
  tries: number;
  took_ms: number;
  /** Why it could not be carried out. */
  error?: { code: string; message: string; hint: string };
  steps: PlayedStep[];
  /** What the journal has of what went wrong. */
  events?: Event[];
}

export type ScenarioLine =
  | {
      type: 'file';
      version: number;
      /** Greater than that of each that was told before. */
      number: number;
      file: string;
      runs: PlannedRun[];
      /** Variables of the environment that it reads, for other things than secrets. */
      environment?: string[];
      held: boolean;
      mistake?: Mistake;
    }
  | { type: 'refused'; file: string; mistake: Mistake }
  | { type: 'gone'; file: string }
  | { type: 'started'; file: string; name: string }
  | ({ type: 'step'; file: string; name: string } & Doing)
  | ({ type: 'ended' } & RunEnded)
  | { type: 'waiting'; held: boolean };

export type ScenarioMessage =
  /** What is watched; empty where nothing was chosen. What was told before is of no use any more. */
  | { type: 'chosen'; watching: number; places: string[] }
  | { type: 'line'; line: ScenarioLine }
  /** The command has ended by itself; what it said last. */
  | { type: 'left'; refusal: Refusal; said: string[] }
  /** It was ended, for nobody was at the window. */
  | { type: 'ended' };

/** What is to be run is what was told: of what is watched, up to this number. */
export type ScenarioOrder = { run: { watching: number; told: number } } | 'read' | 'again' | 'stop' | 'close';
