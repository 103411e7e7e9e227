import { render, screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { tick } from 'svelte';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import App from '../src/App.svelte';
import type { Host } from '../src/lib/host-words';
import { languageName } from '../src/lib/language';
import { exported, importPreview, networks } from '../src/lib/mock/settings';
import { profile, refusal } from '../src/lib/mock/samples';
import { scenes } from '../src/lib/mock/scenes';
import { differs, networkField, networkForm, networkProblems, networkSettings } from '../src/lib/network-form';
import { sectionOf, sections } from '../src/lib/sections';
import { expectAccessible } from './axe';
import { recorder } from './recorder';

const person = userEvent.setup();
const now = Date.now();
/** Axe looks at a whole page, and a busy machine takes its time. */
const LONG = 20_000;
const unwritable = refusal('config.unwritable', 'window.toml cannot be written.', 'Make it writable.');

async function at(section: string, scene = 'settings', changes: Partial<Host> = {}) {
  location.hash = `#/settings/${section}`;
  const { host, tell } = recorder({
    network: vi.fn(async () => networks[scene] ?? networks.settingsNetwork!),
    setNetwork: vi.fn(async (settings) => ({ ...networks.settingsNetwork!, settings })),
    previewImport: vi.fn(async () => importPreview()),
    exportProfiles: vi.fn(async (request) => exported(request)),
    ...changes,
  });
  const { container } = render(App, { host });
  tell(...(scenes[scene]?.(now) ?? []));
  await screen.findByRole('heading', { name: 'Settings', level: 1 });
  return {
    host,
    container,
    tell: async (...messages: Parameters<typeof tell>) => {
      tell(...messages);
      await tick();
    },
  };
}

beforeEach(() => {
  location.hash = '';
  delete document.documentElement.dataset.appearance;
});

describe('every section', () => {
  it.each([
    ...sections.map((section) => [section, 'settings'] as const),
    ['computer', 'settingsUnable'],
    ['vault', 'settingsPassphrase'],
    ['vault', 'settingsMemory'],
    ['vault', 'vaultLocked'],
    ['network', 'settingsNetwork'],
    ['profiles', 'empty'],
    ['about', 'lost'],
  ] as [string, string][])(
    '%s, %s: axe finds nothing',
    async (section, scene) => {
      const { container } = await at(section, scene);
      await waitFor(() => expect(container.querySelector('.spinner')).toBeNull());
      await expectAccessible(container);
    },
    LONG,
  );

  it('has an address, and a way to it of two kinds', async () => {
    await at('');
    expect(screen.getByTestId('settings-appearance')).toBeVisible();
    await person.click(screen.getByTestId('section-network'));
    expect(location.hash).toBe('#/settings/network');
    expect(await screen.findByTestId('settings-network')).toBeVisible();
    expect(screen.getByTestId('section-network')).toHaveAttribute('aria-current');
    await person.selectOptions(screen.getByTestId('sections'), 'About');
    expect(location.hash).toBe('#/settings/about');
    expect(sectionOf('no-such')).toBe('appearance');
  });
});

describe('language and look', () => {
  it('are set at once', async () => {
    const { host } = await at('appearance');
    await person.click(screen.getByTestId('look-dark'));
    expect(host.setSettings).toHaveBeenLastCalledWith(expect.objectContaining({ appearance: 'dark' }));
    expect(document.documentElement.dataset.appearance).toBe('dark');
    expect(screen.getByTestId('look-dark')).toBeChecked();
    await person.selectOptions(screen.getByTestId('language'), 'English');
    expect(host.setSettings).toHaveBeenLastCalledWith(expect.objectContaining({ language: 'en', appearance: 'dark' }));
  });

  it('are as they were where they cannot be kept, and say why', async () => {
    await at('appearance', 'settings', { setSettings: vi.fn(() => Promise.reject(unwritable)) });
    await person.click(screen.getByTestId('look-dark'));
    expect(await screen.findByTestId('refused')).toHaveTextContent('window.toml cannot be written. Make it writable.');
    expect(document.documentElement.dataset.appearance).toBe('system');
    expect(screen.getByTestId('look-system')).toBeChecked();
    expect(screen.getByTestId('look-dark')).not.toBeChecked();
    await person.selectOptions(screen.getByTestId('language'), 'English');
    expect(await screen.findByTestId('toast')).toHaveTextContent('Not saved: it is as it was');
    expect(screen.getByTestId('language')).toHaveValue('system');
  });

  it('have languages by their own names', () => {
    expect(['en', 'de', 'fr', 'not a tag'].map(languageName)).toEqual(['English', 'Deutsch', 'Français', 'not a tag']);
  });
});

describe('this computer', () => {
  it('has switches that save at once', async () => {
    const { host } = await at('computer');
    const tray = screen.getByRole('switch', { name: 'Stay in the tray' });
    expect(tray).not.toBeChecked();
    await person.click(tray);
    expect(host.setSettings).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ tray: true, autostart: false, notifications: true }));
    expect(tray).toBeChecked();
  });

  it('turns a switch back that could not be kept, and no other', async () => {
    const setSettings = vi.fn<Host['setSettings']>(async (settings) => settings);
    await at('computer', 'settings', { setSettings });
    await person.click(screen.getByTestId('set-autostart'));
    setSettings.mockImplementation(() => Promise.reject(unwritable));
    await person.click(screen.getByTestId('set-tray'));
    expect(await screen.findByTestId('refused')).toHaveTextContent('Not saved: it is as it was');
    expect(screen.getByTestId('set-tray')).not.toBeChecked();
    expect(screen.getByTestId('set-autostart')).toBeChecked();
  });

  it('does not undo a later choice by the answer to an earlier one', async () => {
    const answers: (() => void)[] = [];
    const setSettings = vi.fn<Host['setSettings']>((settings) => new Promise((done) => answers.push(() => done(settings))));
    await at('computer', 'settings', { setSettings });
    await person.click(screen.getByTestId('set-tray'));
    await person.click(screen.getByTestId('set-autostart'));
    answers[0]!();
    await tick();
    expect(screen.getByTestId('set-autostart')).toBeChecked();
    answers[1]!();
    await waitFor(() => expect(setSettings).toHaveBeenLastCalledWith(expect.objectContaining({ tray: true, autostart: true })));
    expect(screen.getByTestId('set-tray')).toBeChecked();
    expect(screen.getByTestId('set-autostart')).toBeChecked();
  });

  it('says why what this desktop cannot do is off', async () => {
    await at('computer', 'settingsUnable');
    const tray = screen.getByRole('switch', { name: 'Stay in the tray' });
    expect(tray).toBeDisabled();
    expect(tray).toHaveAccessibleDescription(/Nothing shows a tray here/);
  });

  it('lists the keys, and they do what it says', async () => {
    const { host } = await at('computer');
    expect(screen.getByTestId('shortcuts')).toHaveTextContent(/Programs\s*Ctrl\s*3/);
    await person.keyboard('{Control>}3{/Control}');
    expect(location.hash).toBe('#/programs');
    await person.keyboard('{Control>},{/Control}');
    expect(location.hash).toBe('#/settings');
    await person.keyboard('{Control>}n{/Control}');
    expect(await screen.findByTestId('add-account-sheet')).toBeVisible();
    await person.keyboard('{Control>}1{/Control}');
    expect(location.hash).toBe('#/settings');
    expect(host.startSignIn).not.toHaveBeenCalled();
  });
});

