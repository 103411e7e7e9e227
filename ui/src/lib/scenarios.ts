// What is known of the scenarios that are watched, from what is told of them.

import type { Refusal } from './api/Refusal';
import type { Doing, Mistake, PlannedRun, RunEnded, RunOutcome, ScenarioLine, ScenarioMessage, SecretSource } from './scenario-words';

export interface Run extends PlannedRun {
  state: 'waiting' | 'running' | RunOutcome;
  /** What it does now, and since when it runs. */
  doing: Doing | null;
  since: number;
  /** How it ended last. */
  ended: RunEnded | null;
}

export interface ScenarioFile {
  name: string;
  runs: readonly Run[];
  /** Variables of the environment that it reads, for other things than secrets. */
  environment: readonly string[];
  mistake: Mistake | null;
  /** It came after somebody had said that they may be run, and waits to be looked at. */
  held: boolean;
}

export interface Board {
  /** Whether it was said what is watched, if anything. */
  told: boolean;
  /** What is watched, by a number, and the number of the file that was told last: what is to be run is what was told. */
  watching: number;
  last: number;
  /** Whether any of it was ever run. */
  begun: boolean;
  places: readonly string[];
  /** By name. */
  files: readonly ScenarioFile[];
  /** `reading` before the files are known, `held` while nothing is run before somebody says so. */
  phase: 'reading' | 'held' | 'busy' | 'waiting' | 'over';
  left: { refusal: Refusal; said: readonly string[] } | null;
}

export const blank: Board = { told: false, watching: 0, last: 0, begun: false, places: [], files: [], phase: 'reading', left: null };

export function apply(board: Board, message: ScenarioMessage, now: number): Board {
  switch (message.type) {
    case 'chosen':
      return { ...blank, told: true, watching: message.watching, places: message.places };
    case 'line':
      return line(board, message.line, now);
    case 'left':
      return over(board, { refusal: message.refusal, said: message.said });
    case 'ended':
      return over(board, null);
  }
}

/** Nothing goes on any more; what was run before is still worth seeing. */
function over(board: Board, left: Board['left']): Board {
  const stopped = (run: Run): Run => (run.state === 'running' ? { ...run, state: 'stopped', doing: null, ended: null } : run);
  const files = board.files.map((file) => ({ ...file, runs: file.runs.map(stopped) }));
  return { ...board, files, phase: 'over', left };
}

function line(board: Board, told: ScenarioLine, now: number): Board {
  switch (told.type) {
    case 'file': {
      const runs = told.runs.map((run): Run => ({ ...run, state: 'waiting', doing: null, since: 0, ended: null }));
      const file = { name: told.file, runs, environment: told.environment ?? [], mistake: told.mistake ?? null, held: told.held };
      const others = board.files.filter((one) => one.name !== told.file);
      return { ...board, last: told.number, files: [...others, file].sort((one, other) => (one.name < other.name ? -1 : 1)) };
    }
    case 'refused':
      return changed(board, told.file, (file) => ({ ...file, mistake: told.mistake }));
    case 'gone':
      return { ...board, files: board.files.filter((one) => one.name !== told.file) };
    case 'started':
      return { ...run(board, told, () => ({ state: 'running', doing: null, since: now })), phase: 'busy', begun: true };
    case 'step':
      return run(board, told, () => ({ doing: told }));
    case 'ended':
      return { ...run(board, told, () => ({ state: told.outcome, doing: null, ended: told })), begun: true };
    case 'waiting':
      return { ...board, phase: told.held ? 'held' : 'waiting' };
  }
}

function changed(board: Board, name: string, change: (file: ScenarioFile) => ScenarioFile): Board {
  return { ...board, files: board.files.map((file) => (file.name === name ? change(file) : file)) };
}

function run(board: Board, { file, name }: { file: string; name: string }, change: () => Partial<Run>): Board {
  return changed(board, file, (one) => ({ ...one, runs: one.runs.map((run) => (run.name === name ? { ...run, ...change() } : run)) }));
}

export type Counts = Record<Run['state'], number> & { all: number; mistakes: number };

export function countsOf(board: Board): Counts {
  const counts: Counts = { waiting: 0, running: 0, passed: 0, failed: 0, broken: 0, stopped: 0, all: 0, mistakes: 0 };
  for (const file of board.files) {
    if (file.mistake) counts.mistakes += 1;
    for (const { state } of file.runs) {
      counts[state] += 1;
      counts.all += 1;
    }
  }
  return counts;
}

export interface Needs {
  commands: string[];
  /** Environment variables, files and entries of the keyring. */
  secrets: Record<'env' | 'file' | 'keyring', string[]>;
  /** Variables of the environment that are read for other things than secrets. */
  environment: string[];
  issuers: string[];
  profiles: string[];
  chromium: boolean;
  person: boolean;
}

/** What must be known before any of it is run: each command and secret once, who is asked to sign people in, and by what. */
export function needsTrust(files: readonly ScenarioFile[]): Needs {
  const runs = files.flatMap((file) => file.runs);
  const all = (of: (run: Run) => string | string[] | undefined) => [...new Set(runs.flatMap((run) => of(run) ?? []))].sort();
  const secrets = (of: (source: SecretSource) => string | undefined) => all((run) => run.secrets?.flatMap((source) => of(source) ?? []));
  return {
    commands: all((run) => run.commands),
    secrets: {
      env: secrets((source) => ('env' in source ? source.env : undefined)),
      file: secrets((source) => ('file' in source ? source.file : undefined)),
      keyring: secrets((source) => ('keyring' in source ? `${source.keyring}, ${source.account}` : undefined)),
    },
    environment: [...new Set(files.flatMap((file) => file.environment))].sort(),
    issuers: all((run) => run.issuer),
    profiles: all((run) => run.profile),
    chromium: runs.some((run) => run.by === 'chromium'),
    person: runs.some((run) => run.by === 'person'),
  };
}

/** A file by its name, and the folder before it: below the one that was chosen, where one was. */
export function parted(path: string, places: readonly string[] = []): { folder: string; name: string } {
  const at = path.lastIndexOf('/') + 1;
  const above = places.map((place) => `${place.replace(/\/+$/, '')}/`).find((place) => path.startsWith(place)) ?? '';
  return { folder: path.slice(above.length, at), name: path.slice(at) };
}

const UNSEEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu;

/** What is in a text and cannot be seen, or turns what follows it round, by its number: two texts that differ look different. */
export function visible(text: string): string {
  return text.replace(UNSEEN, (letter) => `\\u{${letter.codePointAt(0)!.toString(16)}}`);
}
