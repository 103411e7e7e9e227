import { execFileSync } from 'node:child_process';

import { describe, expect, it, vi } from 'vitest';

import type { Event } from '../src/lib/api/Event';
import { aligned, compared } from '../src/lib/journal-compare';
import { asCurl, bodyLines, placeholder } from '../src/lib/journal-copy';
import { keyOf, merged } from '../src/lib/journal-entries';
import { asJson, asMarkdown, fileName, formats } from '../src/lib/journal-export';
import { everything, filtered, span, type Filter } from '../src/lib/journal-filter';
import { flowsOf, outcomeOf } from '../src/lib/journal-flows';
import { flat } from '../src/lib/journal-members';
import { rowsOf } from '../src/lib/journal-rows';
import { ago, elapsed } from '../src/lib/journal-time';
import { timings } from '../src/lib/journal-timing';
import { told } from '../src/lib/journal-words';
import { Journal } from '../src/lib/journal.svelte';
import { long, pageOf, recorded } from '../src/lib/mock/journal';
import { recorder } from './recorder';

const NOW = Date.parse('2026-11-25T15:00:00Z');
const journal = recorded(NOW);
const flows = flowsOf(journal);
const flow = (id: string) => flows.get(id)!;

function event(seq: number, ms: number, more: Partial<Event> = {}): Event {
  return { seq, at: new Date(NOW + ms).toISOString(), kind: 'agent_stopped', ...more } as Event;
}

function matching(changes: Partial<Filter>): readonly Event[] {
  const filter = { ...everything, ...changes };
  return filtered(journal, flows, filter, span(filter, NOW));
}

