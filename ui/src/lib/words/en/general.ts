import type { Actor } from '../../who-acts';

export const actions = {
  addAccount: 'Add account',
  tryDemo: 'Try it with the demo provider',
  signIn: 'Sign in',
  signInAgain: 'Sign in again',
  signOut: 'Sign out',
  copyToken: 'Copy token',
  copied: 'Copied',
  copy: 'Copy',
  renew: 'Renew now',
  tryNow: 'Try now',
  renewing: 'Renewing…',
  cancel: 'Cancel',
  close: 'Close',
  remove: 'Remove',
  show: 'Show',
  retry: 'Try again',
  dismiss: 'Dismiss',
  undo: 'Undo',
  more: 'More',
};

export const toasts = {
  label: 'Messages',
  tokenCopied: 'Access token copied',
  tokenCopiedText: 'The clipboard is cleared in 30 seconds if it still holds it.',
  clearNow: 'Clear now',
  cleared: 'The clipboard is cleared',
  renewed: 'Renewed',
  renewedText: (duration: string) => `The new token is valid for ${duration}.`,
  saved: (name: string) => `${name} is saved`,
  cancelled: 'Sign-in cancelled',
};

export const connection = {
  lostTitle: 'The connection to the agent is lost',
  lostText: 'What you see may be out of date. Doorkey tries again by itself.',
  neverTitle: 'Doorkey could not start',
  neverText: 'Doorkey tries again by itself.',
  here: 'Agent in this window',
  elsewhere: 'Agent runs by itself',
};

export const problems = {
  code: (code: string) => `Code ${code}`,
  other: 'Something went wrong',
  noPage: 'This page could not be opened',
  noPageHint: 'Load the window again. Your sign-ins are kept outside of it and are not touched.',
  reload: 'Load again',
  /** Who has to do what the refusal says. */
  who: {
    you: 'You can mend this.',
    provider: 'Whoever runs the provider can mend this.',
    computer: 'Whoever looks after this computer can mend this.',
    nobody: 'It passes by itself; nobody has to do anything.',
    us: 'This is a mistake of Doorkey. Report it.',
  } satisfies Record<Actor, string>,
};

export const places = {
  label: 'Pages',
  accounts: 'Accounts',
  inspect: 'Inspect',
  programs: 'Programs',
  settings: 'Settings',
  scenarios: 'Scenarios',
  back: (place: string) => `Back to ${place}`,
};
