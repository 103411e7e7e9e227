import type { Words } from '..';

export const actions: Words['actions'] = {
  addAccount: 'Konto hinzufügen',
  tryDemo: 'Mit dem Demo-Anbieter ausprobieren',
  signIn: 'Anmelden',
  signInAgain: 'Neu anmelden',
  signOut: 'Abmelden',
  copyToken: 'Token kopieren',
  copied: 'Kopiert',
  copy: 'Kopieren',
  renew: 'Jetzt erneuern',
  tryNow: 'Jetzt versuchen',
  renewing: 'Wird erneuert …',
  cancel: 'Abbrechen',
  close: 'Schließen',
  remove: 'Entfernen',
  show: 'Anzeigen',
  retry: 'Noch einmal',
  dismiss: 'Ausblenden',
  undo: 'Rückgängig',
  more: 'Mehr',
};

export const toasts: Words['toasts'] = {
  label: 'Meldungen',
  tokenCopied: 'Zugriffstoken kopiert',
  tokenCopiedText: 'Die Zwischenablage wird in 30 Sekunden geleert, wenn es dann noch darin ist.',
  clearNow: 'Jetzt leeren',
  cleared: 'Die Zwischenablage ist geleert',
  renewed: 'Erneuert',
  renewedText: (duration: string) => `Das neue Token gilt ${duration}.`,
  saved: (name: string) => `${name} ist gespeichert`,
  cancelled: 'Anmeldung abgebrochen',
};

export const connection: Words['connection'] = {
  lostTitle: 'Die Verbindung zum Agenten ist unterbrochen',
  lostText: 'Was hier steht, kann veraltet sein. Doorkey versucht es von selbst weiter.',
  neverTitle: 'Doorkey konnte nicht starten',
  neverText: 'Doorkey versucht es von selbst weiter.',
  here: 'Agent in diesem Fenster',
  elsewhere: 'Agent läuft für sich',
};

export const problems: Words['problems'] = {
  code: (code: string) => `Code ${code}`,
  other: 'Etwas ging schief',
  noPage: 'Diese Seite lässt sich nicht öffnen',
  noPageHint: 'Lade das Fenster neu. Deine Anmeldungen liegen nicht in ihm und bleiben, wie sie sind.',
  reload: 'Neu laden',
  who: {
    you: 'Das kannst du selbst beheben.',
    provider: 'Das kann beheben, wer den Anbieter betreibt.',
    computer: 'Das kann beheben, wer diesen Computer betreut.',
    nobody: 'Das geht von selbst vorbei; niemand muss etwas tun.',
    us: 'Das ist ein Fehler von Doorkey. Melde ihn.',
  },
};

export const places: Words['places'] = {
  label: 'Seiten',
  accounts: 'Konten',
  inspect: 'Einblick',
  programs: 'Programme',
  settings: 'Einstellungen',
  scenarios: 'Szenarien',
  back: (place: string) => `Zurück zu ${place}`,
};
