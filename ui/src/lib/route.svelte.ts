// Where in the window one is. It is the address's fragment, so that going back works as in a browser.

import type { Place } from './host-words';

export type Compared = 'accounts' | 'providers';

export type Route =
  | { place: Place }
  /** Two accounts, or the providers of two profiles, beside each other. */
  | { place: 'inspect'; compare: Compared; one?: string; other?: string }
  | { place: 'accounts'; session: string }
  | { place: 'inspect'; flow: string; other?: string }
  /** A sign-in in step mode, by its id. */
  | { place: 'inspect'; steps: string }
  | { place: 'settings'; section: string };

/** The places in the order of the navigation. */
export const places: readonly Exclude<Place, 'scenarios'>[] = ['accounts', 'inspect', 'programs', 'settings'];

/** And those that others lead to. */
const all: readonly Place[] = [...places, 'scenarios'];

export function parse(fragment: string): Route {
  const [place, first, second, third] = fragment.replace(/^#?\/?/, '').split('/').map(decoded);
  if (place === 'compare' && (first === 'accounts' || first === 'providers')) {
    return { place: 'inspect', compare: first, ...(second ? { one: second } : {}), ...(third ? { other: third } : {}) };
  }
  if (place === 'steps' && first) return { place: 'inspect', steps: first };
  if (place === 'inspect' && first) return { place, flow: first, ...(second ? { other: second } : {}) };
  if (place === 'accounts' && first) return { place, session: first };
  if (place === 'settings' && first) return { place, section: first };
  return { place: all.find((known) => known === place) ?? 'accounts' };
}

export function written(route: Route): string {
  const parts: string[] = 'steps' in route ? ['steps', route.steps] : 'compare' in route ? ['compare', route.compare] : [route.place];
  if ('compare' in route && route.one) parts.push(route.one, ...(route.other ? [route.other] : []));
  if ('session' in route) parts.push(route.session);
  if ('section' in route) parts.push(route.section);
  if ('flow' in route) parts.push(route.flow, ...(route.other ? [route.other] : []));
  return `#/${parts.map(encodeURIComponent).join('/')}`;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return '';
  }
}

export class Way {
  now = $state.raw<Route>(parse(location.hash));

  /** Follows the address; what is returned stops that. */
  start(): () => void {
    const follow = () => (this.now = parse(location.hash));
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }

  go(route: Route): void {
    this.now = route;
    if (written(route) !== location.hash) history.pushState(null, '', written(route));
  }
}
