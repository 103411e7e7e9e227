// German. Its terms are those of the glossary in docs/design-language.md.

import type { Words } from '..';
import { account } from './account';
import { accounts, remove, session, welcome } from './accounts';
import { add } from './adding';
import { consent } from './consent';
import { actions, connection, places, problems, toasts } from './general';
import { inspect } from './inspect';
import { programs } from './programs';
import { scenarios } from './scenarios';
import { settings } from './settings';
import { signIn, signOut } from './signing';
import { stepping } from './stepping';
import { vault } from './vault';

export const de: Words = {
  language: 'de',
  name: 'Doorkey',
  starting: 'Doorkey startet',
  actions,
  places,
  welcome,
  accounts,
  account,
  session,
  add,
  signIn,
  signOut,
  stepping,
  remove,
  consent,
  inspect,
  programs,
  scenarios,
  settings,
  toasts,
  vault,
  connection,
  problems,
};
