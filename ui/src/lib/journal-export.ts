// Entries for a ticket. A further format is a line in `formats`.

import type { Event } from './api/Event';
import type { FlowFormat } from './host-words';
import { readable } from './journal-copy';
import { timeOf } from './journal-entries';
import { outcomeOf, type Flow } from './journal-flows';
import { flat } from './journal-members';
import { elapsed, exactTime } from './journal-time';
import { told } from './journal-words';
import { region, words } from './words';

/** What is taken out of the journal: one flow, or the entries that are shown. */
export interface Excerpt {
  title: string;
  /** The oldest first. */
  events: readonly Event[];
  flow: Flow | null;
  now: number;
}

export interface Format {
  id: 'json' | 'markdown';
  /** As it is called on a button. */
  name: () => string;
  extension: string;
  make: (excerpt: Excerpt) => string;
}

export const formats: readonly Format[] = [
  { id: 'markdown', name: () => words.inspect.exports.markdown, extension: 'md', make: asMarkdown },
  { id: 'json', name: () => words.inspect.exports.json, extension: 'json', make: asJson },
];

/** What the program around the window makes of a whole flow. */
export interface FlowFile {
  id: FlowFormat;
  name: () => string;
  extension: string;
}

export const flowFiles: readonly FlowFile[] = [
  { id: 'evidence', name: () => words.inspect.exports.evidence, extension: 'zip' },
  { id: 'report', name: () => words.inspect.exports.report, extension: 'report.md' },
  { id: 'report_json', name: () => words.inspect.exports.reportJson, extension: 'report.json' },
  { id: 'har', name: () => words.inspect.exports.har, extension: 'har' },
];

/** Such as `doorkey-sign-in-work-20261125T140231Z.md`: letters that every file system takes. */
export function fileName({ title, events }: Excerpt, { extension }: Pick<Format, 'extension'>): string {
  const stamp = events[0] ? new Date(timeOf(events[0])).toISOString().replace(/\.\d+/, '').replace(/[-:]/g, '') : '';
  const name = title
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60);
  return `${['doorkey', name, stamp].filter(Boolean).join('-')}.${extension}`;
}

/** The entries as the agent wrote them, with nothing left out. */
export function asJson({ title, events, flow }: Excerpt): string {
  return `${JSON.stringify({ version: 1, title, flow: flow?.id ?? null, events: events.map(without) }, null, 2)}\n`;
}

/** A live entry says what kind of message it came in; in a file all of them are entries. */
export function without(event: Event & { type?: string }): Event {
  const { type: _, ...entry } = event;
  return entry as Event;
}

export function asMarkdown({ title, events, flow, now }: Excerpt): string {
  const { exports, outcomes, flow: names } = words.inspect;
  const lines = [`# ${text(title)}`, ''];
  if (flow) {
    lines.push(`- ${exports.outcome}: **${outcomes[outcomeOf(flow, now)]}**`);
    lines.push(`- ${names.began}: ${exactTime(flow.began, region)}`);
    lines.push(`- ${names.took}: ${elapsed(flow.ended - flow.began, region)}`);
    if (flow.sub !== null) lines.push(`- ${names.person}: ${code(flow.sub)}`);
    lines.push(`- ${names.flow}: ${code(flow.id)}`);
    if (flow.refusal) {
      lines.push('', `> **${code(flow.refusal.code)}** ${text(flow.refusal.message)}`);
      if (flow.refusal.hint) lines.push('>', `> ${text(flow.refusal.hint)}`);
    }
    lines.push('');
  }
  lines.push(`| ${exports.time} | ${exports.what} | ${exports.detail} |`, '|---|---|---|');
  for (const event of events) {
    const { title: what, detail } = told(event);
    lines.push(`| ${new Date(timeOf(event)).toISOString()} | ${cell(what)} | ${cell(detail)} |`);
  }
  for (const event of events) lines.push(...details(event));
  lines.push('', `_${exports.note}_`, '');
  return lines.join('\n');
}

function details(event: Event): string[] {
  const { checks, exchange: names } = words.inspect;
  const heading = ['', `## ${text(told(event).title)} (${new Date(timeOf(event)).toISOString()})`, ''];
  if (event.kind === 'checked') {
    return [
      ...heading,
      `| ${checks.rule} | ${checks.outcome} | ${checks.expected} | ${checks.got} | ${checks.source} |`,
      '|---|---|---|---|---|',
      ...event.checks.map(
        (check) =>
          `| ${cell(check.name)} | ${words.inspect.outcomesOf[check.outcome] ?? check.outcome} | ${cell(check.expected)} | ${cell(check.got)} | ${cell(check.source)} |`,
      ),
    ];
  }
  if (event.kind === 'exchanged') {
    const { request, answer, problem } = event.exchange;
    const pairs = (all: { name: string; value: string; secret?: boolean }[], between: string) =>
      all.map(({ name, value, secret }) => `${name}${between}${value}${secret ? ` (${names.fingerprint})` : ''}`);
    return [
      ...heading,
      ...fenced('http', [`${request.method} ${request.url}`, ...pairs(request.headers, ': '), ...(request.form.length > 0 ? ['', ...pairs(request.form, '=')] : [])].join('\n')),
      '',
      ...(answer
        ? fenced('http', [`${answer.status}`, ...pairs(answer.headers, ': '), '', readable(answer.body)].join('\n'))
        : [`${names.none}: ${text(problem ?? '')}`]),
    ];
  }
  const members = flat(event);
  if (members.length === 0) return [];
  return [...heading, ...members.map(({ path, value, secret }) => `- ${code(path)}: ${code(value)}${secret ? ` (${names.fingerprint})` : ''}`)];
}

/** What a provider says must not become markup. */
function text(value: string): string {
  return value.replace(/[\\`*_{}[\]<>#|!]/g, '\\$&').replace(/\s+/g, ' ');
}

function cell(value: string): string {
  return text(value) || ' ';
}

function code(value: string): string {
  const line = value.replace(/\s+/g, ' ');
  const fence = '`'.repeat(longest(line) + 1);
  return line.includes('`') || line === '' ? `${fence} ${line} ${fence}` : `\`${line}\``;
}

function fenced(language: string, value: string): string[] {
  const fence = '`'.repeat(Math.max(3, longest(value) + 1));
  return [`${fence}${language}`, value, fence];
}

/** The longest run of backticks. */
function longest(value: string): number {
  return Math.max(0, ...(value.match(/`+/g) ?? []).map((run) => run.length));
}
