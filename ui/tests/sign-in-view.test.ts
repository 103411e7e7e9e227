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
    const looked = ['discovered', 'checked:metadata', 'browser_opened', 'callback_received'];
    expect(standings(signIn(NOW, { step: 'failed' }), reachedBy(looked))).toEqual(['done', 'done', 'done', 'wrong', 'later']);
    expect(standings(signIn(NOW, { step: 'failed' }), reachedBy([...looked, 'tokens_received', 'checked:id_token']))[3]).toBe('wrong');
    expect(standings(signIn(NOW, { step: 'failed' }), reachedBy([...looked, 'checked:granted']))[4]).toBe('wrong');
    expect(standings(signIn(NOW, { step: 'failed' }), reachedBy(['discovered']))[0]).toBe('wrong');
  });

  it('does not claim a browser that did not open', () => {
    const [first] = stepsOf(signIn(NOW, { browser_problem: refusal('browser.cannot_open', 'no') }), 0);
    expect(first).toEqual({ text: 'No browser opened', standing: 'warned' });
  });

  it('speaks of the other device where that is the only way', () => {
    const device = { user_code: 'WDJB-MJHT', verification_uri: 'https://op.example/device', verification_uri_complete: null, expires_at: '2026-11-23T12:10:00Z' };
    const texts = (signIn: Parameters<typeof stepsOf>[0]) => stepsOf(signIn, 0).map((step) => step.text).slice(0, 2);
    expect(texts(signIn(NOW, { redirect_uri: null, device }))).toEqual(['Code shown', 'Waiting for you on the other device']);
    expect(texts(signIn(NOW, { device }))).toEqual(['Browser opened', 'Waiting for you in the browser']);
    expect(texts(signIn(NOW, { redirect_uri: null, step: 'done' }))[1]).toBe('You finished on the other device');
  });
});
