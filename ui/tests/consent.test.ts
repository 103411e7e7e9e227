import { render, screen, waitFor } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { tick } from 'svelte';
import { describe, expect, it, vi } from 'vitest';

import App from '../src/App.svelte';
import type { Host } from '../src/lib/host-words';
import { question, refusal } from '../src/lib/mock/samples';
import { scenes } from '../src/lib/mock/scenes';
import { recorder } from './recorder';

const person = userEvent.setup();

async function asked(scene: string, changes: Partial<Host> = {}) {
  const { host, tell } = recorder(changes);
  render(App, { host });
  tell(...scenes[scene]!(Date.now()));
  await tick();
  return { host, tell };
}

describe('a program that wants a token', () => {
  it('is told by what the system knows of it, and what the token reaches', async () => {
    await asked('consent');
    const sheet = screen.getByTestId('consent-sheet');
    expect(screen.getByRole('heading', { name: 'May “report” have a token of “work”?' })).toBeVisible();
    for (const fact of ['/home/ada/bin/report', '/usr/bin/zsh', 'https://api.acme.example/v2', 'read:orders']) {
      expect(sheet).toHaveTextContent(fact);
    }
    expect(screen.queryByTestId('consent-changed')).toBeNull();
  });

  it('cannot be allowed by a click that was meant for something else', async () => {
    const { host } = await asked('consent');
    const allow = screen.getByTestId('consent-allow');
    expect(allow).toBeDisabled();
    await person.click(allow);
    expect(host.answerConsent).not.toHaveBeenCalled();
    await waitFor(() => expect(allow).toBeEnabled());
    await person.click(allow);
    expect(host.answerConsent).toHaveBeenCalledWith('q-report', { decision: 'allow', lasts: { kind: 'days', days: 30 } });
    expect(screen.queryByTestId('consent-sheet')).toBeNull();
  });

  it('is denied by Escape, and by the button', async () => {
    const no = { decision: 'deny', lasts: { kind: 'once' } };
    const first = await asked('consent');
    screen.getByTestId('consent-sheet').dispatchEvent(new Event('cancel', { cancelable: true }));
    await waitFor(() => expect(first.host.answerConsent).toHaveBeenCalledWith('q-report', no));
    first.tell({ type: 'consent_asked', question: question(Date.now(), { id: 'q-2' }) });
    await tick();
    await person.click(screen.getByTestId('consent-deny'));
    expect(first.host.answerConsent).toHaveBeenLastCalledWith('q-2', no);
  });

  it('is never allowed for good where it runs scripts', async () => {
    await asked('consentScript');
    expect(screen.getByTestId('consent-interpreter')).toBeVisible();
    expect(screen.getByTestId('consent-changed')).toBeVisible();
    expect(screen.queryByTestId('consent-until_sign_out')).toBeNull();
    expect(screen.getByTestId('consent-sheet')).toHaveTextContent('It says it runs');
  });

  it('is not shown any more when it has gone', async () => {
    const { tell } = await asked('consent');
    tell({ type: 'consent_settled', id: 'q-report' });
    await tick();
    expect(screen.queryByTestId('consent-sheet')).toBeNull();
  });

  it('is not allowed by an answer that came too late, and that is said', async () => {
    await asked('consent', {
      answerConsent: vi.fn(() => Promise.reject(refusal('broker.consent_unknown', 'There is no question any more.'))),
    });
    await person.click(screen.getByTestId('consent-deny'));
    expect(await screen.findByTestId('toast')).toHaveTextContent('There is no question any more.');
    expect(screen.queryByTestId('consent-sheet')).toBeNull();
  });
});
