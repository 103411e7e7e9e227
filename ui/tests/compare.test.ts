import { configure, render, screen, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { tick } from 'svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';

import App from '../src/App.svelte';
import type { Host, Message } from '../src/lib/host-words';
import { counted, documents } from '../src/lib/journal-compare';
import { pageOf, recorded } from '../src/lib/mock/journal';
import { entra, refusal } from '../src/lib/mock/samples';
import { scenes } from '../src/lib/mock/scenes';
import { parse, written } from '../src/lib/route.svelte';
import { expectAccessible } from './axe';
import { recorder } from './recorder';

vi.setConfig({ testTimeout: 60_000 });
configure({ asyncUtilTimeout: 10_000 });

const person = userEvent.setup();
const NOW = Date.now();

async function at(route: string, changes: Partial<Host> = {}, scene = 'two') {
  location.hash = route;
  const { host, tell } = recorder({ journal: vi.fn(async (before, limit) => pageOf(recorded(NOW), before, limit)), ...changes });
  const { container } = render(App, { host });
  tell(...scenes[scene]!(NOW));
  await tick();
  return {
    host,
    container,
    tell: async (...more: Message[]) => {
      tell(...more);
      await tick();
    },
  };
}

afterEach(() => (location.hash = ''));

const member = (path: string) => screen.getAllByTestId('member').find((one) => one.dataset.path === path);

describe('two documents', () => {
  it('differ member by member; the order in a list says nothing, and what is new each time is no difference', () => {
    const one = { sub: 'a', aud: ['x', 'y'], exp: 1, nested: { a: 1, b: ['q'] }, profile: 'p' };
    const other = { sub: 'b', aud: ['y', 'x'], exp: 2, nested: { a: 1, b: ['q', 'r'] }, tid: 't' };
    const members = documents(one, other);
    expect(Object.fromEntries(members.map(({ path, mark }) => [path, mark]))).toEqual({
      sub: 'different',
      aud: 'same',
      exp: 'each-time',
      'nested.a': 'same',
      'nested.b': 'different',
      profile: 'different',
      tid: 'different',
    });
    expect(counted(members)).toEqual({ different: 2, here: 1, there: 1 });
  });

  it.each([
    ['a value and its text', { x: true, y: 1, z: null }, { x: 'true', y: '1', z: 'null' }],
    ['one and a list of it', { x: 'a', y: 'a b' }, { x: ['a'], y: ['a', 'b'] }],
    ['a list and its text', { x: ['a'] }, { x: '["a"]' }],
    ['nothing in it and nothing', { x: [], y: null, z: {} }, {}],
    ['an empty list and an empty object', { x: [], y: [] }, { x: {}, y: null }],
    ['1 and "1" in a list', { x: [1, 2] }, { x: ['1', '2'] }],
  ])('tell %s apart', (_, one, other) => {
    const marks = documents(one, other).map(({ mark }) => mark);
    expect(marks).toEqual(Object.keys(one).map(() => 'different'));
  });

  it('of which a name comes again: neither hides the other', () => {
    const members = documents({ 'a.b': 1, a: { b: 2 } }, { 'a.b': 3, a: { b: 2 } });
    expect(members.map(({ path, mark }) => [path, mark])).toEqual([['a.b', 'different'], ['a.b (2)', 'same']]);
  });

  it('are told apart from none: a claim that one of them lacks', () => {
    expect(documents({ exp: 1 }, {})[0]).toMatchObject({ path: 'exp', mark: 'different', other: null });
  });
});

describe('two accounts', () => {
  it('are compared claim by claim, by what the agent tells of their tokens and never the tokens', async () => {
    const { host, container } = await at('#/compare/accounts');
    expect(await screen.findByTestId('compare-summary')).toHaveTextContent(/\d+ members differ, \d+ only in A, \d+ only in B/);
    expect(host.identity).toHaveBeenCalledWith('s-ada');
    expect(host.identity).toHaveBeenCalledWith('s-grace');
    expect(host.revealToken).not.toHaveBeenCalled();
    expect(member('email')).toHaveTextContent('ada@example.com');
    expect(member('email')).toHaveTextContent('grace.hopper@navy.example');
    expect(member('tid')).toHaveTextContent('absent');
    expect(member('aud')).toBeUndefined();
    await person.click(screen.getAllByTestId('show-alike')[0]!);
    expect(member('aud')?.dataset.mark).toBe('same');
    await expectAccessible(container);
  });

  it('are chosen, and change places', async () => {
    await at('#/compare/accounts/s-grace/s-ada');
    expect(screen.getByTestId('compare-one')).toHaveValue('s-grace');
    await person.click(screen.getByTestId('compare-swap'));
    expect(location.hash).toBe('#/compare/accounts/s-ada/s-grace');
    // The one that is chosen twice makes way.
    await person.selectOptions(screen.getByTestId('compare-one'), 's-grace');
    expect(location.hash).toBe('#/compare/accounts/s-grace/s-ada');
  });

  it('are reached from an account’s menu', async () => {
    await at('#/accounts/s-grace');
    await person.click(screen.getByTestId('more'));
    await person.click(screen.getByRole('menuitem', { name: 'Compare with another account' }));
    expect(location.hash).toBe('#/compare/accounts/s-grace');
    expect(await screen.findByTestId('compare-one')).toHaveValue('s-grace');
    expect(screen.getByTestId('compare-other')).toHaveValue('s-ada');
  });

  it('of which there is one only are not compared', async () => {
    const { host } = await at('#/compare/accounts', {}, 'one');
    expect(screen.getByTestId('compare-few')).toHaveTextContent('no two accounts');
    expect(host.identity).not.toHaveBeenCalled();
  });

  it('of which one is gone say so, and that another is in its place', async () => {
    await at('#/compare/accounts/s-gone/s-ada');
    expect(screen.getByTestId('compare-missing')).toHaveTextContent('not there any more');
    await person.selectOptions(screen.getByTestId('compare-one'), 's-grace');
    expect(screen.queryByTestId('compare-missing')).toBeNull();
  });

  it('of which one is not told say why', async () => {
    await at('#/compare/accounts', { identity: vi.fn(() => Promise.reject(refusal('store.locked', 'The vault is locked.'))) });
    expect(await screen.findByTestId('compare-refused')).toHaveTextContent('store.locked');
  });
});

describe('two providers', () => {
  it('are asked one after the other, and compared by what they say of themselves', async () => {
    const { host, container } = await at('#/inspect/f-today');
    await person.click(await screen.findByTestId('compare'));
    await person.click(within(screen.getByTestId('flow-picker')).getByTestId('compare-kinds'));
    await person.click(await screen.findByTestId('compare-providers'));
    expect(await screen.findByTestId('compare-summary')).toHaveTextContent('members differ');
    expect(vi.mocked(host.discover).mock.calls.map(([{ profile }]) => profile)).toEqual(['work', 'lab']);
    expect(member('token_endpoint')?.dataset.mark).toBe('different');
    expect(member('pkce (RFC 7636)')).toHaveTextContent('S256, plain');
    expect(member('device_grant (RFC 8628)')).toHaveTextContent('absent');
    await expectAccessible(container);
  });

  it('are asked once, whatever the agent tells meanwhile', async () => {
    const { host, tell } = await at('#/compare/providers');
    await tell({ type: 'event', seq: 9, at: new Date(NOW).toISOString(), kind: 'profile_saved', profile: 'work' }, ...scenes.two!(NOW));
    await screen.findByTestId('compare-summary');
    await tell(...scenes.two!(NOW));
    expect(vi.mocked(host.discover).mock.calls.map(([{ profile }]) => profile)).toEqual(['work', 'lab']);
  });

  it('that are no longer wanted are not asked any more: that would end the newer look-up', async () => {
    let answer: (() => void) | undefined;
    const discover = vi.fn(() => new Promise<typeof entra>((resolve) => (answer = () => resolve(entra))));
    await at('#/compare/providers', { discover });
    const first = answer!;
    await person.click(screen.getByTestId('compare-swap'));
    first();
    await tick();
    await tick();
    expect(discover.mock.calls).toEqual([[{ issuer: '', profile: 'work' }], [{ issuer: '', profile: 'lab' }]]);
  });

  it('of which one does not answer say why', async () => {
    await at('#/compare/providers', { discover: vi.fn(() => Promise.reject(refusal('net.dns', 'Cannot find it.'))) });
    expect(await screen.findByTestId('compare-refused')).toHaveTextContent('Cannot find it.');
  });

  it('are asked again when somebody wants it', async () => {
    const discover = vi.fn<Host['discover']>(() => Promise.reject(refusal('net.dns', 'Cannot find it.')));
    await at('#/compare/providers', { discover });
    await screen.findByTestId('compare-refused');
    discover.mockImplementation(async () => entra);
    await person.click(screen.getByTestId('compare-retry'));
    expect(await screen.findByTestId('compare-summary')).toBeVisible();
    expect(screen.queryByTestId('compare-refused')).toBeNull();
  });
});

it('the address says what is compared', () => {
  for (const fragment of ['#/compare/accounts', '#/compare/providers/work', '#/compare/providers/a%2Fb/c', '#/steps/f-1']) {
    expect(written(parse(fragment))).toBe(fragment);
  }
  expect(parse('#/compare/nothing')).toEqual({ place: 'accounts' });
});
