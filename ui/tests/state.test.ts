import { describe, expect, it } from 'vitest';

import type { Message } from '../src/lib/host-words';
import { present, profile, session, signIn } from '../src/lib/mock/samples';
import { apply, beginning, idleProfiles, signInOf, type State } from '../src/lib/state';

const NOW = Date.parse('2026-11-23T12:00:00Z');

function after(...messages: Message[]): State {
  return messages.reduce(apply, beginning);
}

const two: Message = {
  type: 'present',
  ...present({ profiles: [profile(), profile({ name: 'lab' })], sessions: [session(NOW), session(NOW, { id: 's-2', profile: 'lab' })] }),
};

describe('apply', () => {
  it('begins with nothing known', () => {
    expect(beginning.hello).toBeNull();
    expect(beginning.connection.state).toBe('connecting');
  });

  it('takes the present over whole', () => {
    const state = after(two, { type: 'present', ...present({ profiles: [profile()] }) });
    expect(state.profiles.map((one) => one.name)).toEqual(['work']);
    expect(state.sessions).toEqual([]);
  });

  it('replaces a session where it stands', () => {
    const state = after(two, { type: 'session', session: session(NOW, { state: 'renewing' }) });
    expect(state.sessions.map((one) => [one.id, one.state])).toEqual([
      ['s-ada', 'renewing'],
      ['s-2', 'signed_in'],
    ]);
  });

  it('puts a new session at the end', () => {
    const state = after(two, { type: 'session', session: session(NOW, { id: 's-3' }) });
    expect(state.sessions.map((one) => one.id)).toEqual(['s-ada', 's-2', 's-3']);
  });

  it('drops what is removed, and only that', () => {
    const state = after(two, { type: 'session_removed', id: 's-ada' }, { type: 'profile_removed', name: 'lab' });
    expect(state.sessions.map((one) => one.id)).toEqual(['s-2']);
    expect(state.profiles.map((one) => one.name)).toEqual(['work']);
  });

  it('follows a sign-in', () => {
    const state = after(two, { type: 'sign_in', sign_in: signIn(NOW, { step: 'waiting' }) });
    expect(signInOf(state, 'work')?.step).toBe('waiting');
    expect(signInOf(apply(state, { type: 'sign_in', sign_in: signIn(NOW, { step: 'done' }) }), 'work')).toBeUndefined();
  });

  it('keeps what it shows while the connection is lost', () => {
    const refusal = { code: 'broker.unavailable', message: 'gone', hint: '', retryable: true, profile: null, fix: null };
    const state = after(two, { type: 'connection', connection: { state: 'lost', refusal } });
    expect(state.sessions).toHaveLength(2);
    expect(state.connection).toEqual({ state: 'lost', refusal });
  });

  it('changes the vault, once the agent is known', () => {
    const vault = { kind: 'keyring', state: 'locked', message: 'locked', hint: '' } as const;
    expect(after({ type: 'vault', vault }).hello).toBeNull();
    expect(after(two, { type: 'vault', vault }).hello?.vault.state).toBe('locked');
  });

  it('keeps the newest entries of the journal', () => {
    const events: Message[] = Array.from({ length: 600 }, (_, seq) => ({ type: 'event', seq, at: '', kind: 'browser_opened' }));
    const state = after(...events);
    expect(state.events).toHaveLength(500);
    expect(state.events.at(-1)?.seq).toBe(599);
  });

  it('ignores messages of a newer agent', () => {
    expect(apply(beginning, { type: 'weather' } as unknown as Message)).toBe(beginning);
  });

  it('never changes the state it is given', () => {
    const frozen = Object.freeze(after(two)) as State;
    Object.freeze(frozen.sessions);
    expect(() => apply(frozen, { type: 'session_removed', id: 's-ada' })).not.toThrow();
    expect(frozen.sessions).toHaveLength(2);
  });
});

describe('idleProfiles', () => {
  it('are those nobody is signed in with', () => {
    const state = after(two, { type: 'session_removed', id: 's-2' });
    expect(idleProfiles(state).map((one) => one.name)).toEqual(['lab']);
  });
});
