// What the agent tells of programs, for tests and screenshots: a day of a person who works with several.

import type { Consent } from '../api/Consent';
import type { Event } from '../api/Event';
import { after, refusal } from './samples';

const DAY = 24 * 60;
const ZSH = 'b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c';

/** Until the sign-out, for whatever the provider gives. */
function forever(now: number, changes: Partial<Consent> = {}): Consent {
  return {
    id: 'c-report',
    program: '/home/ada/bin/report',
    sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    profile: 'work',
    decision: 'allow',
    given_at: after(now, -3 * DAY),
    resource: [],
    ...changes,
  };
}

export function consent(now: number, changes: Partial<Consent> = {}): Consent {
  const usual = { expires_at: after(now, 27 * DAY), audience: 'https://api.acme.example/v2', scope: ['openid', 'profile', 'email', 'read:orders'] };
  return forever(now, { ...usual, ...changes });
}

/** By the name of the scene. */
export const decided: Record<string, (now: number) => Consent[]> = {
  programs: (now) => [
    consent(now),
    forever(now, { id: 'c-zsh', program: '/usr/bin/zsh', sha256: ZSH, scope: ['openid', 'profile', 'email', 'offline_access'], given_at: after(now, -40) }),
    consent(now, { id: 'c-gh', program: '/usr/bin/gh', sha256: '7d865e959b2466918c9863afca942d0fb89d7c9ac0c99bafc3749504ded97730', profile: 'lab', decision: 'deny', given_at: after(now, -90), expires_at: after(now, 30 * DAY - 90) }),
    consent(now, { id: 'c-zsh-lab', program: '/usr/bin/zsh', sha256: ZSH, profile: 'lab', decision: 'deny', given_at: after(now, -2 * DAY), expires_at: after(now, 28 * DAY) }),
    forever(now, { id: 'c-upstream', connection: 'google-oauth2', given_at: after(now, -1), expires_at: after(now, 30 * DAY - 1) }),
  ],
  programsLong: (now) => [
    consent(now, {
      program: '/opt/a-very-long-company-name/customer-production/tools/2026.11.4-internal+build.9912/bin/synchronise-everything-with-everybody-every-night',
      profile: 'customer-production-with-a-name-that-hardly-ends-anywhere',
      audience: 'https://api.production.eu-central-1.internal.a-very-long-company-name.example.org/everything',
      scope: ['openid', 'https://api.a-very-long-company-name.example.org/auth/everything.readwrite.all.of.it', ...'abcdefgh'.split('').map((letter) => `read:${letter}`)],
    }),
    consent(now, { id: 'c-2', program: 'C:\\Program Files\\Acme\\acme.exe', expires_at: after(now, -1) }),
  ],
};

function about(seq: number, at: string, program: string, profile = 'work'): Event {
  return { seq, at, profile, kind: 'token_given', program, pid: 4711 + (seq % 7), access_token: `0a1b2c${seq % 10}d` };
}

export const handedOut: Record<string, (now: number) => Event[]> = {
  programs: (now) => [
    about(401, after(now, -DAY), '/home/ada/bin/report'),
    { seq: 402, at: after(now, -88), profile: 'lab', kind: 'token_refused', program: '/usr/bin/gh', pid: 900, refusal: refusal('broker.denied', 'You have said no to /usr/bin/gh about “lab”.', 'Take it back in the window or with `doorkey consent revoke`.') },
    ...[-34, -33, -32, -31].map((minutes, index) => about(410 + index, after(now, minutes), '/usr/bin/zsh')),
    { seq: 420, at: after(now, -20), profile: 'work', kind: 'proof_given', program: '/home/ada/bin/report', pid: 4711, access_token: '99ffa1b0', method: 'GET', server: 'https://api.acme.example' },
    { seq: 421, at: after(now, -12), profile: 'work', kind: 'token_looked_into', program: '/usr/bin/zsh', pid: 812, access_token: '0a1b2c3d' },
    about(422, after(now, -2), '/home/ada/bin/report'),
  ],
};
