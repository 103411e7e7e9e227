import { describe, expect, it } from 'vitest';

import type { Event } from '../src/lib/api/Event';
import { claimsOf, explained, isProtocol } from '../src/lib/claims';
import { after, session } from '../src/lib/mock/samples';
import { moments, newestFlow, renewalsOf, signInLine, tokenLine } from '../src/lib/token-life';

const NOW = Date.parse('2026-11-23T12:00:00Z');

function event(seq: number, minutes: number, changes: Partial<Event> = {}): Event {
  return { seq, at: after(NOW, minutes), profile: 'work', flow: `r-${seq}`, kind: 'renewed', expires_at: null, renews_at: null, ...changes } as Event;
}

describe('the line of a token', () => {
  it('goes from its receipt to its end, with the renewal where it is planned', () => {
    const line = tokenLine(session(NOW, { issued_at: after(NOW, -15), expires_at: after(NOW, 45), renews_at: after(NOW, 30) }), NOW);
    expect(line).toEqual({ passed: 0.25, open: false, marks: [
      { kind: 'renewal', at: NOW + 30 * 60_000, part: 0.75 },
      { kind: 'now', at: NOW, part: 0.25 },
    ] });
  });

  it('is full when the token has ended, and open where nobody tells', () => {
    expect(tokenLine(session(NOW, { expires_at: after(NOW, -1) }), NOW)).toMatchObject({ passed: 1, open: false });
    expect(tokenLine(session(NOW, { expires_at: null, renews_at: null }), NOW)).toMatchObject({ open: true, passed: 0.7 });
  });
});

describe('the line of a sign-in', () => {
  it('goes to the refresh token’s own end', () => {
    const made = session(NOW, { signed_in_at: after(NOW, -100), ends: { at: after(NOW, 300), kind: 'absolute', by: 'provider', notice_at: after(NOW, 200) } });
    const line = signInLine(made, [NOW - 60 * 60_000], NOW);
    expect(line.passed).toBe(0.25);
    expect(line.marks.map(({ kind, part }) => [kind, part])).toEqual([['renewed', 0.1], ['notice', 0.75], ['now', 0.25]]);
  });
});

describe('the moments', () => {
  it('stand in the order of time, the newest few of the renewals, and none twice', () => {
    const renewals = [-150, -100, -80, -40, -12].map((minutes) => NOW + minutes * 60_000);
    const kinds = moments(session(NOW), renewals, NOW, 2).map(({ kind }) => kind);
    expect(kinds).toEqual(['signed_in', 'renewed', 'renewed', 'received', 'now', 'renewal', 'token_end']);
  });

  it('are few right after signing in', () => {
    const fresh = session(NOW, { signed_in_at: after(NOW, 0), issued_at: after(NOW, 0), expires_at: null, renews_at: null });
    expect(moments(fresh, [], NOW, 2).map(({ kind }) => kind)).toEqual(['signed_in', 'now']);
  });
});

describe('past renewals', () => {
  it('are those of the profile since the sign-in, each once', () => {
    const journal = [event(1, -500), event(2, -100), event(3, -50, { profile: 'lab' }), event(4, -40, { kind: 'browser_opened' } as Partial<Event>)];
    expect(renewalsOf(session(NOW), journal, [event(2, -100), event(5, -12)])).toEqual([NOW - 100 * 60_000, NOW - 12 * 60_000]);
  });

  it('lead to the newest of them', () => {
    expect(newestFlow(session(NOW), [event(7, -3)], [event(2, -100)])).toBe('r-7');
    expect(newestFlow(session(NOW), [event(7, -3, { profile: 'lab' })])).toBeNull();
  });
});

describe('claims', () => {
  it('are told once where two say the same, and twice where they do not', () => {
    const claims = claimsOf([
      { source: 'id_token', members: { sub: 'ada', name: 'Ada' } },
      { source: 'userinfo', members: { sub: 'ada', name: 'Ada L.' } },
    ]);
    expect(claims.map(({ name, raw, sources }) => [name, raw, sources])).toEqual([
      ['sub', 'ada', ['id_token', 'userinfo']],
      ['name', 'Ada', ['id_token']],
      ['name', 'Ada L.', ['userinfo']],
    ]);
  });

  it('are times only where they can be', () => {
    const [exp, bad, updated, number] = claimsOf([{ source: '', members: { exp: 1_795_651_200, iat: 1e300, updated_at: '2026-11-20T10:11:12Z', level: 1_795_651_200 } }]);
    expect(exp?.time?.toISOString()).toBe('2026-11-26T00:00:00.000Z');
    expect(bad?.time).toBeNull();
    expect(updated?.time?.toISOString()).toBe('2026-11-20T10:11:12.000Z');
    expect(number?.time).toBeNull();
  });

  it('show what they hold, whatever it is', () => {
    const claims = claimsOf([{ source: '', members: { groups: ['a', 'b'], address: { country: 'DE' }, ok: true, none: null } }]);
    expect(claims.map(({ raw }) => raw)).toEqual(['a\nb', '{\n  "country": "DE"\n}', 'true', 'null']);
  });

  it('are not explained by what every object has', () => {
    expect(explained({ sub: 'Who' }, 'sub')).toBe('Who');
    expect(explained({ sub: 'Who' }, 'constructor')).toBe('');
    expect(explained({ sub: 'Who' }, '__proto__')).toBe('');
  });

  it('about the token stand apart from those about the person', () => {
    const claims = claimsOf([{ source: '', members: { iss: '', sub: '', exp: 1, email: '' } }]);
    expect(claims.filter(isProtocol).map(({ name }) => name)).toEqual(['exp']);
  });
});
