// The one file that talks to the program around the pages.

import { Channel, invoke } from '@tauri-apps/api/core';

import type { Refusal } from './api/Refusal';
import type { Host, Message } from './host-words';
import type { ScenarioMessage } from './scenario-words';

/** What Tauri itself refuses (a command that is not allowed, a value that does not fit) is a text: a bug of ours. */
function asRefusal(error: unknown): Refusal {
  if (typeof error === 'object' && error !== null && 'code' in error) return error as Refusal;
  return { code: 'bug.host', message: String(error), hint: '', retryable: false, profile: null, fix: null };
}

/** Bytes go as they are, everything else as JSON. */
async function ask<T>(command: string, args: Record<string, unknown> | Uint8Array = {}): Promise<T> {
  try {
    return await invoke<T>(command, args);
  } catch (error) {
    throw asRefusal(error);
  }
}

export const host: Host = {
  watch(tell) {
    const channel = new Channel<Message>();
    channel.onmessage = tell;
    ask('watch', { channel }).catch((refusal: Refusal) =>
      tell({ type: 'connection', connection: { state: 'lost', refusal } }),
    );
  },
  discover: (request) => ask('discover', { request }),
  saveProfile: (entry) => ask('save_profile', { entry }),
  removeProfile: (name) => ask('remove_profile', { name }),
  startSignIn: (request) => ask('start_sign_in', { request }),
  cancelSignIn: (id) => ask('cancel_sign_in', { id }),
  openAgain: (id) => ask('open_again', { id }),
  copyLink: (id) => ask('copy_link', { id }),
  copyToken: (session) => ask('copy_token', { session }),
  copyText: (text) => ask('copy_text', { text }),
  renew: (request) => ask('renew', { request }),
  signOut: (request) => ask('sign_out', { request }),
  startDemo: () => ask('start_demo'),
  chooseVault: (choice) => ask('choose_vault', { choice }),
  answerConsent: (id, answer) => ask('answer_consent', { id, answer }),
  pasteRedirect: (id, text) => ask('paste_redirect', { id, text }),
  step: (id, request) => ask('step', { id, request }),
  revealToken: (session) => ask('reveal_token', { session }),
  forgetCopied: () => ask('forget_copied'),
  changeSession: (id, change) => ask('change_session', { id, change }),
  identity: (session) => ask('identity', { session }),
  tokenReport: (session) => ask('token_report', { session }),
  journal: (before, limit) => ask('journal', { before, limit }),
  consents: () => ask('consents'),
  revokeConsent: (id) => ask('revoke_consent', { id }),
  moveVault: (to) => ask('move_vault', { to }),
  lockVault: () => ask('lock_vault'),
  network: () => ask('network'),
  setNetwork: (settings) => ask('set_network', { settings }),
  previewImport: (request) => ask('preview_import', { request }),
  exportProfiles: (request) => ask('export_profiles', { request }),
  saveFile: (name, text) => ask('save_file', { name, text }),
  exportFlow: (events, format, name) => ask('export_flow', { events, format, name }),
  openEvidence: (bytes) => ask('open_evidence', bytes),
  sample: (of, language) => ask('sample', { of, language }),
  setSettings: (settings) => ask('set_settings', { settings }),
  watchScenarios(tell) {
    const channel = new Channel<ScenarioMessage>();
    channel.onmessage = tell;
    ask('watch_scenarios', { channel }).catch((refusal: Refusal) => tell({ type: 'left', refusal, said: [] }));
  },
  chooseScenarios: (what) => ask('choose_scenarios', { what }),
  orderScenarios: (order) => ask('order_scenarios', { order }),
};
