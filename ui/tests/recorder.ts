// A host for tests: it keeps what it is asked, answers as told, and says what the test says.

import { vi } from 'vitest';

import type { Host, Message } from '../src/lib/host-words';
import { after, profile, provider, session, signIn } from '../src/lib/mock/samples';

export function recorder(changes: Partial<Host> = {}) {
  let tell: (message: Message) => void = () => undefined;
  const now = Date.now();
  const host: Host = {
    watch: (listener) => (tell = listener),
    discover: vi.fn(async () => provider),
    saveProfile: vi.fn(async (entry) => profile(entry)),
    removeProfile: vi.fn(async () => undefined),
    startSignIn: vi.fn(async ({ profile }) => signIn(now, { id: 'f-new', profile, step: 'discovering' })),
    cancelSignIn: vi.fn(async (id) => signIn(now, { id, step: 'cancelled' })),
    openAgain: vi.fn(async () => undefined),
    copyLink: vi.fn(async () => undefined),
    copyToken: vi.fn(async () => undefined),
    copyText: vi.fn(async () => undefined),
    renew: vi.fn(async () => session(now, { issued_at: after(now, 0), expires_at: after(now, 60) })),
    signOut: vi.fn(async ({ profile }) => ({ version: 1, profile, steps: [] })),
    startDemo: vi.fn(async () => 'demo'),
    chooseVault: vi.fn(async ({ kind }) => ({ kind, state: 'ready' as const, message: '', hint: '' })),
    answerConsent: vi.fn(async () => undefined),
    ...changes,
  };
  return { host, tell: (...messages: Message[]) => messages.forEach((message) => tell(message)) };
}
