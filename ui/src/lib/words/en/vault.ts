import type { VaultKind } from '../../api/VaultKind';
import type { VaultState } from '../../api/VaultState';
import type { Unfit } from '../../passphrase';

export const vault = {
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
};
