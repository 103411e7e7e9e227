import { configure, render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { tick } from 'svelte';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import App from '../src/App.svelte';
import type { Host } from '../src/lib/host-words';
import { openedEvidence } from '../src/lib/mock/evidence';
import { pageOf, recorded } from '../src/lib/mock/journal';
import { refusal } from '../src/lib/mock/samples';
import { scenes } from '../src/lib/mock/scenes';
import { lastLanguage } from '../src/lib/samples.svelte';
import { expectAccessible } from './axe';
import { recorder } from './recorder';

// Here before they are looked for: on a busy machine their first way takes longer than a test waits.
await Promise.all([import('../src/parts/inspect/EvidenceView.svelte'), import('../src/parts/inspect/SampleView.svelte')]);

const person = userEvent.setup();
const NOW = Date.now();
const ZIP = new File([new Uint8Array([0x50, 0x4b, 3, 4])], 'evidence.zip', { type: 'application/zip' });

// axe takes its time where there is much to look at, and a busy machine its own.
vi.setConfig({ testTimeout: 60_000 });
configure({ asyncUtilTimeout: 10_000 });

async function at(route: string, changes: Partial<Host> = {}) {
  location.hash = route;
  const { host, tell } = recorder({ journal: vi.fn(async (before, limit) => pageOf(recorded(NOW), before, limit)), ...changes });
  const { container } = render(App, { host });
  tell(...scenes.two!(NOW));
  await tick();
  await waitFor(() => expect(screen.queryByText('Reading the journal…')).toBeNull());
  return { host, container };
}

beforeEach(() => {
  location.hash = '';
  lastLanguage.now = 'curl';
});

describe('what the program makes of a flow', () => {
  it.each([
    ['evidence', /\.zip$/],
    ['report', /\.report\.md$/],
    ['report_json', /\.report\.json$/],
    ['har', /\.har$/],
  ] as const)('is saved as %s, and says where', async (format, ending) => {
    const { host } = await at('#/inspect/f-refused');
    const detail = screen.getByRole('region', { name: /Sign-in/ });
    await person.click(within(detail).getByTestId('export'));
    await person.click(within(detail).getByTestId(`export-${format}`));
    const [events, asked, name] = vi.mocked(host.exportFlow).mock.lastCall!;
    expect([asked, name]).toEqual([format, expect.stringMatching(ending)]);
    expect(events.length).toBeGreaterThan(5);
    expect(new Set(events.map(({ flow }) => flow))).toEqual(new Set(['f-refused']));
    // Live entries say what kind of message they came in; the program takes entries.
    expect(events.some((event) => 'type' in event)).toBe(false);
    expect(await screen.findByTestId('toast')).toHaveTextContent('/home/ada/Downloads/doorkey-sign-in-work-');
  });

  it('is offered for whole flows, not for a list of entries', async () => {
    const { container } = await at('#/inspect');
    await person.click(screen.getByTestId('export'));
    expect(screen.getByTestId('save-json')).toBeVisible();
    expect(screen.queryByTestId('export-har')).toBeNull();
    await expectAccessible(container);
  });

  it('says why it was not saved', async () => {
    await at('#/inspect/f-refused', { exportFlow: vi.fn(() => Promise.reject(refusal('desktop.file', 'The disk is full.'))) });
    const detail = screen.getByRole('region', { name: /Sign-in/ });
    await person.click(within(detail).getByTestId('export'));
    await person.keyboard('{End}{Enter}');
    expect(await screen.findByTestId('toast')).toHaveTextContent('The disk is full.');
  });
});

describe('a request as a program', () => {
  async function shown() {
    const all = await at('#/inspect/f-today');
    const step = screen.getAllByTestId('step').find((one) => one.textContent?.includes('Asked for tokens'))!;
    await person.click(within(step).getByRole('button'));
    await person.click(within(step).getByTestId('show-sample'));
    return { ...all, step, sample: await within(step).findByTestId('sample') };
  }

  it('reads its secrets from the environment, and has none to copy', async () => {
    const { host, sample } = await shown();
    expect(await within(sample).findByText(/data-urlencode = "client_secret=\$\(quoted "\$CLIENT_SECRET"\)"/)).toBeVisible();
    expect(sample).toHaveTextContent('CLIENT_SECRETfingerprint 0d15ea5e');
    await person.click(within(sample).getByTestId('copy-sample'));
    const copied = vi.mocked(host.copyText).mock.lastCall![0];
    expect(copied).toContain('$CODE_VERIFIER');
    expect(copied).not.toContain('0d15ea5e');
    expect(await screen.findByTestId('toast')).toHaveTextContent('Copied as curl');
    await expectAccessible(sample);
  });

  it('is written in the language of one’s choice, which is remembered', async () => {
    const { host, sample, step } = await shown();
    await person.selectOptions(within(sample).getByTestId('sample-language'), 'Python');
    expect(await within(sample).findByText(/os\.environ\["CLIENT_SECRET"\]/)).toBeVisible();
    expect(vi.mocked(host.sample).mock.lastCall![1]).toBe('python');
    await person.click(within(sample).getByTestId('save-sample'));
    expect(host.saveFile).toHaveBeenCalledWith('request.py', expect.stringContaining('os.environ'));
    await person.click(within(step).getByTestId('show-sample'));
    await person.click(within(step).getByTestId('show-sample'));
    expect(await within(step).findByTestId('sample-language')).toHaveValue('python');
  });

  it('is there for the address that the browser was sent to, too', async () => {
    const { host } = await at('#/inspect/f-today');
    const step = screen.getAllByTestId('step').find((one) => one.dataset.kind === 'authorization_requested')!;
    await person.click(within(step).getByRole('button'));
    await person.click(within(step).getByTestId('show-sample'));
    expect(await within(step).findByTestId('sample')).toHaveTextContent('STATEfingerprint 5eed1e55');
    expect(vi.mocked(host.sample).mock.lastCall![0]).toMatchObject({ kind: 'address', url: expect.stringContaining('/authorize') });
  });

  it('is not offered where there is no form, and says why it cannot be written', async () => {
    await at('#/inspect/f-today', { sample: vi.fn(() => Promise.reject(refusal('usage.no_sample', 'The sample cannot be written.'))) });
    const steps = screen.getAllByTestId('step');
    const metadata = steps.find((one) => one.textContent?.includes('metadata') && one.dataset.kind === 'exchanged')!;
    await person.click(within(metadata).getByRole('button'));
    expect(within(metadata).queryByTestId('show-sample')).toBeNull();
    const tokens = steps.find((one) => one.textContent?.includes('Asked for tokens'))!;
    await person.click(within(tokens).getByRole('button'));
    await person.click(within(tokens).getByTestId('show-sample'));
    expect(await within(tokens).findByTestId('sample-refused')).toHaveTextContent('usage.no_sample');
  });
});

describe('an evidence file', () => {
  it('is opened by the program and shown like a flow of the journal; Escape leads back', async () => {
    const { host, container } = await at('#/inspect');
    await person.upload(screen.getByTestId('evidence-file'), ZIP);
    const view = await screen.findByTestId('evidence-view');
    expect([...vi.mocked(host.openEvidence).mock.lastCall![0]]).toEqual([0x50, 0x4b, 3, 4]);
    expect(within(view).getByTestId('evidence-about')).toHaveTextContent('evidence.zip');
    expect(within(view).getByTestId('evidence-about')).toHaveTextContent('linux, x86_64');
    expect(within(view).getByTestId('flow-outcome')).toHaveTextContent('refused');
    expect(within(view).getByRole('heading', { level: 1, name: 'Evidence' })).toHaveFocus();
    await person.click(within(view).getByTestId('open-all'));
    await expectAccessible(container);
    await person.keyboard('{Escape}');
    expect(screen.queryByTestId('evidence-view')).toBeNull();
  });

  it('is compared with a flow of the journal, either way round', async () => {
    await at('#/inspect');
    await person.upload(screen.getByTestId('evidence-file'), ZIP);
    await person.click(within(await screen.findByTestId('evidence-view')).getByTestId('compare'));
    await person.click(within(await screen.findByTestId('flow-picker')).getAllByTestId('pick').find((one) => one.dataset.flow === 'f-today')!);
    const view = await screen.findByTestId('compare-view');
    expect(within(view).getByTestId('compare-summary')).toHaveTextContent(/differ/);
    const sides = () => [...view.querySelectorAll('.side')].map((one) => one.textContent?.includes('refused'));
    expect(sides()).toEqual([true, false]);
    await person.click(within(view).getByTestId('compare-swap'));
    expect(sides()).toEqual([false, true]);
    await expectAccessible(view);
    await person.click(within(view).getByTestId('compare-back'));
    expect(await screen.findByTestId('evidence-view')).toBeVisible();
  });

  it('that was changed or holds secrets says so', async () => {
    const opened = openedEvidence(recorded(NOW), 'f-refused', NOW, { redacted: false, damages: ['`report.json` was changed after the archive was made'] });
    const { container } = await at('#/inspect', { openEvidence: vi.fn(async () => opened) });
    await person.upload(screen.getByTestId('evidence-file'), ZIP);
    expect(await screen.findByTestId('evidence-damages')).toHaveTextContent('`report.json` was changed');
    expect(screen.getByTestId('evidence-secrets')).toHaveTextContent('There are secrets in this file');
    await expectAccessible(container);
  });

  it('without entries shows what is left of it', async () => {
    await at('#/inspect', { openEvidence: vi.fn(async () => openedEvidence([], 'f-refused', NOW)) });
    await person.upload(screen.getByTestId('evidence-file'), ZIP);
    expect(await screen.findByTestId('evidence-view')).toHaveTextContent('Its entries cannot be read.');
  });

  it('that is none is refused in a sentence, and one too large is not read', async () => {
    const { host } = await at('#/inspect', { openEvidence: vi.fn(() => Promise.reject(refusal('evidence.not_ours', 'It is no evidence of Doorkey’s.'))) });
    await person.upload(screen.getByTestId('evidence-file'), ZIP);
    expect(await screen.findByTestId('toast')).toHaveTextContent('It is no evidence of Doorkey’s.');
    const large = new File(['x'], 'large.zip');
    Object.defineProperty(large, 'size', { value: 65 * 1024 * 1024 });
    await person.upload(screen.getByTestId('evidence-file'), large);
    await waitFor(() => expect(screen.getAllByTestId('toast').some((one) => one.textContent?.includes('64 MiB'))).toBe(true));
    expect(host.openEvidence).toHaveBeenCalledOnce();
  });

  it('is opened by dropping it on the page', async () => {
    await at('#/inspect');
    const drop = new Event('drop', { bubbles: true, cancelable: true });
    Object.defineProperty(drop, 'dataTransfer', { value: { types: ['Files'], files: [ZIP] } });
    window.dispatchEvent(drop);
    expect(drop.defaultPrevented).toBe(true);
    expect(await screen.findByTestId('evidence-view')).toBeVisible();
  });
});
