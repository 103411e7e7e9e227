// A host for tests: it keeps what it is asked, answers as told, and says what the test says.

import { vi } from 'vitest';

import { fetchAll } from '../src/lib/later';
import type { Host, Message } from '../src/lib/host-words';
import { openedEvidence, sampled } from '../src/lib/mock/evidence';
import { recorded } from '../src/lib/mock/journal';
import { after, auth0, entra, graceIdentity, hello, identity, network, profile, provider, session, signIn, tokenReport } from '../src/lib/mock/samples';

// Tests look at the pages as they are when they are there; later.test.ts looks at how they come.
await fetchAll();

export function recorder(changes: Partial<Host> = {}) {
  let tell: (message: Message) => void = () => undefined;
  const now = Date.now();
  const host: Host = {
    watch: (listener) => (tell = listener),
    discover: vi.fn(async ({ profile: name }) => (name === undefined ? provider : name === 'lab' ? entra : auth0)),
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
    pasteRedirect: vi.fn(async (id) => signIn(now, { id, step: 'exchanging' })),
    step: vi.fn(async (id) => signIn(now, { id, step: 'discovering' })),
    revealToken: vi.fn(async () => 'a.sample.token'),
    forgetCopied: vi.fn(async () => undefined),
    changeSession: vi.fn(async (id, change) => session(now, { id, ...change })),
    identity: vi.fn(async (id) => (id === 's-grace' ? graceIdentity(now) : identity(now))),
    tokenReport: vi.fn(async () => tokenReport(now)),
    journal: vi.fn(async () => ({ version: 1, events: [], older: false })),
    consents: vi.fn(async () => ({ version: 1, consents: [], questions: [] })),
    revokeConsent: vi.fn(async () => undefined),
    moveVault: vi.fn(async ({ to }) => ({ version: 1, vault: { ...hello.vault, kind: to }, records: 1 })),
    lockVault: vi.fn(async () => ({ ...hello.vault, state: 'locked' as const })),
    network: vi.fn(async () => network),
    setNetwork: vi.fn(async (settings) => ({ ...network, settings })),
    previewImport: vi.fn(async () => ({ version: 1, format: 'doorkey' as const, profiles: [] })),
    exportProfiles: vi.fn(async () => ({ version: 1, files: [], notes: [] })),
    saveFile: vi.fn(async (name) => `/home/ada/Downloads/${name}`),
    exportFlow: vi.fn(async (_events, _format, name) => `/home/ada/Downloads/${name}`),
    openEvidence: vi.fn(async () => openedEvidence(recorded(now), 'f-refused', now)),
    sample: vi.fn(async (of, language) => sampled(of, language)),
    setSettings: vi.fn(async (settings) => settings),
    watchScenarios: vi.fn(),
    chooseScenarios: vi.fn(async () => undefined),
    orderScenarios: vi.fn(async () => undefined),
    ...changes,
  };
  return { host, tell: (...messages: Message[]) => messages.forEach((message) => tell(message)) };
}
