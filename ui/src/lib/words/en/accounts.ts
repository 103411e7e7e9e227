import type { Layout } from '../../listing.svelte';

export const welcome = {
  title: 'Sign in once. Stay signed in.',
  lead: 'Doorkey signs you in through your own browser and hands every program on this computer exactly the token it may have.',
  reassurances: [
    {
      title: 'Your own browser',
      text: 'You sign in where you always do. Doorkey never sees your password.',
    },
    {
      title: 'Locked away',
      text: 'Sign-ins are sealed on this computer. Your system keyring holds the key.',
    },
    {
      title: 'Renews by itself',
      text: 'Programs always get a valid token. You are not asked again.',
    },
  ],
  demoNote: 'The demo runs on this computer. No account needed.',
};

export const accounts = {
  title: 'Accounts',
  waitingTitle: 'Not signed in',
  profile: (name: string) => `Profile ${name}`,
  scopes: 'Granted scopes',
  scopeRefused: (scope: string) => `${scope}, not granted`,
  notGranted: 'not granted',
  moreScopes: (count: number) => `${count} more`,
  fewerScopes: 'Show fewer',
  audience: (audience: string) => `For ${audience}`,
  editProfile: (name: string) => `Edit profile ${name}`,
  removeProfile: (name: string) => `Remove profile ${name}`,
  /** What a button does, and to whom: a screen reader says both, and speech control finds the words one sees. */
  actionFor: (action: string, who: string) => `${action}: ${who}`,
  signInWith: (profile: string) => `Sign in with ${profile}`,
  signingIn: 'Waiting for the browser',
  showSignIn: (profile: string) => `Show the sign-in with ${profile}`,
  demoProvider: 'Demo provider',
  /** How it is with all of them, above the list. */
  summary: (count: number) => (count === 1 ? '1 account' : `${count} accounts`),
  needsYou: (count: number) => (count === 1 ? '1 needs you' : `${count} need you`),
  allWell: 'all signed in',
  needTitle: 'Needs you',
  restTitle: 'Signed in',
  showMore: (count: number) => `Show ${count} more`,
  default: 'Default',
  defaultText: (profile: string) => `Meant where a program asks for “${profile}” and does not say whose`,
  layout: 'Shown as',
  layouts: { cards: 'Cards', rows: 'List' } satisfies Record<Layout, string>,
  byProvider: 'Group by provider',
  search: 'Search accounts',
  searchHint: 'Name, e-mail, provider, profile or scope',
  clearSearch: 'Clear the search',
  found: (count: number, of: number) => (count === 1 ? `1 of ${of} accounts` : `${count} of ${of} accounts`),
  nothingFound: (query: string) => `Nothing matches “${query}”`,
  nothingFoundText: 'Names, e-mail addresses, labels, providers, profiles and scopes were looked through.',
  more: (who: string) => `More for ${who}`,
  rename: 'Rename',
  renameLabel: (who: string) => `What to call ${who}`,
  renameHint: 'Enter keeps it, Escape leaves it as it was. Leave it empty for the provider’s own name.',
  renamed: (who: string) => `Renamed to ${who}`,
  makeDefault: (profile: string) => `Make default for ${profile}`,
  endDefault: (profile: string) => `No longer default for ${profile}`,
  madeDefault: (who: string, profile: string) => `${who} is the default for ${profile}`,
  endedDefault: (profile: string) => `${profile} has no default any more`,
  moveUp: 'Move up',
  moveDown: 'Move down',
  moved: (who: string, place: number, of: number) => `${who}: now place ${place} of ${of}`,
  unsaved: 'Not stored yet',
  unsavedText: 'The newest tokens are in memory only. Doorkey keeps trying to store them; do not quit yet.',
};

export const session = {
  left: 'left',
  leftSpoken: (duration: string) => `${duration} left`,
  ended: 'Ended',
  noEnd: 'No end told',
  noEndText: 'The provider does not say when this token ends.',
  renewsIn: (duration: string) => `Renews by itself in ${duration}`,
  renewsNow: 'Renews by itself any moment',
  renewing: 'Renewing…',
  offlineAt: (time: string) => `Offline – will try again at ${time}`,
  offline: 'Offline – will try again soon',
  offlineText: 'You are still signed in. Nothing was lost.',
  signInAgain: 'Sign in again',
  signInBefore: (time: string) => `Sign in again before ${time}`,
  signInBeforeText: 'After that this sign-in cannot be renewed any more: the provider ends it then.',
  noRenewal: 'No renewal: the provider gave no refresh token',
  expired: 'This token has ended',
  expiredText: 'The provider gave no refresh token to renew it with. Sign in again to get a new one.',
};

export const remove = {
  title: (name: string) => `Remove ${name}?`,
  text: 'The profile and its client secret are deleted on this computer. The provider is not told.',
  done: (name: string) => `${name} is removed`,
};
