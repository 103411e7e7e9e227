import { describe, expect, it } from 'vitest';

import { after, refusal, session } from '../src/lib/mock/samples';
import { viewOf } from '../src/lib/session-view';

const NOW = Date.parse('2026-11-23T12:00:00Z');

describe('viewOf', () => {
  it('tells a good session by its time left and its next renewal', () => {
    const view = viewOf(session(NOW), NOW);
    expect(view).toMatchObject({ tone: 'good', badge: 'valid', status: 'Renews by itself in 38 min', renew: true, copy: true, signIn: false });
    expect(view.left).toEqual({ value: '48', unit: 'min', spoken: '48 minutes' });
    expect(view.fraction).toBeCloseTo(48.5 / 60.5, 3);
    expect(view.renewsAt).toBeCloseTo(10 / 60.5, 3);
  });

  it('turns amber near the end', () => {
    const ending = session(NOW, { issued_at: after(NOW, -57), expires_at: after(NOW, 3), renews_at: null, renewable: false });
    expect(viewOf(ending, NOW)).toMatchObject({ tone: 'soon', badge: 'ending' });
    expect(viewOf(ending, NOW - 5 * 60_000).tone).toBe('good');
  });

  it('stays calm until the planned renewal of a short-lived token', () => {
    const short = session(NOW, { issued_at: after(NOW, -1.1), expires_at: after(NOW, 0.4), renews_at: after(NOW, 0.1) });
    expect(viewOf(short, NOW).tone).toBe('good');
  });

  it('says until when to sign in again, once that is near and no renewal moves it', () => {
    const at = after(NOW, 60 * 24 * 2);
    const ending = (notice_at: string | null) => viewOf(session(NOW, { ends: { at, kind: notice_at ? 'absolute' : 'idle', by: 'provider', notice_at } }), NOW);
    expect(ending(after(NOW, -1))).toMatchObject({ tone: 'good', signIn: false, before: expect.stringMatching(/^Sign in again before \w+.? \d\d:\d\d/) });
    expect(ending(after(NOW, 1)).before).toBeNull();
    expect(ending(null).before).toBeNull();
    expect(viewOf(session(NOW), NOW).before).toBeNull();
  });

  it('says when it tries again while the provider is away', () => {
    const away = session(NOW, { state: 'offline', renews_at: after(NOW, 2), problem: refusal('net.connect', 'away') });
    expect(viewOf(away, NOW)).toMatchObject({ badge: 'offline', tone: 'soon', renew: true, copy: true });
    expect(viewOf(away, NOW).status).toMatch(/^Offline – will try again at \d\d:02/);
    expect(viewOf(away, NOW + 3 * 60_000).status).toBe('Offline – will try again soon');
  });

  it('asks for a sign-in and says why when only the person can go on', () => {
    const required = session(NOW, { state: 'sign_in_required', expires_at: after(NOW, -1), problem: refusal('refresh.session_ended', 'ended') });
    expect(viewOf(required, NOW)).toMatchObject({ tone: 'bad', signIn: true, renew: false, copy: false, left: null, fraction: 0 });
    expect(viewOf(required, NOW).problem?.code).toBe('refresh.session_ended');
  });

  it('lets a token be copied that is still valid although its renewal has ended', () => {
    expect(viewOf(session(NOW, { state: 'sign_in_required', renewable: false }), NOW)).toMatchObject({ signIn: true, copy: true });
  });

  it('explains an end without renewal', () => {
    const ended = session(NOW, { state: 'expired', expires_at: after(NOW, -1), renews_at: null, renewable: false });
    expect(viewOf(ended, NOW)).toMatchObject({ badge: 'ended', signIn: true, copy: false });
    expect(viewOf(ended, NOW).problem?.message).toContain('no refresh token');
  });

  it('says beforehand that there will be no renewal', () => {
    expect(viewOf(session(NOW, { renewable: false, renews_at: null }), NOW).status).toBe('No renewal: the provider gave no refresh token');
  });

  it('does not offer a renewal while one is under way', () => {
    expect(viewOf(session(NOW, { state: 'renewing' }), NOW)).toMatchObject({ badge: 'renewing', status: 'Renewing…', renew: false });
  });

  it('shows no time where the provider tells none', () => {
    expect(viewOf(session(NOW, { expires_at: null, renews_at: null }), NOW)).toMatchObject({ left: null, fraction: null, copy: true });
  });

  it('never shows more than a whole ring, even when the clock was set back', () => {
    expect(viewOf(session(NOW), NOW - 3_600_000).fraction).toBe(1);
  });
});
