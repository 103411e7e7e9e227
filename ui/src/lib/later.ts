// What is not needed to start: it is fetched when the window has nothing else to do, so that a click finds it there.

import type { Component } from 'svelte';

import type { Desk } from './desk.svelte';
import { fetchWords } from './words';

/** What each page that comes later is given. */
export type Page = Component<{ desk: Desk; now: number }>;
export type Later = 'account' | 'compare' | 'inspect' | 'programs' | 'scenarios' | 'settings' | 'steps';

const pages: Record<Later, () => Promise<Page>> = {
  account: async () => (await import('../pages/AccountPlace.svelte')).default,
  compare: async () => (await import('../pages/Compare.svelte')).default,
  inspect: async () => (await import('../pages/Inspect.svelte')).default,
  programs: async () => (await import('../pages/Programs.svelte')).default,
  scenarios: async () => (await import('../pages/Scenarios.svelte')).default,
  settings: async () => (await import('../pages/Settings.svelte')).default,
  steps: async () => (await import('../pages/Steps.svelte')).default,
};

const here = new Map<Later, Page>();

/** The page, where it is there already. */
export function pageHere(name: Later): Page | null {
  return here.get(name) ?? null;
}

export async function fetchPage(name: Later): Promise<Page> {
  const page = here.get(name) ?? (await pages[name]());
  here.set(name, page);
  return page;
}

/** Everything that is not there yet. Who needs what does not come is told when they go there. */
export async function fetchAll(): Promise<void> {
  await Promise.allSettled([...(Object.keys(pages) as Later[]).map(fetchPage), fetchWords()]);
}

/** Fetches all of it at the next idle moment; what is returned prevents it. */
export function fetchIdle(): () => void {
  // WebKit knows no idle moments.
  if (!('requestIdleCallback' in window)) {
    const timer = setTimeout(() => void fetchAll(), 300);
    return () => clearTimeout(timer);
  }
  const idle = requestIdleCallback(() => void fetchAll(), { timeout: 2_000 });
  return () => cancelIdleCallback(idle);
}