describe('the vault', () => {
  it('is locked by one click, and says when it cannot be', async () => {
    const lockVault = vi.fn<Host['lockVault']>(() => Promise.reject(refusal('store.unsaved', 'The newest tokens are not stored yet.')));
    await at('vault', 'settings', { lockVault });
    await person.click(screen.getByTestId('lock-vault'));
    expect(await screen.findByTestId('refused')).toHaveTextContent('The newest tokens are not stored yet.');
    lockVault.mockImplementation(async () => ({ kind: 'keyring', state: 'locked', message: 'The vault was locked.', hint: '' }));
    await person.click(screen.getByTestId('lock-vault'));
    await waitFor(() => expect(screen.getByTestId('vault-state')).toHaveTextContent('Closed'));
    expect(screen.queryByTestId('lock-vault')).toBeNull();
    expect(screen.getByTestId('move-passphrase')).toBeDisabled();
    expect(screen.getByTestId('vault-banner')).toBeVisible();
  });

  it('goes behind a passphrase that is typed twice', async () => {
    const { host } = await at('vault');
    await person.click(screen.getByTestId('move-passphrase'));
    await person.type(screen.getByTestId('vault-passphrase'), 'correct horse');
    await person.type(screen.getByTestId('vault-passphrase-again'), 'correct hoarse');
    await person.click(screen.getByTestId('vault-set-passphrase'));
    expect(screen.getByTestId('moving-passphrase')).toHaveTextContent('The two are not the same.');
    expect(host.moveVault).not.toHaveBeenCalled();
    await person.type(screen.getByTestId('vault-passphrase'), 'correct horse');
    await person.type(screen.getByTestId('vault-passphrase-again'), 'correct horse');
    await person.click(screen.getByTestId('vault-set-passphrase'));
    expect(host.moveVault).toHaveBeenCalledExactlyOnceWith({ to: 'passphrase', passphrase: 'correct horse' });
    expect(await screen.findByTestId('toast')).toHaveTextContent('The vault is behind your passphrase now');
    expect(within(screen.getByTestId('vault-passphrase-row')).getByText('In use')).toBeVisible();
  }, LONG);

  it('changes its passphrase with the present one, and says at the field that it was wrong', async () => {
    const moveVault = vi.fn<Host['moveVault']>(() => Promise.reject(refusal('store.wrong_passphrase', 'That is not the passphrase of this vault.')));
    const { container } = await at('vault', 'settingsPassphrase', { moveVault });
    await person.click(screen.getByTestId('move-passphrase'));
    const present = screen.getByTestId('vault-passphrase-current');
    expect(present).toHaveFocus();
    await person.type(present, 'wrong');
    await person.type(screen.getByTestId('vault-passphrase'), 'battery staple');
    await person.type(screen.getByTestId('vault-passphrase-again'), 'battery staple');
    await person.click(screen.getByTestId('vault-set-passphrase'));
    expect(moveVault).toHaveBeenCalledExactlyOnceWith({ to: 'passphrase', current: 'wrong', passphrase: 'battery staple' });
    await waitFor(() => expect(present).toHaveAccessibleDescription('That is not the passphrase of this vault.'));
    for (const field of ['vault-passphrase-current', 'vault-passphrase', 'vault-passphrase-again']) expect(screen.getByTestId(field)).toHaveValue('');
    await expectAccessible(container);
  }, LONG);

  it('is emptied of its files only by a yes of its own', async () => {
    const { host, container } = await at('vault');
    await person.click(screen.getByTestId('move-memory'));
    await person.click(screen.getByTestId('confirm-move'));
    expect(host.moveVault).not.toHaveBeenCalled();
    expect(screen.getByTestId('discard')).toHaveAccessibleDescription('Agree to it first, or leave the vault where it is.');
    await expectAccessible(container);
    await person.click(screen.getByTestId('discard'));
    await person.click(screen.getByTestId('confirm-move'));
    expect(host.moveVault).toHaveBeenCalledExactlyOnceWith({ to: 'memory', discard: true });
  }, LONG);

  it('stays where it is when the person thinks better of it', async () => {
    const { host } = await at('vault', 'settingsMemory');
    await person.click(screen.getByTestId('move-keyring'));
    expect(screen.getByTestId('confirm-move')).toHaveFocus();
    await person.click(screen.getByRole('button', { name: 'Cancel' }));
    expect(host.moveVault).not.toHaveBeenCalled();
    expect(screen.getByTestId('move-keyring')).toHaveFocus();
    expect(screen.queryByTestId('lock-vault')).toBeNull();
  });
});

