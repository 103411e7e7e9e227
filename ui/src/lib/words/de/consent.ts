import type { Words } from '..';

export const consent: Words['consent'] = {
  title: (program: string, profile: string) => `Darf „${program}“ ein Token von „${profile}“ haben?`,
  program: 'Programm',
  says: 'Führt angeblich aus',
  startedBy: 'Gestartet von',
  api: 'Für',
  upstream: (connection: string) => `${connection}, den Anbieter dahinter`,
  scopes: 'Scopes',
  anyScope: 'was der Anbieter dort gibt',
  howLong: 'Wenn du es erlaubst',
  lasts: { once: 'Nur dieses Mal', days: 'Für 30 Tage', until_sign_out: 'Bis du dich abmeldest' },
  position: (at: number, of: number) => `${at} von ${of}`,
  ends: (left: string) => `Ohne Antwort gilt es in ${left} als Nein.`,
  details: 'SHA-256 und Prozess',
  hash: 'SHA-256',
  process: 'Prozess',
  later: 'Später',
  allow: 'Erlauben',
  deny: 'Ablehnen',
  changed: 'Dieses Programm ist ein anderes als das, über das du entschieden hast; so ist es nach einer Aktualisierung.',
  interpreter: 'Dieses Programm führt Skripte aus. Was du ihm erlaubst, darf jedes Skript haben, das es ausführt.',
};
