import type { Words } from '..';

export const vault: Words['vault'] = {
  titles: {
    ready: 'Der Tresor ist offen',
    opening: 'Wartet auf deinen Schlüsselbund',
    locked: 'Dein Schlüsselbund ist gesperrt',
    no_service: 'Auf diesem Computer ist kein Schlüsselbund',
    denied: 'Dein Schlüsselbund hat abgelehnt',
    key_missing: 'Der Schlüssel zum Tresor fehlt',
    unusable: 'Der Tresor lässt sich nicht benutzen',
  },
  passphraseTitles: {
    ready: 'Der Tresor ist offen',
    opening: 'Der Tresor wird geöffnet',
    locked: 'Der Tresor wartet auf deine Passphrase',
    no_service: 'Der Tresor lässt sich nicht benutzen',
    denied: 'Der Tresor lässt sich nicht benutzen',
    key_missing: 'Der Schlüssel zum Tresor fehlt',
    unusable: 'Der Tresor lässt sich nicht benutzen',
  },
  passphrase: 'Passphrase',
  unlock: 'Entsperren',
  firstPassphrase: 'Wähle eine Passphrase für den Tresor',
  newPassphrase: 'Neue Passphrase',
  newPassphraseHint: 'Mindestens 8 Zeichen. Niemand kann sie wiederherstellen: Ohne sie meldest du dich neu an.',
  passphraseAgain: 'Noch einmal',
  setPassphrase: 'Passphrase setzen',
  unfit: {
    short: 'Das ist zu kurz. Gib eine von mindestens 8 Zeichen ein, zweimal.',
    long: 'Das ist zu lang. Gib eine kürzere ein, zweimal.',
    different: 'Die beiden sind nicht gleich. Gib beide neu ein.',
  },
  retry: 'Entsperren und noch einmal',
  retryPlain: 'Noch einmal',
  keepInMemory: 'Anmeldungen nur im Arbeitsspeicher halten',
  startOver: 'Neu beginnen',
  startOverTitle: 'Mit einem leeren Tresor neu beginnen?',
  startOverText:
    'Die Anmeldungen, die niemand öffnen kann, werden auf diesem Computer beiseitegelegt, nicht gelöscht. Doorkey macht einen neuen Schlüssel, und du meldest dich neu an.',
  kinds: {
    keyring: 'Versiegelt mit dem Schlüsselbund',
    passphrase: 'Versiegelt mit deiner Passphrase',
    memory: 'Nur im Arbeitsspeicher',
  },
};