describe('the network', () => {
  it('says what is in force, and that a variable goes before', async () => {
    await at('network', 'settingsNetwork');
    await waitFor(() => expect(screen.getByTestId('network-in-force')).toHaveTextContent('Through http://proxy.head-office.acme.example:3128'));
    expect(screen.getByTestId('network-in-force')).toHaveTextContent('The variable HTTPS_PROXY says so, and goes before what is set here.');
    expect(screen.getByTestId('network-in-force')).toHaveTextContent('/etc/ssl/acme.pem');
    expect(screen.getByTestId('save-network')).toBeDisabled();
  });

  it('is set as it was typed', async () => {
    const { host } = await at('network', 'settingsNetwork');
    const exceptions = await screen.findByTestId('no-proxy');
    await person.clear(exceptions);
    await person.type(exceptions, '.lab.example,  10.0.0.1\nlocal.example');
    await person.clear(screen.getByTestId('ca-file'));
    await person.click(screen.getByTestId('save-network'));
    expect(host.setNetwork).toHaveBeenCalledExactlyOnceWith({ proxy: 'http://proxy.acme.example:8080', no_proxy: ['.lab.example', '10.0.0.1', 'local.example'] });
    expect(await screen.findByText('Saved')).toBeVisible();
  }, LONG);

  it('does not send a password', async () => {
    const { host, container } = await at('network');
    const proxy = await screen.findByTestId('proxy');
    await person.clear(proxy);
    await person.type(proxy, 'http://ada:secret@proxy.example:8080');
    await person.click(screen.getByTestId('save-network'));
    expect(host.setNetwork).not.toHaveBeenCalled();
    expect(proxy).toHaveFocus();
    expect(proxy).toHaveAccessibleDescription(/A password does not belong here/);
    await expectAccessible(container);
  }, LONG);

  it('says at the field what the agent refused', async () => {
    await at('network', 'settingsNetwork', { setNetwork: vi.fn(() => Promise.reject(refusal('config.bad_ca_file', 'No certificate is in /tmp/a.pem.', 'Choose a PEM file.'))) });
    const file = await screen.findByTestId('ca-file');
    await person.clear(file);
    await person.type(file, '/tmp/a.pem');
    await person.click(screen.getByTestId('save-network'));
    await waitFor(() => expect(file).toHaveAccessibleDescription(/No certificate is in \/tmp\/a.pem. Choose a PEM file./));
    expect(file).toHaveFocus();
  });

  it('can be read again', async () => {
    const network = vi.fn<Host['network']>(() => Promise.reject(refusal('broker.timeout', 'The agent does not answer.')));
    await at('network', 'settings', { network });
    expect(await screen.findByTestId('network-unread')).toHaveTextContent('The agent does not answer.');
    network.mockImplementation(async () => networks.settingsNetwork!);
    await person.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByTestId('proxy')).toHaveValue('http://proxy.acme.example:8080');
    expect(screen.queryByTestId('network-unread')).toBeNull();
  });

  it('is the same as values', () => {
    const settings = networks.settingsNetwork!.settings;
    expect(networkSettings(networkForm(settings))).toEqual(settings);
    expect(networkSettings(networkForm({}))).toEqual({});
    expect(differs(networkForm({ proxy: ' http://p:1 ' }), { proxy: 'http://p:1' })).toBe(false);
    expect(networkProblems({ proxy: 'proxy:8080', exceptions: '', caFile: 'C:\\a.pem' })).toEqual({});
    expect(networkProblems({ proxy: 'ftp://proxy:8080', exceptions: '', caFile: '' })).toEqual({ proxy: expect.stringContaining('no address of a proxy') });
    expect(networkProblems({ proxy: 'ada@proxy:8080', exceptions: '', caFile: '' })).toEqual({ proxy: expect.stringContaining('password does not belong here') });
    expect(networkProblems({ proxy: 'socks5://127.0.0.1:1080', exceptions: '', caFile: 'a.pem' })).toEqual({ caFile: expect.stringContaining('no full path') });
    expect(['config.proxy_password', 'config.bad_no_proxy', 'config.bad_ca_file', 'store.io'].map((code) => networkField(refusal(code, '')))).toEqual(['proxy', 'exceptions', 'caFile', null]);
  });
});

