// Every text of the window. A further language is a second object of the type `Words` and an entry in `languages`.

import type { SignOut } from './api/SignOut';
import type { StepName } from './api/StepName';
import type { VaultState } from './api/VaultState';
import type { VaultKind } from './api/VaultKind';
import type { Unfit } from './passphrase';

const en = {
  language: 'en',
  name: 'Doorkey',
  starting: 'Doorkey is starting',

  actions: {
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
  },

  welcome: {
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
  },

  accounts: {
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
    unsaved: 'Not stored yet',
    unsavedText: 'The newest tokens are in memory only. Doorkey keeps trying to store them; do not quit yet.',
  },

  session: {
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
  },

  add: {
    title: 'Add account',
    editTitle: (name: string) => `Edit ${name}`,
    lead: 'Tell Doorkey where you sign in. The provider gives you the client ID.',
    issuer: 'Provider',
    issuerHint: 'An issuer address or just a domain, such as acme.eu.auth0.com',
    looking: 'Looking up the provider…',
    found: (name: string) => `Found ${name}`,
    canPkce: 'PKCE S256',
    canRevoke: 'Revokes tokens',
    canEndSession: 'Ends the browser session',
    noPkceWord: 'Does not say it knows PKCE S256; Doorkey uses it all the same.',
    noPkce: 'This provider says it does not know PKCE S256. Doorkey does not sign in without it.',
    useIssuer: (issuer: string) => `Use ${issuer}`,
    clientId: 'Client ID',
    clientIdHint: 'Of the application you registered there; its type is “native”.',
    redirects: 'Allow these addresses at the provider',
    redirectsAnyPort: 'Allow this address at the provider',
    setup: (provider: string) => `In the console of ${provider}`,
    redirectsHint: 'The browser comes back here. Paste them where the provider lists its callback or redirect URLs.',
    redirectsHintAnyPort: 'The browser comes back here, on any free port. If the provider wants an exact port, list some under More options.',
    copyAll: 'Copy all',
    copyAddress: (address: string) => `Copy ${address}`,
    more: 'More options',
    scopes: 'Scopes',
    scopesHint: 'What the programs may do for you. The provider may ask you to agree.',
    addScope: 'Another scope',
    allScopes: (count: number) => `Show ${count} more`,
    noRefresh: 'Without offline_access most providers give no refresh token, so you would sign in again when the token ends.',
    audience: 'Audience',
    audienceHint: 'The API the access token is for. Auth0 needs it; most others do not.',
    secret: 'Client secret',
    secretHint: 'Only if the provider gave you one. It goes into the vault and is never shown again.',
    secretWanted: (provider: string) => `${provider} refuses an application without the secret it gave it. It goes into the vault and is never shown again.`,
    secretKept: 'A secret is in the vault. Leave this empty to keep it.',
    profileName: 'Profile name',
    profileNameHint: (name: string) => `What you and your commands call it, as in: doorkey token ${name}`,
    ports: 'Ports',
    portsHint: 'Tried in this order. Leave empty for any free port; Auth0 needs a list.',
    save: 'Save',
    saveAndSignIn: 'Save and sign in',
    optional: 'optional',
    problems: {
      issuerMissing: 'Enter the address or the domain of the provider.',
      clientIdMissing: 'Enter the client ID that the provider gave you.',
      clientIdSpaces: 'A client ID has no spaces in it.',
      nameMissing: 'Give the profile a name.',
      nameTaken: 'There is a profile of this name already.',
      nameLetters: 'Use letters, digits, “-”, “_” and “.”, at most 64.',
      secretMissing: 'Enter the client secret that the provider gave you.',
      secretOfAnother: (host: string) =>
        `The secret in the vault was given by ${host} and goes nowhere else. Enter the new provider’s, or add it as an account of its own.`,
      ports: 'Ports are numbers from 1024 to 65535, separated by commas.',
    },
  },

  signIn: {
    title: (provider: string) => `Sign in to ${provider}`,
    lead: 'Continue in your browser. This window notices when you are done.',
    steps: {
      opened: 'Browser opened',
      opening: 'Opening your browser',
      notOpened: 'No browser opened',
      shown: 'Code shown',
      showing: 'Asking for a code',
      waitingDevice: 'Waiting for you on the other device',
      waitedDevice: 'You finished on the other device',
      waiting: 'Waiting for you in the browser',
      waited: 'You finished in the browser',
      received: 'Answer received',
      checked: 'Checked',
      checking: 'Checking the answer',
      stored: 'Stored',
      storing: 'Storing',
    },
    deviceLead: 'Continue on your other device. This window notices when you are done.',
    deviceTitle: 'On another device',
    deviceOpen: 'Open this address there:',
    deviceType: 'and type this code:',
    deviceWarning: 'Only go on if you started this yourself.',
    timeLeft: (time: string) => `${time} left`,
    openAgain: 'Open again',
    copyLink: 'Copy link',
    linkCopied: 'Link copied. Open it in any browser on this computer.',
    cancel: 'Cancel',
    noBrowser: 'No browser could be opened',
    noBrowserHint: 'Copy the link and open it in a browser on this computer. Doorkey goes on waiting.',
    untrusted: 'Somebody said (not verified)',
    untrustedNote: 'This came without the secret word of this sign-in, so it may be from anyone. Doorkey goes on waiting.',
    ignored: (count: number) => (count === 1 ? 'One stray request was ignored.' : `${count} stray requests were ignored.`),
    slowTitle: 'Nothing yet? The usual reasons',
    slow: [
      'The browser window is behind others, or on another desktop.',
      'The sign-in there is not finished: a consent page or a second factor waits.',
    ],
    slowRedirect: 'The provider shows an error such as “Callback URL mismatch”. Allow this address there:',
    done: (who: string) => `Signed in as ${who}`,
    doneLead: 'You can close the browser tab.',
    failedTitle: 'Signing in did not work',
    failedLead: 'Nothing was stored or changed.',
    cancelledTitle: 'Sign-in cancelled',
    goneTitle: 'This sign-in is gone',
    goneText: 'The agent that ran it went away. Start again.',
    editProfile: 'Edit profile',
    progress: 'Progress',
  },

  signOut: {
    title: (who: string) => `Sign out ${who}?`,
    lead: 'How far should it go?',
    kinds: {
      forget: { title: 'Forget here', text: 'Deletes the tokens on this computer. The provider is not told.' },
      revoke: { title: 'Revoke', text: 'Tells the provider to make the tokens worthless, then forgets them here.' },
      everywhere: { title: 'Everywhere', text: 'Revokes, forgets, and ends your browser’s session with the provider too.' },
    } satisfies Record<SignOut, { title: string; text: string }>,
    confirm: 'Sign out',
    done: (who: string) => `${who} is signed out`,
    steps: {
      revoke: { done: 'Tokens revoked at the provider', not: 'Not revoked at the provider' },
      forget: { done: 'Forgotten on this computer', not: 'Not forgotten on this computer' },
      end_session: { done: 'Browser sent to the provider’s sign-out page', not: 'Browser session not ended' },
    } satisfies Record<StepName, { done: string; not: string }>,
  },

  remove: {
    title: (name: string) => `Remove ${name}?`,
    text: 'The profile and its client secret are deleted on this computer. The provider is not told.',
    done: (name: string) => `${name} is removed`,
  },

  consent: {
    title: (program: string, profile: string) => `May “${program}” have a token of “${profile}”?`,
    program: 'Program',
    says: 'It says it runs',
    startedBy: 'Started by',
    api: 'For',
    upstream: (connection: string) => `${connection}, the upstream provider`,
    scopes: 'Scopes',
    anyScope: 'whatever the provider gives there',
    howLong: 'If you allow it',
    lasts: { once: 'Only this once', days: 'For 30 days', until_sign_out: 'Until you sign out' },
    allow: 'Allow',
    deny: 'Deny',
    changed: 'This program is another one than you decided about before, as after an update.',
    interpreter: 'This program runs scripts. What you allow it, every script may have that it runs.',
  },

  toasts: {
    label: 'Messages',
    tokenCopied: 'Access token copied',
    tokenCopiedText: 'The clipboard is cleared in 30 seconds if it still holds it.',
    renewed: 'Renewed',
    renewedText: (duration: string) => `The new token is valid for ${duration}.`,
    saved: (name: string) => `${name} is saved`,
    cancelled: 'Sign-in cancelled',
  },

  vault: {
    titles: {
      ready: 'The vault is open',
      opening: 'Waiting for your keyring',
      locked: 'Your keyring is locked',
      no_service: 'No keyring on this computer',
      denied: 'Your keyring refused',
      key_missing: 'The vault’s key is missing',
      unusable: 'The vault cannot be used',
    } satisfies Record<VaultState, string>,
    /** Of a vault that is sealed with a passphrase. */
    passphraseTitles: {
      ready: 'The vault is open',
      opening: 'Opening the vault',
      locked: 'The vault waits for your passphrase',
      no_service: 'The vault cannot be used',
      denied: 'The vault cannot be used',
      key_missing: 'The vault’s key is missing',
      unusable: 'The vault cannot be used',
    } satisfies Record<VaultState, string>,
    passphrase: 'Passphrase',
    unlock: 'Unlock',
    firstPassphrase: 'Choose a passphrase for the vault',
    newPassphrase: 'New passphrase',
    newPassphraseHint: 'At least 8 characters. Nobody can recover it: without it you sign in again.',
    passphraseAgain: 'Once more',
    setPassphrase: 'Set passphrase',
    unfit: {
      short: 'That is too short. Type one of at least 8 characters, twice.',
      long: 'That is too long. Type a shorter one, twice.',
      different: 'The two are not the same. Type both again.',
    } satisfies Record<Unfit, string>,
    retry: 'Unlock and try again',
    retryPlain: 'Try again',
    keepInMemory: 'Keep sign-ins in memory only',
    startOver: 'Start over',
    startOverTitle: 'Start over with an empty vault?',
    startOverText:
      'The sign-ins that nobody can open are set aside on this computer, not deleted. Doorkey makes a new key, and you sign in again.',
    kinds: {
      keyring: 'Sealed with your system keyring',
      passphrase: 'Sealed with your passphrase',
      memory: 'In memory only',
    } satisfies Record<VaultKind, string>,
  },

  connection: {
    lostTitle: 'The connection to the agent is lost',
    lostText: 'What you see may be out of date. Doorkey tries again by itself.',
    neverTitle: 'Doorkey could not start',
    neverText: 'Doorkey tries again by itself.',
    here: 'Agent in this window',
    elsewhere: 'Agent runs by itself',
  },

  problems: {
    code: (code: string) => `Code ${code}`,
    other: 'Something went wrong',
  },
};

export type Words = typeof en;

const languages: Record<string, Words> = { en };

/** The words of the person's first language we have. */
function chosen(preferred: readonly string[]): Words {
  for (const tag of preferred) {
    const words = languages[tag] ?? languages[tag.split('-')[0] ?? ''];
    if (words) return words;
  }
  return en;
}

export const words: Words = chosen(navigator.languages ?? []);

/** For dates and numbers: the person's own region where it speaks our language (a 24-hour clock in `en-GB`). */
export const region: string =
  (navigator.languages ?? []).find((tag) => tag === words.language || tag.startsWith(`${words.language}-`)) ??
  words.language;
