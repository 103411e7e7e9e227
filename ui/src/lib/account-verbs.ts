// What a person can have done with an account from its menu, and how it is taken back.

import ArrowDown from '@lucide/svelte/icons/arrow-down';
import ArrowUp from '@lucide/svelte/icons/arrow-up';
import Bookmark from '@lucide/svelte/icons/bookmark';
import BookmarkX from '@lucide/svelte/icons/bookmark-x';
import Copy from '@lucide/svelte/icons/copy';
import GitCompareArrows from '@lucide/svelte/icons/git-compare-arrows';
import LogOut from '@lucide/svelte/icons/log-out';
import Pencil from '@lucide/svelte/icons/pencil';
import RefreshCw from '@lucide/svelte/icons/refresh-cw';
import Settings2 from '@lucide/svelte/icons/settings-2';
import StepForward from '@lucide/svelte/icons/step-forward';

import type { Session } from './api/Session';
import type { Desk } from './desk.svelte';
import type { MenuItem } from './menu';
import { givenNameOf, nameOf } from './people';
import { viewOf } from './session-view';
import { words } from './words';

/** As long as a label may be. */
export const LABEL_MAX = 64;

/** Whether it may be left: it is called that now, or was before. */
export async function rename(desk: Desk, session: Session, text: string): Promise<boolean> {
  const before = session.label ?? '';
  const wanted = text.trim() === givenNameOf(session) ? '' : text.trim();
  if (wanted === before) return true;
  const renamed = await desk.changeSession(session.id, { label: wanted });
  if (renamed === null) return false;
  desk.toasts.say({
    tone: 'good',
    title: words.accounts.renamed(nameOf(renamed)),
    action: { label: words.actions.undo, act: () => void desk.changeSession(session.id, { label: before }) },
  });
  return true;
}

export async function prefer(desk: Desk, session: Session, preferred: boolean): Promise<void> {
  const before = desk.now.sessions.find((other) => other.profile === session.profile && other.preferred);
  if ((await desk.changeSession(session.id, { preferred })) === null) return;
  const back = () => (before ? desk.changeSession(before.id, { preferred: true }) : desk.changeSession(session.id, { preferred: false }));
  desk.toasts.say({
    tone: 'good',
    title: preferred ? words.accounts.madeDefault(nameOf(session), session.profile) : words.accounts.endedDefault(session.profile),
    action: { label: words.actions.undo, act: () => void back() },
  });
}

/** What a card and a row show of an account, and what they are told to do with it. */
export interface AccountShown {
  session: Session;
  now: number;
  disabled: boolean;
  /** It has just come. */
  fresh: boolean;
  /** Of its heading. */
  level: 2 | 3;
  /** The one that is meant among several of its profile. */
  isDefault: boolean;
  renaming: boolean;
  onopen: () => void;
  oncopy: () => Promise<boolean>;
  onrenew: () => Promise<void>;
  onsignin: () => void;
  onsignout: () => void;
  onmenu: (anchor: HTMLElement) => void;
  /** Whether the new name may stand. */
  onrename: (text: string) => Promise<boolean>;
  onrenamed: () => void;
}

interface Ways {
  /** How the name becomes a field. */
  rename: () => void;
  /** Whether its profile holds several. */
  several: boolean;
  /** By one place; absent at the edge, and where there is no list. */
  up?: (() => void) | undefined;
  down?: (() => void) | undefined;
  /** Where there is no button for it beside the menu. */
  whole?: boolean;
}

export function menuOf(desk: Desk, session: Session, ways: Ways): MenuItem[] {
  const view = viewOf(session, Date.now());
  const off = !desk.connected;
  const { several, up, down, whole = false } = ways;
  const items: (MenuItem | false)[] = [
    whole && { label: words.actions.copyToken, icon: Copy, disabled: off || !view.copy, act: () => void desk.copyToken(session) },
    whole && session.renewable && !view.signIn && { label: words.actions.renew, icon: RefreshCw, disabled: off || !view.renew, act: () => void desk.renew(session) },
    { label: words.accounts.rename, icon: Pencil, disabled: off, apart: whole, act: ways.rename },
    several && {
      label: session.preferred ? words.accounts.endDefault(session.profile) : words.accounts.makeDefault(session.profile),
      icon: session.preferred ? BookmarkX : Bookmark,
      disabled: off,
      act: () => void prefer(desk, session, !session.preferred),
    },
    up !== undefined && { label: words.accounts.moveUp, icon: ArrowUp, keys: 'Alt+↑', disabled: off, act: up },
    down !== undefined && { label: words.accounts.moveDown, icon: ArrowDown, keys: 'Alt+↓', disabled: off, act: down },
    desk.now.sessions.length > 1 && {
      label: words.inspect.compare.withAccount,
      icon: GitCompareArrows,
      disabled: off,
      apart: true,
      act: () => desk.way.go({ place: 'inspect', compare: 'accounts', one: session.id }),
    },
    { label: words.stepping.start, icon: StepForward, disabled: off, apart: desk.now.sessions.length < 2, act: () => void desk.signInByStep(session.profile, session) },
    { label: words.accounts.editProfile(session.profile), icon: Settings2, disabled: off, apart: true, act: () => desk.edit(session.profile) },
    whole && { label: words.actions.signOut, icon: LogOut, disabled: off, bad: true, act: () => (desk.sheet = { kind: 'sign-out', session }) },
  ];
  return items.filter((item) => item !== false);
}