describe('profiles', () => {
  it('are listed, changed and removed by the sheets that there are', async () => {
    await at('profiles');
    expect(screen.getAllByTestId('profile').map((one) => one.dataset.profile)).toEqual(['work', 'lab']);
    await person.click(screen.getByRole('button', { name: 'Remove lab' }));
    expect(screen.getByTestId('remove-sheet')).toHaveTextContent('Remove lab?');
    await person.click(within(screen.getByTestId('remove-sheet')).getByRole('button', { name: 'Cancel' }));
    await person.click(screen.getByRole('button', { name: 'Edit work' }));
    expect(await screen.findByTestId('add-account-sheet')).toBeVisible();
  }, LONG);
});

describe('an import', () => {
  async function found(changes: Partial<Host> = {}) {
    const shown = await at('profiles', 'settings', changes);
    await person.click(screen.getByTestId('import'));
    await person.click(screen.getByTestId('import-text'));
    await person.paste('{"name":"work"}');
    await person.click(screen.getByTestId('import-look'));
    await screen.findAllByTestId('imported');
    return shown;
  }

  it('is looked at before anything is saved', async () => {
    const { host } = await found();
    expect(host.previewImport).toHaveBeenCalledExactlyOnceWith({ text: '{"name":"work"}' });
    expect(host.saveProfile).not.toHaveBeenCalled();
    const sheet = screen.getByTestId('import-sheet');
    expect(sheet).toHaveTextContent('3 profiles in this Postman environment file');
    expect(sheet).toHaveTextContent('The file holds a client secret. It is not taken over');
    await expectAccessible(sheet);
  }, LONG);

  it('saves what was chosen, one after the other, whatever one of them is refused for', async () => {
    const saveProfile = vi.fn<Host['saveProfile']>(async (entry) => {
      if (entry.name === 'refused') throw refusal('config.bad_client_id', 'The client ID has a character that no provider gives.');
      return profile(entry);
    });
    await found({ saveProfile });
    await person.click(screen.getByRole('checkbox', { name: 'staging' }));
    await person.click(screen.getByTestId('import-save'));
    expect(await screen.findByText('1 of 2 saved')).toBeVisible();
    expect(saveProfile.mock.calls.map(([entry]) => entry.name)).toEqual(['refused', 'production']);
    const rows = screen.getAllByTestId('imported');
    expect(rows[1]).toHaveTextContent('The client ID has a character that no provider gives.');
    expect(rows[2]).toHaveTextContent('Saved');
    await expectAccessible(screen.getByTestId('import-sheet'));
    saveProfile.mockImplementation(async (entry) => profile(entry));
    await person.click(screen.getByRole('button', { name: 'Try those again' }));
    expect(await screen.findByText('2 of 2 saved')).toBeVisible();
    expect(saveProfile.mock.calls.map(([entry]) => entry.name)).toEqual(['refused', 'production', 'refused']);
    await person.click(screen.getByTestId('import-done'));
    expect(screen.queryByTestId('import-sheet')).toBeNull();
  }, LONG);

  it('takes a file, and does not keep its text', async () => {
    const { host } = await at('profiles');
    await person.click(screen.getByTestId('import'));
    await person.upload(screen.getByTestId('import-file'), new File(['issuer = "https://é.example"'], 'a.toml'));
    await screen.findAllByTestId('imported');
    expect(host.previewImport).toHaveBeenCalledExactlyOnceWith({ text: 'issuer = "https://é.example"' });
    await person.click(screen.getByRole('button', { name: 'Another file' }));
    expect(screen.getByTestId('import-text')).toHaveValue('');
  }, LONG);

  it.each([
    ['too large', new File([new Uint8Array(1024 * 1024 + 1)], 'large.json'), 'larger than 1 MiB'],
    ['no text', new File([new Uint8Array([0xff, 0xfe, 0xff])], 'picture.png'), 'could not be read'],
  ])('refuses a file that is %s, and asks nobody', async (_what, file, why) => {
    const { host } = await at('profiles');
    await person.click(screen.getByTestId('import'));
    await person.upload(screen.getByTestId('import-file'), file);
    await waitFor(() => expect(screen.getByTestId('import-text')).toHaveAccessibleDescription(new RegExp(why)));
    expect(host.previewImport).not.toHaveBeenCalled();
  }, LONG);

  it('says what is wrong with a text, and keeps it', async () => {
    const { host } = await at('profiles', 'settings', {
      previewImport: vi.fn(() => Promise.reject(refusal('config.import_unknown', 'This is the file of no program that Doorkey knows.', 'Choose the format.'))),
    });
    await person.click(screen.getByTestId('import'));
    await person.click(screen.getByTestId('import-look'));
    expect(host.previewImport).not.toHaveBeenCalled();
    expect(screen.getByTestId('import-text')).toHaveAccessibleDescription(/nothing to read yet/);
    await person.type(screen.getByTestId('import-text'), 'hm');
    await person.selectOptions(screen.getByTestId('import-format'), 'Bruno');
    await person.click(screen.getByTestId('import-look'));
    expect(host.previewImport).toHaveBeenCalledExactlyOnceWith({ text: 'hm', format: 'bruno' });
    expect(await screen.findByTestId('refused')).toHaveTextContent('Choose the format.');
    expect(screen.getByTestId('import-text')).toHaveValue('hm');
  }, LONG);
});

