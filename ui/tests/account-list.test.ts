import { describe, expect, it } from 'vitest';

import { finds, firstOf, found, grouped, lastChange, needsPerson, positionPast, pressing, shared } from '../src/lib/account-list';
import { after, session } from '../src/lib/mock/samples';
import { nameOf } from '../src/lib/people';
import { viewOf } from '../src/lib/session-view';

const NOW = Date.parse('2026-11-23T12:00:00Z');
const three = ['a', 'b', 'c'].map((id) => session(NOW, { id, name: id, profile: id === 'c' ? 'lab' : 'work' }));

describe('the name of an account', () => {
  it('is the label, then what the provider calls the person', () => {
    expect(nameOf(session(NOW, { label: 'Work' }))).toBe('Work');
    expect(nameOf(session(NOW))).toBe('Ada Lovelace');
    expect(nameOf(session(NOW, { name: null }))).toBe('ada@example.com');
    expect(nameOf(session(NOW, { name: null, email: null }))).toBe('auth0|6710b2f3a9');
  });
});

describe('what needs the person', () => {
  it('is a sign-in that only they can make, or an end that no renewal moves', () => {
    const ends = (notice: number) => session(NOW, { ends: { at: after(NOW, 900), kind: 'absolute', by: 'provider', notice_at: after(NOW, notice) } });
    expect(needsPerson(session(NOW), NOW)).toBe(false);
    expect(needsPerson(session(NOW, { state: 'offline' }), NOW)).toBe(false);
    expect(needsPerson(session(NOW, { state: 'sign_in_required' }), NOW)).toBe(true);
    expect(needsPerson(session(NOW, { state: 'expired' }), NOW)).toBe(true);
    expect(needsPerson(ends(1), NOW)).toBe(false);
    expect(needsPerson(ends(-1), NOW)).toBe(true);
  });

  it('comes first, and the rest keeps its order', () => {
    const all = [...three.slice(0, 2), { ...three[2]!, state: 'expired' as const }];
    const groups = grouped(all, pressing(all, NOW), false);
    expect(groups.map(({ key, sessions }) => [key, sessions.map(({ id }) => id)])).toEqual([
      ['needs', ['c']],
      ['rest', ['a', 'b']],
    ]);
  });

  it('comes first by provider too', () => {
    const all = [three[0]!, { ...three[1]!, issuer: 'https://gitlab.com' }, { ...three[2]!, state: 'expired' as const }];
    expect(grouped(all, pressing(all, NOW), true).map(({ key }) => key)).toEqual(['needs', 'acme.eu.auth0.com', 'gitlab.com']);
  });
});

describe('searching', () => {
  const all = [
    session(NOW, { id: 'm', name: 'Jürgen Müller', label: 'Customer Nord', scope: ['openid', 'read:orders'] }),
    session(NOW, { id: 'g', name: 'Grace Hopper', email: 'grace@navy.example', issuer: 'https://gitlab.com', profile: 'lab' }),
  ];

  it.each([
    ['muller', ['m']],
    ['NORD', ['m']],
    ['read:orders', ['m']],
    ['navy', ['g']],
    ['gitlab', ['g']],
    ['lab grace', ['g']],
    ['grace orders', []],
    ['  ', ['m', 'g']],
  ])('“%s” finds %j', (query, ids) => {
    expect(found(all, query).map(({ id }) => id)).toEqual(ids);
  });

  it('looks through profiles too', () => {
    expect(finds('stag', 'staging', 'https://id.example')).toBe(true);
    expect(finds('stag gitlab', 'staging', 'https://id.example')).toBe(false);
  });
});

describe('the first of many', () => {
  it('are those of the first groups', () => {
    const groups = [{ key: 'needs', sessions: three.slice(0, 1) }, { key: 'rest', sessions: three.slice(1) }];
    const ids = (count: number) => firstOf(groups, count).map(({ sessions }) => sessions.map(({ id }) => id));
    expect(ids(Infinity)).toEqual([['a'], ['b', 'c']]);
    expect(ids(2)).toEqual([['a'], ['b']]);
    expect(ids(1)).toEqual([['a']]);
  });
});

describe('a place among others', () => {
  it('is that of the neighbour in what is shown', () => {
    expect(positionPast(three, three, 'b', 1)).toBe(2);
    expect(positionPast(three, three, 'b', -1)).toBe(0);
    expect(positionPast(three, [three[0]!, three[2]!], 'a', 1)).toBe(2);
  });

  it('is none beyond the edge', () => {
    expect(positionPast(three, three, 'a', -1)).toBeNull();
    expect(positionPast(three, three, 'c', 1)).toBeNull();
    expect(positionPast(three, three, 'gone', 1)).toBeNull();
  });
});

describe('profiles that hold several', () => {
  it('are told from those that hold one', () => {
    expect([...shared(three)]).toEqual(['work']);
  });
});

describe('the last change', () => {
  const shapes = [
    session(NOW),
    session(NOW, { expires_at: after(NOW, 3), renews_at: null, renewable: false }),
    session(NOW, { expires_at: after(NOW, 180), renews_at: after(NOW, 150.3) }),
    session(NOW, { expires_at: null, renews_at: null }),
    session(NOW, { expires_at: after(NOW, -1), renews_at: null, state: 'expired' }),
    session(NOW, { state: 'offline', renews_at: after(NOW, 2) }),
    session(NOW, { ends: { at: after(NOW, 900), kind: 'absolute', by: 'provider', notice_at: after(NOW, 7) } }),
  ];

  it('says the same as now, at every second', () => {
    const different: string[] = [];
    for (const shape of shapes) {
      const told = (at: number) => {
        const { left, status, before, signIn } = viewOf(shape, at);
        return JSON.stringify([left, status, before, signIn]);
      };
      for (let at = NOW; at < NOW + 4 * 3_600_000; at += 6_977) {
        if (told(lastChange(shape, at)) !== told(at)) different.push(`${new Date(at).toISOString()}: ${told(at)}`);
      }
    }
    expect(different).toEqual([]);
  }, 30_000);

  it('is seldom: a minute passes without one', () => {
    const moments = new Set(Array.from({ length: 120 }, (_, second) => lastChange(session(NOW), NOW + second * 1_000)));
    expect(moments.size).toBeLessThanOrEqual(6);
  });
});
