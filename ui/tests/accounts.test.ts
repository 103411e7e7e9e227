import { render, screen, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { tick } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import App from '../src/App.svelte';
import type { Host, Message } from '../src/lib/host-words';
import { refusal, session } from '../src/lib/mock/samples';
import { scenes } from '../src/lib/mock/scenes';
import { expectAccessible } from './axe';
import { recorder } from './recorder';

// Each of these opens the whole window.
vi.setConfig({ testTimeout: 30_000 });

const person = userEvent.setup();
let now = Date.now();

async function showing(scene: string, changes: Partial<Host> = {}) {
  const { host, tell } = recorder(changes);
  const { container } = render(App, { host });
  tell(...scenes[scene]!(now));
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

const names = () => screen.getAllByTestId('account-name').map((one) => one.textContent.trim());

beforeEach(() => {
  now = Date.now();
  localStorage.clear();
  history.replaceState(null, '', '/');
});

describe('how accounts are shown', () => {
  it('few as cards, many as rows', async () => {
    const { tell } = await showing('severalPerProfile');
    expect(screen.getAllByTestId('session-card')).toHaveLength(3);
    await tell(...scenes.twelve!(now));
    expect(screen.queryByTestId('session-card')).toBeNull();
    expect(screen.getAllByTestId('session-row')).toHaveLength(13);
  });

  it('as the person chose, the next time too', async () => {
    await showing('severalPerProfile');
    await person.click(screen.getByTestId('layout-rows'));
    expect(screen.getAllByTestId('session-row')).toHaveLength(3);
    expect(screen.getByTestId('layout-rows')).toHaveAttribute('aria-pressed', 'true');
    expect(JSON.parse(localStorage.getItem('doorkey.accounts')!)).toEqual({ layout: 'rows', byProvider: false });
  });

  it('as before where nothing can be kept', async () => {
    localStorage.setItem('doorkey.accounts', 'no json');
    vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
      throw new Error('full');
    });
    await showing('severalPerProfile');
    await person.click(screen.getByTestId('layout-rows'));
    expect(screen.getAllByTestId('session-row')).toHaveLength(3);
  });

  it('with what needs the person first, said above, and one press away', async () => {
    await showing('severalPerProfile');
    expect(names()).toEqual(['Test Person 3', 'Work, everyday', 'Ada Lovelace']);
    expect(screen.getByTestId('needs-you')).toHaveTextContent('1 needs you');
    await person.click(screen.getByTestId('needs-you'));
    expect(screen.getByRole('link', { name: 'Test Person 3' })).toHaveFocus();
  });

  it('calmly when nothing needs the person', async () => {
    await showing('two');
    expect(screen.getByTestId('accounts-summary')).toHaveTextContent('2 accounts, all signed in');
    expect(screen.queryByTestId('needs-you')).toBeNull();
  });

  it('by provider, when there are many', async () => {
    await showing('twelve');
    await person.click(screen.getByTestId('by-provider'));
    expect(screen.getByRole('heading', { name: 'gitlab.com 2' })).toBeVisible();
    await expectAccessible(screen.getByRole('main'));
  });
});

describe('two hundred accounts', () => {
  /** As a browser has it, and tells what comes near only when the test says so. */
  function sight() {
    let tell = (_: { isIntersecting: boolean }[]) => {};
    vi.stubGlobal('IntersectionObserver', class {
      constructor(told: typeof tell) {
        tell = told;
      }
      observe() {}
      disconnect() {}
    });
    return { comesNear: () => tell([{ isIntersecting: true }]) };
  }
  afterEach(() => vi.unstubAllGlobals());

  it('are made as one comes near them', async () => {
    const { comesNear } = sight();
    await showing('twoHundred');
    expect(names()).toHaveLength(48);
    expect(screen.getByTestId('show-more')).toHaveTextContent('Show 152 more');
    comesNear();
    await tick();
    expect(names()).toHaveLength(96);
    await person.click(screen.getByTestId('show-more'));
    expect(names()).toHaveLength(144);
  });

  it('are all counted and found, and reached by keys', async () => {
    sight();
    await showing('twoHundred');
    expect(screen.getByRole('heading', { level: 2, name: 'Signed in 198' })).toBeVisible();
    screen.getAllByTestId('open-account').at(-1)!.focus();
    await person.keyboard('{ArrowDown}');
    expect(names()).toHaveLength(49);
    expect(screen.getAllByTestId('open-account').at(-1)).toHaveFocus();
    await person.type(screen.getByTestId('search-accounts'), 'user-199');
    expect(names()).toHaveLength(1);
  });
});

