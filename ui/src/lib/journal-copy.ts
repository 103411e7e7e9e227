// A request as a command, and a body as people read it.

import type { Pair } from './api/Pair';
import type { SentRequest } from './api/SentRequest';
import { isFingerprint } from './journal-members';

/** What curl works out for itself. */
const OWN = new Set(['host', 'content-length', 'accept-encoding', 'connection']);

/** Everybody on the computer can read a program's arguments, and nobody else its input. */
const QUOTED = String.raw`quoted() { printf %s "$1" | tr -d '\r\n' | sed 's/[\\"]/\\&/g'; }`;

/**
 * The request for a shell. A secret is a variable to be set first: its value is not in the journal. curl reads it from its
 * standard input, as a line of configuration.
 */
export function asCurl({ method, url, headers, form }: SentRequest): string {
  const parts = [`curl --request ${quoted(method)}`];
  const given: string[] = [];
  const address = withVariables(inLine(url));
  if (address === undefined) parts[0] += ` ${quoted(inLine(url))}`;
  else given.push(`url = "${address}"`);
  for (const header of headers) {
    if (OWN.has(header.name.toLowerCase())) continue;
    // With `;` curl sends a header that is empty; with `:` it would leave it out.
    const text = inLine(header.value === '' && !header.secret ? `${header.name};` : `${header.name}: `);
    if (header.secret) given.push(`header = "${literal(text)}${variable(header.name)}"`);
    else parts.push(`--header ${quoted(text + inLine(header.value))}`);
  }
  if (form.length > 0 && headers.some(({ name, value }) => name.toLowerCase() === 'content-type' && /\bjson\b/i.test(value))) {
    given.push(`data = "${json(form)}"`);
  } else {
    for (const field of form) {
      const text = `${encodeURIComponent(field.name)}=`;
      if (field.secret) given.push(`data-urlencode = "${literal(text)}${variable(field.name)}"`);
      else parts.push(`--data-urlencode ${quoted(text + field.value)}`);
    }
  }
  if (given.length === 0) return parts.join(' \\\n  ');
  const command = [[...parts, '--config - <<END'].join(' \\\n  '), ...given, 'END'].join('\n');
  return command.includes('$(quoted ') ? `${QUOTED}\n${command}` : command;
}

/** `$CLIENT_SECRET`. */
export function placeholder(name: string): string {
  const word = name.toUpperCase().replace(/[^A-Z0-9]+/g, '_').replace(/^_+|_+$/g, '');
  return `$${/^[A-Z]/.test(word) ? word : `SECRET_${word}`}`;
}

/** A secret in an address stands there as `[fingerprint …]`, as it is or encoded. */
function withVariables(url: string): string | undefined {
  const secret = /([^?&=]+)=(?:\[|%5B)fingerprint(?: |%20|\+)[0-9a-f]{8}(?:\]|%5D)/gi;
  if (!secret.test(url)) return undefined;
  return literal(url).replace(secret, (_, name: string) => `${name}=${variable(name)}`);
}

/** The members of a JSON body; one that is no text stands there as the JSON it was. */
function json(form: readonly Pair[]): string {
  const members = form.map((field) => {
    const name = literal(JSON.stringify(field.name));
    if (field.secret) return `${name}:${literal('"')}${variable(field.name)}${literal('"')}`;
    const other = /^(?:[[{].*[\]}]|true|false|null|-?\d+)$/s.test(field.value);
    return `${name}:${literal(other ? field.value : JSON.stringify(field.value))}`;
  });
  return `{${members.join(',')}}`;
}

/** What has one line in a request has one in a command: a second would be another header, or the end of the here-document. */
function inLine(text: string): string {
  return text.replace(/\p{Cc}/gu, '');
}

/** Within a text of curl's configuration, within a here-document: escaped for curl first, then for the shell. */
function literal(text: string): string {
  const escaped = text
    .replace(/[\\"]/g, '\\$&')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t');
  return inLine(escaped).replace(/[\\$`]/g, '\\$&');
}

function variable(name: string): string {
  return `$(quoted "${placeholder(name)}")`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

export interface BodyLine {
  text: string;
  /** The line's value is a fingerprint. */
  secret: boolean;
}

/** A body as it is shown: JSON in lines, everything else as it came. */
export function readable(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}

export function bodyLines(body: string): BodyLine[] {
  return readable(body)
    .split('\n')
    .map((text) => {
      const member = /^\s*"([^"]+)": "([^"]*)",?$/.exec(text);
      return { text, secret: member !== null && isFingerprint(member[1] ?? '', member[2] ?? '') };
    });
}
