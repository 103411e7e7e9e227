// Pages and words that are fetched when they are needed: what is seen until they come, and where they do not.

import { render, screen, waitFor } from '@testing-library/svelte';
import { tick } from 'svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Rollup } from 'vite';

import { startChunks } from '../scripts/start-size';
import App from '../src/App.svelte';
import type { Message } from '../src/lib/host-words';
import { scenes } from '../src/lib/mock/scenes';
import { beginning, usualSettings } from '../src/lib/state';
import { speak } from '../src/lib/words';
import { recorder } from './recorder';

// Nothing is fetched beforehand, neither by the tests nor when the window is idle.
vi.mock('../src/lib/later', async (original) => ({
  ...(await original<typeof import('../src/lib/later')>()),
  fetchAll: async () => undefined,
  fetchIdle: () => () => undefined,
}));
vi.mock('../src/pages/Inspect.svelte', () => {
  throw new Error('the file is gone');
});

function at(place: string, ...before: Message[]) {
  location.hash = `#/${place}`;
  const { host, tell } = recorder();
  const { container } = render(App, { host });
  tell(...before, ...scenes.two!(Date.now()));
  return container;
}

afterEach(() => {
  location.hash = '';
  void speak('system');
});

describe('a page that comes later', () => {
  it('shows that it comes, and comes', async () => {
    at('programs');
    await screen.findByRole('status', { name: 'Doorkey is starting' });
    await waitFor(() => expect(screen.queryByRole('status', { name: 'Doorkey is starting' })).toBeNull());
    expect(screen.getByText(/^What programs on this computer may have/)).toBeInTheDocument();
    expect(screen.getByRole('heading', { name: 'Programs', level: 1 })).toBeInTheDocument();
  });

  it('is there at once the next time', async () => {
    at('programs');
    await tick();
    expect(screen.queryByRole('status', { name: 'Doorkey is starting' })).toBeNull();
  });

  it('says why it does not come, and what to do', async () => {
    at('inspect');
    expect(await screen.findByRole('alert')).toHaveTextContent('This page could not be opened');
    expect(screen.getByTestId('reload')).toBeEnabled();
  });
});

describe('words that come later', () => {
  it('are waited for: nothing is said in another language before', async () => {
    const language: Message = { type: 'settings', settings: { ...usualSettings, language: 'de' }, able: beginning.able };
    const container = at('accounts', language);
    const heard: string[] = [];
    const watching = new MutationObserver(() => heard.push(container.textContent ?? ''));
    watching.observe(container, { childList: true, subtree: true, characterData: true });
    expect(await screen.findByRole('heading', { name: 'Konten', level: 1 })).toBeInTheDocument();
    watching.disconnect();
    expect(document.documentElement.lang).toBe('de');
    expect(heard.join()).not.toContain('Add account');
    expect(heard.join()).toContain('Konto hinzufügen');
  });
});

describe('what is needed to start', () => {
  it('is the entry and all that it imports at once', () => {
    const chunk = (fileName: string, imports: string[], more = {}) => ({ type: 'chunk', fileName, imports, isEntry: false, dynamicImports: [], ...more });
    const bundle = {
      'a.js': chunk('a.js', ['b.js'], { isEntry: true, dynamicImports: ['d.js'] }),
      'b.js': chunk('b.js', ['c.js']),
      'c.js': chunk('c.js', ['b.js']),
      'd.js': chunk('d.js', ['b.js']),
      'a.css': { type: 'asset', fileName: 'a.css' },
    } as unknown as Rollup.OutputBundle;
    expect(startChunks(bundle).map(({ fileName }) => fileName)).toEqual(['a.js', 'b.js', 'c.js']);
  });
});
