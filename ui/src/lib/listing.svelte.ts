// How the accounts are looked through: it outlives the page, so that coming back from an account finds the list as it was.

export type Layout = 'cards' | 'rows';

/** From so many accounts on rows are easier to look over than cards, and a search is worth its place. */
export const ROWS_FROM = 7;
export const SEARCH_FROM = 8;

/** So many are made at once; the next when one comes near them. */
export const AT_ONCE = { cards: 24, rows: 48 } satisfies Record<Layout, number>;

const KEY = 'doorkey.accounts';

interface Remembered {
  layout: Layout | null;
  byProvider: boolean;
}

export class Listing {
  query = $state('');
  /** What the person chose; nothing while they leave it to the number of accounts. */
  layout = $state<Layout | null>(null);
  byProvider = $state(false);
  /** The account that was looked at last: the focus goes back to it. */
  opened: string | null = null;

  constructor() {
    const { layout, byProvider } = remembered();
    this.layout = layout;
    this.byProvider = byProvider;
  }

  choose(change: Partial<Remembered>): void {
    if (change.layout !== undefined) this.layout = change.layout;
    if (change.byProvider !== undefined) this.byProvider = change.byProvider;
    try {
      localStorage.setItem(KEY, JSON.stringify({ layout: this.layout, byProvider: this.byProvider }));
    } catch {
      // A webview that keeps nothing: it is as before at the next start.
    }
  }
}

function remembered(): Remembered {
  try {
    const { layout, byProvider } = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Remembered>;
    return { layout: layout === 'cards' || layout === 'rows' ? layout : null, byProvider: byProvider === true };
  } catch {
    return { layout: null, byProvider: false };
  }
}
