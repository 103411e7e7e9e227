// The network's settings as they are typed, what they mean, and what is wrong with them before the agent is asked.

import type { NetworkSettings } from './api/NetworkSettings';
import type { Refusal } from './api/Refusal';
import { words } from './words';

export interface NetworkForm {
  proxy: string;
  exceptions: string;
  caFile: string;
}

export type NetworkProblems = Partial<Record<keyof NetworkForm, string>>;

export function networkForm({ proxy = '', no_proxy: exceptions = [], ca_file: caFile = '' }: NetworkSettings): NetworkForm {
  return { proxy, exceptions: exceptions.join(', '), caFile };
}

export function networkSettings(form: NetworkForm): NetworkSettings {
  const exceptions = form.exceptions.split(/[\s,;]+/).filter(Boolean);
  return {
    ...(form.proxy.trim() ? { proxy: form.proxy.trim() } : {}),
    ...(exceptions.length > 0 ? { no_proxy: exceptions } : {}),
    ...(form.caFile.trim() ? { ca_file: form.caFile.trim() } : {}),
  };
}

/** Whether what is typed means something else than what is set. */
export function differs(form: NetworkForm, settings: NetworkSettings): boolean {
  return JSON.stringify(networkSettings(form)) !== JSON.stringify(networkSettings(networkForm(settings)));
}

/** What need not be asked: a password is not sent where it does not belong. */
export function networkProblems(form: NetworkForm): NetworkProblems {
  const { proxy = '', ca_file: caFile = '' } = networkSettings(form);
  const problems: NetworkProblems = {};
  if (proxy.includes('@')) problems.proxy = words.settings.network.proxyPassword;
  else if (proxy.includes('://') && !/^(https?|socks5h?|socks4a?):\/\/./i.test(proxy)) problems.proxy = words.settings.network.proxyBad;
  if (caFile && !/^(\/|[a-z]:[\\/]|\\\\)/i.test(caFile)) problems.caFile = words.settings.network.caFileBad;
  return problems;
}

/** The field that a refusal is about. */
export function networkField({ code }: Refusal): keyof NetworkForm | null {
  if (code.includes('no_proxy')) return 'exceptions';
  if (code.includes('proxy')) return 'proxy';
  return code.includes('ca_file') ? 'caFile' : null;
}
