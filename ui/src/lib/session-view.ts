// What a card says about a session at a moment: plain values, so that every case is a line of a test.

import type { Refusal } from './api/Refusal';
import type { Session } from './api/Session';
import { clockTime, duration, figure, spokenDuration, type Figure } from './time';
import { region, words } from './words';

/** How much it matters: shown by shape and words, and by colour besides. */
export type Tone = 'good' | 'soon' | 'bad';

export type Badge = 'valid' | 'ending' | 'renewing' | 'offline' | 'ended' | 'attention';

export interface SessionView {
  tone: Tone;
  badge: Badge;
  /** Time left of the access token; nothing when the provider does not tell its end. */
  left: (Figure & { spoken: string }) | null;
  /** From 1 (just received) to 0 (ended); nothing when the end is unknown. */
  fraction: number | null;
  /** Where on that scale the renewal is planned. */
  renewsAt: number | null;
  /** What goes on, in one line. */
  status: string;
  /** What is wrong, and the next step. */
  problem: Pick<Refusal, 'message' | 'hint' | 'code'> | null;
  /** The person has to act. */
  signIn: boolean;
  /** Until when they have time to, where the end is near and no renewal moves it. */
  before: string | null;
  renew: boolean;
  copy: boolean;
}

/** Amber from here on: five minutes, or a seventh of a shorter life. Planned renewals come before it. */
const SOON = 5 * 60_000;
const SOON_PART = 1 / 7;

function nearEndOfSignIn(session: Session, now: number): string | null {
  if (!session.ends?.notice_at || Date.parse(session.ends.notice_at) > now) return null;
  return words.session.signInBefore(clockTime(new Date(session.ends.at), new Date(now), region));
}

export function viewOf(session: Session, now: number): SessionView {
  const end = session.expires_at === null ? null : Date.parse(session.expires_at);
  const begin = Date.parse(session.issued_at);
  const renewal = session.renews_at === null ? null : Date.parse(session.renews_at);
  const remaining = end === null ? null : Math.max(0, end - now);
  const life = end === null ? null : Math.max(1, end - begin);
  const ended = remaining === 0;

  const common = {
    left: remaining === null || ended ? null : { ...figure(remaining, words.language), spoken: spokenDuration(remaining, words.language) },
    fraction: remaining === null || life === null ? null : Math.min(1, remaining / life),
    renewsAt: renewal === null || end === null || life === null ? null : clamp((end - renewal) / life),
    problem: session.problem,
    signIn: false,
    before: nearEndOfSignIn(session, now),
    renew: session.renewable,
    copy: !ended || session.renewable,
  };
  const nearEnd = remaining !== null && life !== null && remaining < Math.min(SOON, life * SOON_PART);

  switch (session.state) {
    case 'signed_in':
      return {
        ...common,
        tone: nearEnd ? 'soon' : 'good',
        badge: ended ? 'ended' : nearEnd ? 'ending' : 'valid',
        status: plan(session, renewal, now),
      };
    case 'renewing':
      return { ...common, tone: nearEnd ? 'soon' : 'good', badge: 'renewing', status: words.session.renewing, renew: false };
    case 'offline':
      return {
        ...common,
        tone: 'soon',
        badge: 'offline',
        status:
          renewal === null || renewal <= now
            ? words.session.offline
            : words.session.offlineAt(clockTime(new Date(renewal), new Date(now), region)),
      };
    case 'expired':
      return {
        ...common,
        tone: 'bad',
        badge: 'ended',
        status: words.session.expired,
        problem: session.problem ?? { code: '', message: words.session.expiredText, hint: '' },
        signIn: true,
        renew: false,
        copy: false,
      };
    case 'sign_in_required':
      return {
        ...common,
        tone: 'bad',
        badge: 'attention',
        status: words.session.signInAgain,
        signIn: true,
        renew: false,
        copy: !ended && remaining !== null,
      };
  }
}

function plan(session: Session, renewal: number | null, now: number): string {
  if (!session.renewable) return words.session.noRenewal;
  if (renewal === null) return words.session.noEndText;
  return renewal <= now ? words.session.renewsNow : words.session.renewsIn(duration(renewal - now, words.language));
}

function clamp(part: number): number {
  return Math.min(1, Math.max(0, part));
}