describe('an account in the list', () => {
  it('opens its page, and the way back leads to it again', async () => {
    await showing('twelve');
    await person.click(screen.getByRole('link', { name: 'Katherine Johnson' }));
    expect(location.hash).toBe('#/accounts/s-2');
    await person.click(screen.getByTestId('go-accounts'));
    expect(screen.getByRole('link', { name: 'Katherine Johnson' })).toHaveFocus();
  });

  it('is reached by arrow keys', async () => {
    await showing('twelve');
    screen.getByRole('link', { name: 'Ada Lovelace' }).focus();
    await person.keyboard('{ArrowDown}{ArrowDown}');
    expect(screen.getByRole('link', { name: 'Katherine Johnson' })).toHaveFocus();
    await person.keyboard('{ArrowUp}');
    expect(screen.getByRole('link', { name: 'Grace Hopper' })).toHaveFocus();
  });

  it('shows which of several is meant, and only there', async () => {
    const { tell } = await showing('severalPerProfile');
    expect(screen.getByTestId('default-badge')).toHaveTextContent('Default');
    await tell({ type: 'session_removed', id: 's-admin' }, { type: 'session_removed', id: 's-test' });
    expect(screen.queryByTestId('default-badge')).toBeNull();
  });
});

describe('the menu of an account', () => {
  async function opened(scene: string, who: string, changes: Partial<Host> = {}) {
    const shown = await showing(scene, changes);
    await person.click(screen.getByRole('button', { name: `More for ${who}` }));
    return shown;
  }

  it('is a menu: by keys alone, and back to its button', async () => {
    await opened('severalPerProfile', 'Ada Lovelace');
    const menu = screen.getByRole('menu', { name: 'More for Ada Lovelace' });
    await expectAccessible(menu);
    expect(within(menu).getByRole('menuitem', { name: 'Rename' })).toHaveFocus();
    await person.keyboard('{ArrowDown}');
    expect(within(menu).getByRole('menuitem', { name: 'Make default for work' })).toHaveFocus();
    await person.keyboard('{End}');
    expect(within(menu).getByRole('menuitem', { name: 'Edit profile work' })).toHaveFocus();
    await person.keyboard('m');
    expect(within(menu).getByRole('menuitem', { name: 'Make default for work' })).toHaveFocus();
    await person.keyboard('{Escape}');
    expect(screen.queryByRole('menu')).toBeNull();
    expect(screen.getByRole('button', { name: 'More for Ada Lovelace' })).toHaveFocus();
  });

  it('makes it the default, and takes that back', async () => {
    const { host } = await opened('severalPerProfile', 'Ada Lovelace');
    await person.click(screen.getByRole('menuitem', { name: 'Make default for work' }));
    expect(host.changeSession).toHaveBeenLastCalledWith('s-admin', { preferred: true });
    expect(await screen.findByTestId('toast')).toHaveTextContent('Ada Lovelace is the default for work');
    await person.click(screen.getByTestId('toast-action'));
    expect(host.changeSession).toHaveBeenLastCalledWith('s-ada', { preferred: true });
  });

  it('has no default where a profile holds one account', async () => {
    await opened('two', 'Grace Hopper');
    expect(screen.queryByRole('menuitem', { name: /default/i })).toBeNull();
  });

  it('does nothing while the agent is away', async () => {
    const { host } = await opened('lost', 'Grace Hopper');
    await person.click(screen.getByRole('menuitem', { name: 'Rename' }));
    expect(screen.queryByTestId('rename-field')).toBeNull();
    expect(host.changeSession).not.toHaveBeenCalled();
  });

  it('copies, renews and signs out where a row has no buttons for it', async () => {
    const { host } = await opened('twelve', 'Grace Hopper');
    await person.click(screen.getByRole('menuitem', { name: 'Renew now' }));
    expect(host.renew).toHaveBeenCalledWith({ profile: 'team-1', account: 's-1' });
    await person.click(screen.getByRole('button', { name: 'More for Grace Hopper' }));
    await person.click(screen.getByRole('menuitem', { name: 'Sign out' }));
    expect(screen.getByTestId('sign-out-sheet')).toHaveTextContent('Sign out Grace Hopper?');
  });
});