describe('an export', () => {
  it('shows what it writes, copies it and says where it was saved', async () => {
    const { host } = await at('profiles');
    await person.click(screen.getByTestId('export'));
    const sheet = screen.getByTestId('export-sheet');
    expect(sheet).toHaveTextContent('No secret is in it');
    await waitFor(() => expect(screen.getAllByTestId('exported')).toHaveLength(2));
    await person.click(within(sheet).getByRole('checkbox', { name: 'lab' }));
    await person.selectOptions(screen.getByTestId('export-format'), 'oidc-agent');
    await waitFor(() => expect(host.exportProfiles).toHaveBeenLastCalledWith({ profiles: ['work'], format: 'oidc_agent' }));
    await waitFor(() => expect(screen.getAllByTestId('exported')).toHaveLength(1));
    expect(sheet).toHaveTextContent('A client secret is entered there by hand');
    await person.click(screen.getByTestId('export-copy'));
    expect(host.copyText).toHaveBeenCalledWith(expect.stringContaining('"name": "work"'));
    await person.click(screen.getByTestId('export-save'));
    expect(await screen.findByText('Saved as /home/ada/Downloads/work.oidc_agent.json')).toBeVisible();
    await expectAccessible(sheet);
  }, LONG);

  it('asks for nothing where nothing is chosen, and says so', async () => {
    const { host } = await at('profiles', 'settingsNetwork');
    await person.click(screen.getByTestId('export'));
    await waitFor(() => expect(host.exportProfiles).toHaveBeenCalledOnce());
    await person.click(within(screen.getByTestId('export-sheet')).getByRole('checkbox', { name: 'work' }));
    expect(await screen.findByText('Choose at least one profile.')).toBeVisible();
    expect(screen.queryByTestId('exported')).toBeNull();
    expect(host.exportProfiles).toHaveBeenCalledOnce();
  });

  it('shows the answer to the last question, however late the first comes', async () => {
    let answerFirst: (value: Awaited<ReturnType<Host['exportProfiles']>>) => void = () => undefined;
    const exportProfiles = vi
      .fn<Host['exportProfiles']>(async (request) => exported(request))
      .mockImplementationOnce(() => new Promise((done) => (answerFirst = done)));
    await at('profiles', 'settingsNetwork', { exportProfiles });
    await person.click(screen.getByTestId('export'));
    await person.selectOptions(screen.getByTestId('export-format'), 'Bruno');
    expect(await screen.findByText('work.bruno.json')).toBeVisible();
    answerFirst(exported({ profiles: ['work'], format: 'doorkey' }));
    await tick();
    expect(screen.queryByText('work.toml')).toBeNull();
    expect(screen.getByText('work.bruno.json')).toBeVisible();
  });

  it('says why a file was not saved', async () => {
    await at('profiles', 'settingsNetwork', { saveFile: vi.fn(() => Promise.reject(refusal('local.cannot_save', 'The disk is full.'))) });
    await person.click(screen.getByTestId('export'));
    await person.click(await screen.findByTestId('export-save'));
    expect(await screen.findByTestId('refused')).toHaveTextContent('The disk is full.');
  });
});

describe('about', () => {
  it('tells which Doorkey this is, and copies it for a report', async () => {
    const { host } = await at('about');
    expect(screen.getByTestId('about')).toHaveTextContent('in this window’s program, process 4242');
    await person.click(screen.getByTestId('copy-report'));
    expect(host.copyText).toHaveBeenCalledWith(expect.stringMatching(/^Version: Doorkey 0\.1\.0\nAgent: .*4242\nVault: Sealed with your system keyring\n/));
    await person.click(screen.getByRole('button', { name: 'Copy ~/.config/doorkey/profiles.toml' }));
    expect(host.copyText).toHaveBeenLastCalledWith('~/.config/doorkey/profiles.toml');
  });
});