describe('entries that come in pieces', () => {
  it('are one list, each once, the oldest first', () => {
    const all = [1, 2, 3, 4].map((seq) => event(seq, seq));
    expect(merged(all.slice(1, 3), [all[0]!, all[2]!, all[3]!]).map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
    expect(merged(all, all.slice(2))).toBe(all);
  });

  it('are told apart when an agent counts anew', () => {
    const before = [event(1, 0), event(2, 10)];
    const after = [event(1, 5_000), event(2, 5_010)];
    expect(merged(before, after)).toHaveLength(4);
    expect(new Set(merged(before, after).map(keyOf)).size).toBe(4);
  });

  it('within a moment are in the order of their numbers', () => {
    expect(merged([event(3, 0)], [event(2, 0)]).map(({ seq }) => seq)).toEqual([2, 3]);
  });
});

describe('the journal as it is read', () => {
  const all = long(NOW, 1_200);
  const paged = () => recorder({ journal: vi.fn(async (before, limit) => pageOf(all, before, limit)) });

  it('begins with the newest piece and goes back piece by piece to its beginning', async () => {
    const { host } = paged();
    const read = new Journal(host);
    await read.refresh();
    expect(read.entries).toEqual(all.slice(700));
    await Promise.all([read.readOlder(), read.readOlder()]);
    expect(read.entries).toEqual(all.slice(200));
    await read.readOlder();
    await read.readOlder();
    expect(read.entries).toEqual(all);
    expect(read.older).toBe(false);
    expect(host.journal).toHaveBeenCalledTimes(3);
  });

  it('takes what happens, once, also what the piece had already', async () => {
    vi.useFakeTimers();
    const { host } = paged();
    const read = new Journal(host);
    await read.refresh();
    const last = all[all.length - 1]!;
    read.take([...all.slice(-3), { ...last, seq: last.seq + 1 }]);
    vi.runAllTimers();
    expect(read.entries).toHaveLength(501);
    expect(host.journal).toHaveBeenCalledOnce();
  });

  it('holds back what is new while it is paused, and older entries are still read', async () => {
    vi.useFakeTimers();
    const read = new Journal(paged().host);
    await read.refresh();
    read.pause();
    const last = all[all.length - 1]!;
    read.take([last, { ...last, seq: last.seq + 1 }]);
    vi.runAllTimers();
    expect(read.shown).toHaveLength(500);
    expect(read.waiting).toBe(1);
    await read.readOlder();
    expect(read.shown).toEqual(all.slice(200));
    read.resume();
    expect(read.shown).toHaveLength(1_001);
  });

  it('leaves no hole where more happened than the window was told', async () => {
    vi.useFakeTimers();
    let end = 500;
    const { host } = recorder({ journal: vi.fn(async (before, limit) => pageOf(all.slice(0, end), before, limit)) });
    const read = new Journal(host);
    await read.refresh();
    end = 1_200;
    read.take(all.slice(1_150, 1_200));
    await vi.runAllTimersAsync();
    expect(read.entries).toEqual(all.slice(700, 1_200));
    expect(read.older).toBe(true);
    await read.readOlder();
    expect(read.entries).toEqual(all.slice(200, 1_200));
  });

  it('ends where an agent that counts anew answers with what is known', async () => {
    const again = [event(1, 0), event(2, 1), event(1, 2), event(2, 3)];
    const { host } = recorder({ journal: vi.fn(async () => ({ version: 1, events: again, older: true })) });
    const read = new Journal(host);
    await read.refresh();
    await read.readOlder();
    expect(read.entries).toHaveLength(4);
    expect(read.older).toBe(false);
  });

  it('shows what happens from now on where it cannot be read', async () => {
    vi.useFakeTimers();
    const refused = { code: 'store.journal_unreadable', message: 'no', hint: '', retryable: false, profile: null, fix: null };
    const read = new Journal(recorder({ journal: vi.fn(() => Promise.reject(refused)) }).host);
    await read.refresh();
    expect(read.problem).toEqual(refused);
    read.take([event(1, 0)]);
    await vi.runAllTimersAsync();
    expect(read.entries).toHaveLength(1);
  });

  it('looks for a flow in older pieces, back to its beginning', async () => {
    const read = new Journal(paged().host);
    await read.refresh();
    const id = all.find((one, at) => at > 230 && one.kind === 'sign_in_started')!.flow!;
    expect(await read.find(id)).toBe(true);
    expect(flowsOf(read.entries).get(id)?.whole).toBe(true);
    expect(await read.find('f-nowhere')).toBe(false);
  });
});

describe('an entry in words', () => {
  it('is told for every kind there is in the recorded journal', () => {
    for (const one of [...journal, ...long(NOW, 200)]) {
      const { title, detail } = told(one);
      expect(title, one.kind).toMatch(/^\p{Lu}/u);
      expect(`${title}${detail}`, one.kind).not.toMatch(/undefined|\[object|NaN/);
    }
  });

  it('counts the checks and names those that did not hold', () => {
    const checked = flow('f-refused').events.find((one) => one.kind === 'checked')!;
    expect(told(checked)).toMatchObject({ tone: 'bad', title: 'ID token checked', detail: '9 passed, 1 failed, 1 odd, 1 not applicable: idtoken.nonce, idtoken.iat' });
  });

  it('names the request, its address without what is behind the question mark, and the answer', () => {
    const asked = flow('f-today').events.find((one) => one.kind === 'exchanged' && one.exchange.purpose === 'token')!;
    expect(told(asked)).toMatchObject({ title: 'Asked for tokens', detail: 'POST acme.eu.auth0.com/oauth/token · answered 200 · 209\u00a0ms' });
  });

  it('of a kind that is not known is shown with its own words', () => {
    const newer = { ...event(1, 0), kind: 'moon_phase_changed', phase: 'full', more: { light: 0.97 } } as unknown as Event;
    expect(told(newer)).toEqual({ icon: 'newer', tone: 'plain', title: 'Moon phase changed', detail: 'phase: full · more.light: 0.97' });
  });
});

describe('a flow', () => {
  it.each([
    ['f-today', 'sign_ins', 'done'],
    ['f-refused', 'sign_ins', 'refused'],
    ['f-device', 'sign_ins', 'cancelled'],
    ['r-first', 'renewals', 'done'],
    ['r-offline', 'renewals', 'later'],
    ['a-orders', 'programs', 'done'],
    ['o-lab', 'sign_outs', 'partly'],
  ])('%s is one of the %s and %s', (id, family, outcome) => {
    expect(flow(id)).toMatchObject({ family, outcome, whole: true });
  });

  it('that stays silent goes on no longer', () => {
    const begun = flowsOf([event(1, 0, { kind: 'sign_in_started', flow: 'f' } as Partial<Event>)]).get('f')!;
    expect(outcomeOf(begun, NOW + 60_000)).toBe('open');
    expect(outcomeOf(begun, NOW + 60 * 60_000)).toBe('untold');
  });

  it('without its beginning is known by what it has', () => {
    const rest = flowsOf(flow('f-today').events.slice(8)).get('f-today')!;
    expect(rest).toMatchObject({ family: 'sign_ins', outcome: 'done', whole: false });
  });
});

describe('the filter', () => {
  it('finds words that are shown and values that are not', () => {
    expect(matching({ text: 'stray' })).toHaveLength(0);
    expect(matching({ text: 'KUBECTL 0ff1ce00' }).map(({ kind }) => kind)).toEqual(['token_given']);
    expect(matching({ text: 'nonce_mismatch' }).map(({ kind }) => kind)).toEqual(['sign_in_failed']);
    expect(matching({ text: 'f-device' })).toHaveLength(3);
  });

  it('goes by the flow: a request of a renewal is of the renewals', () => {
    const kinds = new Set(matching({ family: 'renewals' }).map(({ kind }) => kind));
    expect(kinds).toContain('exchanged');
    expect(matching({ family: 'vault' }).every(({ kind }) => kind === 'vault_changed')).toBe(true);
  });

  it('narrows to problems, a profile and a time', () => {
    expect(matching({ problems: true }).map(({ kind }) => kind)).toContain('sign_in_failed');
    expect(matching({ problems: true }).map(({ kind }) => kind)).not.toContain('signed_in');
    expect(matching({ profile: 'lab' })).toHaveLength(1);
    expect(matching({ range: 'hour' }).every((one) => Date.parse(one.at) >= NOW - 3_600_000)).toBe(true);
    const [from, to] = span({ ...everything, range: 'between', from: '2026-11-25T10:00', to: '' }, NOW);
    expect([new Date(from).getHours(), to]).toEqual([10, Infinity]);
  });
});

describe('the lines of the list', () => {
  it('are the newest flow first, its steps in the order they happened in, and days between', () => {
    const rows = rowsOf(journal, flows, ({ id }) => id === 'f-refused');
    const keys = rows.map((row) => row.key);
    expect(keys.indexOf('f-today')).toBeLessThan(keys.indexOf('f-refused'));
    const steps = rows.filter((row) => row.kind === 'step');
    expect(steps.map((row) => row.event)).toEqual(flow('f-refused').events);
    expect(keys.indexOf(steps[0]!.key)).toBe(keys.indexOf('f-refused') + 1);
    expect(rows.filter((row) => row.kind === 'day').length).toBeGreaterThan(1);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('keep a flow where it began, whatever comes after it', () => {
    const begun = event(1, 0, { kind: 'sign_in_started', flow: 'f' } as Partial<Event>);
    const other = event(2, 1_000);
    const ended = event(3, 2_000, { kind: 'signed_in', sub: 'x', flow: 'f' } as Partial<Event>);
    const rows = (events: Event[]) => rowsOf(events, flowsOf(events), () => false).map((row) => row.key);
    expect(rows([begun, other, ended])).toEqual(rows([begun, other]));
  });
});

describe('a request as curl', () => {
  it('has variables in place of secrets, and quotes everything else', () => {
    const command = asCurl({
      method: 'POST',
      url: "https://op.example/token?it's",
      headers: [
        { name: 'host', value: 'op.example' },
        { name: 'x-empty', value: '' },
        { name: 'authorization', value: '0d15ea5e', secret: true },
      ],
      form: [
        { name: 'grant_type', value: 'refresh_token' },
        { name: 'client_secret', value: '0d15ea5e', secret: true },
        { name: 'a b', value: '$(rm -rf ~)' },
      ],
    });
    const arguments_ = [
      `curl --request 'POST' 'https://op.example/token?it'\\''s'`,
      `--header 'x-empty;'`,
      `--data-urlencode 'grant_type=refresh_token'`,
      `--data-urlencode 'a%20b=$(rm -rf ~)'`,
      '--config - <<END',
    ].join(' \\\n  ');
    const given = ['header = "authorization: $(quoted "$AUTHORIZATION")"', 'data-urlencode = "client_secret=$(quoted "$CLIENT_SECRET")"', 'END'];
    expect(command.split('\n').slice(1).join('\n')).toBe([arguments_, ...given].join('\n'));
    expect(placeholder('7-key')).toBe('$SECRET_7_KEY');
  });

  it('has them in an address and in JSON too', () => {
    const url = 'https://op.example/end?id_token_hint=%5Bfingerprint%207be1c2d3%5D&x=$(id)';
    const headers = [{ name: 'content-type', value: 'application/json' }];
    const form = [{ name: 'client_name', value: 'Door "key"' }, { name: 'redirect_uris', value: '["http://127.0.0.1/cb"]' }, { name: 'software_statement', value: '7be1c2d3', secret: true }];
    const command = asCurl({ method: 'POST', url, headers, form });
    expect(command).toContain('url = "https://op.example/end?id_token_hint=$(quoted "$ID_TOKEN_HINT")&x=\\$(id)"');
    expect(command).toContain('curl --request \'POST\' \\\n');
    expect(command).not.toContain('--data ');
  });

  it('gives curl what it says, and no program a secret as its argument', () => {
    const url = 'https://op.example/register';
    const headers = [{ name: 'content-type', value: 'application/json' }, { name: 'authorization', value: '7be1c2d3', secret: true }];
    const form = [{ name: 'client_name', value: 'Door "key" $HOME `id` \\' }, { name: 'redirect_uris', value: '["http://127.0.0.1/cb"]' }, { name: 'software_statement', value: '7be1c2d3', secret: true }];
    const command = asCurl({ method: 'POST', url, headers, form });
    // What would be curl tells its arguments and what it was given.
    const told = execFileSync('sh', ['-c', `curl() { printf '%s\\n' "$@"; cat; }\n${command}`], { env: { PATH: process.env['PATH'], AUTHORIZATION: 'Bearer a"b\\c', SOFTWARE_STATEMENT: 'st$1' } }).toString();
    const [arguments_, given] = told.split('\n-\n') as [string, string];
    expect(arguments_.split('\n')).toEqual(['--request', 'POST', url, '--header', 'content-type: application/json', '--config']);
    const lines = given.trim().split('\n').map((line) => /^([a-z-]+) = "(.*)"$/.exec(line)!.slice(1).map((text) => text.replace(/\\(.)/g, '$1')));
    expect(lines[0]).toEqual(['header', 'authorization: Bearer a"b\\c']);
    expect(lines[1]![0]).toBe('data');
    expect(JSON.parse(lines[1]![1]!)).toEqual({ client_name: 'Door "key" $HOME `id` \\', redirect_uris: ['http://127.0.0.1/cb'], software_statement: 'st$1' });
  });

  it('is one command, whatever lines a provider or a file has put into it', () => {
    const evil = '\nEND\ntouch pwned; echo ran\n';
    const url = `https://op.example/token?code=[fingerprint 7be1c2d3]&scope=a${evil}`;
    const headers = [{ name: `x-key${evil}`, value: '7be1c2d3', secret: true }, { name: 'x-plain', value: `a${evil}` }];
    const json = { name: 'content-type', value: 'application/json' };
    for (const request of [
      { method: 'POST', url, headers, form: [{ name: `code${evil}`, value: '7be1c2d3', secret: true }, { name: 'scope', value: `b${evil}` }] },
      { method: 'POST', url, headers: [...headers, json], form: [{ name: 'list', value: `[${evil}]` }, { name: `name${evil}`, value: `c${evil}` }] },
    ]) {
      const told = execFileSync('sh', ['-c', `touch() { echo PWNED; }\ncurl() { for it; do printf '<%s>\\n' "$it"; done; cat; }\n${asCurl(request)}`], { env: { PATH: process.env['PATH'] } }).toString();
      expect(told).not.toContain('PWNED');
      const given = told.slice(told.indexOf('<->') + 4).trim().split('\n');
      for (const line of given) expect(line).toMatch(/^[a-z-]+ = ".*"$/);
    }
  });

  it('and a body shows which of its lines are fingerprints', () => {
    const lines = bodyLines('{"access_token":"[fingerprint 9ac0ffee]","scope":"openid","n":1}');
    expect(lines.filter((line) => line.secret).map((line) => line.text)).toEqual(['  "access_token": "[fingerprint 9ac0ffee]",']);
    expect(bodyLines('<html>')).toEqual([{ text: '<html>', secret: false }]);
  });
});

describe('a flow for a ticket', () => {
  const excerpt = { title: 'Sign-in · work', events: flow('f-refused').events, flow: flow('f-refused'), now: NOW };

  it('is JSON with every entry as it was written', () => {
    const made = JSON.parse(asJson({ ...excerpt, events: excerpt.events.map((one) => ({ ...one, type: 'event' }) as unknown as Event) }));
    expect(made.events).toEqual(JSON.parse(JSON.stringify(excerpt.events)));
  });

  it('is Markdown with what failed, why, each request and each check', () => {
    const made = asMarkdown(excerpt);
    expect(made).toContain('Outcome: **refused**');
    expect(made).toContain('idtoken.nonce_mismatch');
    expect(made).toContain('| idtoken.nonce | failed |');
    expect(made).toContain('client_secret=0d15ea5e (fingerprint)');
  });

  it('lets nothing that a provider says become markup', () => {
    const evil = event(1, 0, { kind: 'callback_ignored', reason: '![x](http://evil) | <img src=x> `' } as Partial<Event>);
    const made = asMarkdown({ title: 'x', events: [evil], flow: null, now: NOW });
    expect(made).toContain('\\!\\[x\\](http://evil) \\| \\<img src=x\\> \\`');
  });

  it('has a name that every file system takes', () => {
    expect(fileName({ ...excerpt, title: 'Sign-in · Wörk/../x' }, formats[0]!)).toMatch(/^doorkey-sign-in-wo-rk-x-\d{8}T\d{6}Z\.md$/);
  });
});

describe('two flows beside each other', () => {
  const pairs = aligned(flow('f-today').events, flow('f-refused').events);

  it('have steps of one kind in one line, and what only one has alone', () => {
    expect(pairs.filter((pair) => pair.mark === 'here').map((pair) => flow('f-today').events[pair.one!]!.kind)).toEqual(['exchanged', 'checked', 'saved', 'signed_in']);
    expect(pairs.filter((pair) => pair.mark === 'there').map((pair) => flow('f-refused').events[pair.other!]!.kind)).toEqual(['sign_in_failed']);
    expect(pairs.filter((pair) => pair.mark === 'different').map((pair) => flow('f-today').events[pair.one!]!.kind)).toEqual(['checked']);
  });

  it('tell what differs by the member, and what does so each time apart from it', () => {
    const [one, other] = [flow('f-today'), flow('f-refused')].map(({ events }) => events.find((step) => step.kind === 'checked')!);
    const differing = compared(one!, other!).filter(({ mark }) => mark !== 'same');
    expect(differing.map(({ path }) => path)).toEqual(['checks.idtoken.nonce.outcome', 'checks.idtoken.nonce.expected', 'checks.idtoken.nonce.got']);
    const tokens = [flow('f-today'), flow('f-refused')].map(({ events }) => events.find((step) => step.kind === 'tokens_received')!);
    expect(compared(tokens[0]!, tokens[1]!).filter(({ mark }) => mark !== 'same')).toEqual([expect.objectContaining({ path: 'access_token', mark: 'each-time' })]);
  });

  it('are the same as themselves', () => {
    expect(aligned(flow('f-today').events, flow('f-today').events).every(({ mark }) => mark === 'same')).toBe(true);
  });
});

describe('times', () => {
  it('are drawn with long pauses cut, in order and within the scale', () => {
    const { events } = flow('f-today');
    const drawn = timings(events);
    const came = events.findIndex((one) => one.kind === 'callback_received');
    expect(drawn[came]!.gap).toBe(11_250);
    for (const { left, width } of drawn) {
      expect(left).toBeGreaterThanOrEqual(0);
      expect(left + width).toBeLessThanOrEqual(1.000001);
    }
    const asked = events.findIndex((one) => one.kind === 'exchanged' && one.exchange.purpose === 'token');
    expect(drawn[asked]!.width).toBeGreaterThan(0.1);
  });

  it('are said shortly', () => {
    expect([elapsed(84, 'en'), elapsed(4_210, 'en'), elapsed(12_600, 'en'), elapsed(84_000, 'en')].map((text) => text.replaceAll('\u00a0', ' '))).toEqual(['84 ms', '4.2 s', '12.6 s', '1 min 24 sec']);
    expect([ago(NOW, NOW + 3_000, 'en'), ago(NOW, NOW + 47_000, 'en'), ago(NOW, NOW + 26 * 3_600_000, 'en')]).toEqual(['now', '40 sec. ago', '']);
  });

  it('and members of any shape are found', () => {
    const odd = { ...event(1, 0), kind: 'odd', list: ['a', 'b'], pairs: [{ name: 'state', value: '5eed1e55', secret: true }], none: null, deep: [{ x: 1 }, { x: 2 }] } as unknown as Event;
    expect(flat(odd)).toEqual([
      { path: 'list', value: 'a b', secret: false },
      { path: 'pairs.state', value: '5eed1e55', secret: true },
      { path: 'deep.0.x', value: '1', secret: false },
      { path: 'deep.1.x', value: '2', secret: false },
    ]);
  });
});
