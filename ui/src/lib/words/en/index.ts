// English: the language the others are measured by.

import { accounts, remove, session, welcome } from './accounts';
import { add } from './adding';
import { consent } from './consent';
import { actions, connection, places, problems, toasts } from './general';
import { inspect } from './inspect';
import { account } from './account';
import { programs } from './programs';
import { scenarios } from './scenarios';
import { settings } from './settings';
import { signIn, signOut } from './signing';
import { stepping } from './stepping';
import { vault } from './vault';

export const en = {
  language: 'en',
  name: 'Doorkey',
  starting: 'Doorkey is starting',
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
