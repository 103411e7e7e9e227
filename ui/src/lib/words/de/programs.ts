import type { Words } from '..';

export const programs: Words['programs'] = {
  title: 'Programme',
  lead: 'Was Programme auf diesem Computer von deinen Anmeldungen haben dürfen. Jedes fragt dich einmal; hier nimmst du es zurück.',
  list: 'Entscheidungen nach Programm',
  loading: 'Deine Entscheidungen werden geholt',
  unreadTitle: 'Deine Entscheidungen ließen sich nicht lesen',
  unknown: 'Ein Programm, das sich nicht benennen lässt',

  waiting: {
    title: (count: number) => (count === 1 ? 'Ein Programm wartet auf dich' : `${count} Programme warten auf dich`),
    wants: (profile: string) => `möchte ein Token von „${profile}“`,
    ends: (left: string) => `Gilt in ${left} als Nein`,
    decide: 'Entscheiden',
    decideOn: (program: string, profile: string) => `Entscheiden: ${program}, ${profile}`,
  },

  path: {
    whole: 'Den ganzen Pfad zeigen',
    short: 'Den Pfad kürzen',
    copy: (path: string) => `Pfad ${path} kopieren`,
  },

  decisions: { allow: 'Erlaubt', deny: 'Abgelehnt' },
  of: (profile: string) => `„${profile}“`,
  reach: 'Darf haben',
  reachDenied: 'Darf nicht haben',
  anyApi: 'das eigene Token der Anmeldung',
  api: (names: string) => `ein Token für ${names}`,
  upstream: (connection: string) => `das eigene Token von ${connection}, dem Anbieter dahinter`,
  anyScope: 'mit dem, was der Anbieter dort gibt',
  moreScopes: (count: number) => `${count} weitere`,
  fewerScopes: 'Weniger zeigen',
  lasts: {
    left: (duration: string) => `noch ${duration}`,
    signOut: 'Bis du dich abmeldest',
    over: 'Vorbei: Es wird wieder gefragt',
    until: (time: string) => `Bis ${time}`,
  },
  given: (time: string) => `Entschieden ${time}`,
  executable: 'Programmdatei (SHA-256)',
  details: 'Einzelheiten',
  copyHash: 'SHA-256 kopieren',
  otherExecutable: 'Zuvor wurde über eine andere Programmdatei entschieden; jene Entscheidungen gelten für diese nicht mehr.',

  last: {
    token_given: (time: string) => `Letztes Token ${time}`,
    proof_given: (time: string) => `Letzter Nachweis ${time}`,
    token_looked_into: (time: string) => `In ein Token gesehen ${time}`,
    token_refused: (time: string) => `Abgelehnt ${time}`,
  },
  never: 'Noch kein Token',
  notLately: 'Zuletzt kein Token',

  revoke: 'Zurücknehmen',
  forget: 'Vergessen',
  revokeAll: 'Alle zurücknehmen',
  revokeOf: (program: string, profile: string) => `Zurücknehmen: ${program}, ${profile}`,
  forgetOf: (program: string, profile: string) => `Das Nein vergessen: ${program}, ${profile}`,
  revokeAllOf: (program: string) => `Alle zurücknehmen: ${program}`,
  confirm: {
    allow: (program: string, profile: string) => `Zurücknehmen, was „${program}“ von „${profile}“ haben darf?`,
    deny: (program: string, profile: string) => `Das Nein an „${program}“ zu „${profile}“ vergessen?`,
    all: (program: string) => `Alle Entscheidungen über „${program}“ zurücknehmen?`,
    allowText: 'Beim nächsten Mal wird wieder gefragt. Ein Token, das es schon hat, gilt, bis es endet.',
    denyText: 'Du wirst wieder gefragt, wenn es das nächste Mal ein Token möchte.',
    allText: (count: number) =>
      `${count === 1 ? 'Eine Entscheidung wird' : `${count} Entscheidungen werden`} zurückgenommen, auch ein Nein. Beim nächsten Mal wirst du wieder gefragt. Tokens, die es schon hat, gelten, bis sie enden.`,
  },
  revoked: {
    allow: (program: string) => `${program} wird beim nächsten Mal wieder gefragt`,
    deny: (program: string) => `Das Nein an ${program} ist vergessen`,
  },

  handOuts: {
    title: 'Ausgegebene Token',
    filter: 'Programm',
    all: 'Alle Programme',
    none: 'Noch wurde nichts ausgegeben.',
    noneOf: (program: string) => `In dem, was hier steht, wurde nichts an ${program} ausgegeben.`,
    inspect: 'Einblick öffnen',
    inspectOne: (program: string, time: string) => `Einblick: ${program}, ${time}`,
    older: 'Ältere zeigen',
    times: (count: number) => `${count} ×`,
    timesSpoken: (count: number) => (count === 1 ? 'einmal' : `${count}-mal`),
    pid: (pid: number) => `Prozess ${pid}`,
    kinds: {
      token_given: 'Zugriffstoken',
      proof_given: 'DPoP-Nachweis',
      token_looked_into: 'In ein Token gesehen',
      token_refused: 'Abgelehnt',
    },
    proofFor: (method: string, server: string) => `für ${method} ${server}`,
    fingerprint: (fingerprint: string) => `Fingerabdruck ${fingerprint}`,
    columns: { when: 'Wann', program: 'Programm', what: 'Was', profile: 'Profil' },
  },

  empty: {
    title: 'Noch hat kein Programm gefragt',
    text: 'Ein Programm fragt nach einem Token, wenn es eines braucht. Beim ersten Mal wirst du gefragt, ob es eines haben darf; was du sagst, steht dann hier.',
    how: 'Wie ein Programm fragt',
    ways: { shell: 'In einem Terminal oder Skript', http: 'In jeder Sprache, über den Socket des Agenten', rust: 'In Rust, mit doorkey-client' },
    copy: (what: string) => `Kopieren: ${what}`,
  },
};
