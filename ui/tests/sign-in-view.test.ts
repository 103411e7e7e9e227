import { describe, expect, it } from 'vitest';

import { refusal, signIn } from '../src/lib/mock/samples';
import { reachedBy, stepsOf } from '../src/lib/sign-in-view';

const NOW = Date.parse('2026-11-23T12:00:00Z');

function standings(...of: Parameters<typeof stepsOf>): string[] {
  return stepsOf(...of).map((step) => step.standing);
}

describe('stepsOf', () => {
  it.each([
    ['discovering', ['now', 'later', 'later', 'later', 'later']],
    ['waiting', ['done', 'now', 'later', 'later', 'later']],
    ['exchanging', ['done', 'done', 'done', 'now', 'later']],
    ['verifying', ['done', 'done', 'done', 'now', 'later']],
    ['saving', ['done', 'done', 'done', 'done', 'now']],
    ['done', ['done', 'done', 'done', 'done', 'done']],
  ] as const)('%s', (step, expected) => {
    expect(standings(signIn(NOW, { step }), 0)).toEqual(expected);
  });

  it('shows where a failed one ended, by the journal', () => {
    expect(standings(signIn(NOW, { step: 'failed' }), reachedBy(['browser_opened', 'callback_received']))).toEqual(['done', 'done', 'done', 'wrong', 'later']);
    expect(standings(signIn(NOW, { step: 'failed' }), reachedBy(['discovered']))[0]).toBe('wrong');
  });

  it('does not claim a browser that did not open', () => {
    const [first] = stepsOf(signIn(NOW, { browser_problem: refusal('browser.cannot_open', 'no') }), 0);
    expect(first).toEqual({ text: 'No browser opened', standing: 'warned' });
  });
});