describe('renaming', () => {
  async function renaming(changes: Partial<Host> = {}) {
    const shown = await showing('one', changes);
    await person.click(screen.getByTestId('more'));
    await person.click(screen.getByRole('menuitem', { name: 'Rename' }));
    return { ...shown, field: await screen.findByTestId('rename-field') };
  }
  const labelled = { changeSession: vi.fn(async (id: string, { label }: { label?: string }) => session(now, { id, ...(label ? { label } : {}) })) };

  it('happens where the name stands: Enter keeps it, and it can be taken back', async () => {
    const { host, field, container } = await renaming(labelled);
    expect(field).toHaveFocus();
    expect(field).toHaveValue('Ada Lovelace');
    await expectAccessible(container);
    await person.clear(field);
    await person.type(field, 'Work{Enter}');
    expect(host.changeSession).toHaveBeenLastCalledWith('s-ada', { label: 'Work' });
    expect(await screen.findByRole('link', { name: 'Work' })).toHaveFocus();
    await person.click(screen.getByTestId('toast-action'));
    expect(host.changeSession).toHaveBeenLastCalledWith('s-ada', { label: '' });
    expect(await screen.findByRole('link', { name: 'Ada Lovelace' })).toBeVisible();
  });

  it('is called off by Escape', async () => {
    const { host, field } = await renaming();
    await person.type(field, 'Something{Escape}');
    expect(host.changeSession).not.toHaveBeenCalled();
    expect(screen.getByRole('link', { name: 'Ada Lovelace' })).toHaveFocus();
  });

  it('asks nobody when nothing changed', async () => {
    const { host, field } = await renaming();
    await person.type(field, '{Enter}');
    expect(host.changeSession).not.toHaveBeenCalled();
  });

  it('keeps what was typed when the agent refuses', async () => {
    const { field } = await renaming({ changeSession: vi.fn(() => Promise.reject(refusal('store.locked', 'The vault is locked.'))) });
    await person.clear(field);
    await person.type(field, 'Work{Enter}');
    expect(await screen.findByTestId('toast')).toHaveTextContent('The vault is locked.');
    expect(field).toHaveValue('Work');
  });
});

describe('the order', () => {
  it('is changed by Alt and an arrow, which is said, and the focus stays', async () => {
    const { host } = await showing('two');
    screen.getByRole('link', { name: 'Ada Lovelace' }).focus();
    await person.keyboard('{Alt>}{ArrowDown}{/Alt}');
    expect(host.changeSession).toHaveBeenCalledWith('s-ada', { position: 1 });
    expect(await screen.findByText('Ada Lovelace: now place 2 of 2')).toBeInTheDocument();
    expect(screen.getByRole('link', { name: 'Ada Lovelace' })).toHaveFocus();
  });

  it('has an edge', async () => {
    const { host } = await showing('two');
    screen.getByRole('link', { name: 'Ada Lovelace' }).focus();
    await person.keyboard('{Alt>}{ArrowUp}{/Alt}');
    expect(host.changeSession).not.toHaveBeenCalled();
    await person.click(screen.getByRole('button', { name: 'More for Ada Lovelace' }));
    expect(screen.queryByRole('menuitem', { name: 'Move up' })).toBeNull();
    expect(screen.getByRole('menuitem', { name: 'Move down' })).toBeVisible();
  });

  it('is the one the agent tells', async () => {
    const { tell } = await showing('two');
    await tell(
      { type: 'session', session: session(now, { position: 1 }) },
      { type: 'session', session: session(now, { id: 's-grace', name: 'Grace Hopper', position: 0 }) },
    );
    expect(names()).toEqual(['Grace Hopper', 'Ada Lovelace']);
  });
});

describe('the search', () => {
  it('is there from eight accounts on', async () => {
    const { tell } = await showing('severalPerProfile');
    expect(screen.queryByTestId('search-accounts')).toBeNull();
    await tell(...scenes.twelve!(now));
    expect(screen.getByTestId('search-accounts')).toBeVisible();
  });

  it.each(['/', '{Control>}f{/Control}'])('is reached by %s', async (keys) => {
    await showing('twelve');
    await person.keyboard(keys);
    expect(screen.getByTestId('search-accounts')).toHaveFocus();
    expect(screen.getByTestId('search-accounts')).toHaveValue('');
  });

  it('tells how many it found, and Escape ends it', async () => {
    await showing('twelve');
    await person.type(screen.getByTestId('search-accounts'), 'gitlab');
    expect(names()).toEqual(['Margaret Hamilton', 'Émilie du Châtelet']);
    expect(screen.getByTestId('accounts-summary')).toHaveTextContent('2 of 13 accounts');
    expect(screen.getByTestId('accounts-summary')).toHaveAttribute('role', 'status');
    await person.keyboard('{Escape}');
    expect(names()).toHaveLength(13);
  });

  it('says when there is nothing, and leads back', async () => {
    const { container } = await showing('twelve');
    await person.type(screen.getByTestId('search-accounts'), 'nobody');
    expect(screen.getByTestId('nothing-found')).toHaveTextContent('Nothing matches “nobody”');
    await expectAccessible(container);
    await person.click(within(screen.getByTestId('nothing-found')).getByRole('button'));
    expect(names()).toHaveLength(13);
  });
});
