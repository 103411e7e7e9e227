// A request as a command, and a body as people read it.

import type { Pair } from './api/Pair';
import type { SentRequest } from './api/SentRequest';
import { isFingerprint } from './journal-members';

/** What curl works out for itself. */
const OWN = new Set(['host', 'content-length', 'accept-encoding', 'connection']);

/** The request for a shell. A secret is a variable to be set first: its value is not in the journal. */
export function asCurl({ method, url, headers, form }: SentRequest): string {
  const parts = [`curl --request ${quoted(method)} ${address(url)}`];
  for (const header of headers) {
    if (OWN.has(header.name.toLowerCase())) continue;
    // With `;` curl sends a header that is empty; with `:` it would leave it out.
    const text = header.value === '' && !header.secret ? `${header.name};` : `${header.name}: `;
    parts.push(`--header ${header.secret ? withVariable(text, header) : quoted(text + header.value)}`);
  }
  if (form.length > 0 && headers.some(({ name, value }) => name.toLowerCase() === 'content-type' && /\bjson\b/i.test(value))) {
    return [...parts, `--data ${json(form)}`].join(' \\\n  ');
  }
  for (const field of form) {
    const text = `${encodeURIComponent(field.name)}=`;
    parts.push(`--data-urlencode ${field.secret ? withVariable(text, field) : quoted(text + field.value)}`);
  }
  return parts.join(' \\\n  ');
}

/** `$CLIENT_SECRET`. */
export function placeholder(name: string): string {
  const word = name.toUpperCase().replace(/[^A-Z0-9]+/g, '_').replace(/^_+|_+$/g, '');
  return `$${/^[A-Z]/.test(word) ? word : `SECRET_${word}`}`;
}

/** A secret in an address stands there as `[fingerprint …]`, as it is or encoded. */
function address(url: string): string {
  const secret = /([^?&=]+)=(?:\[|%5B)fingerprint(?: |%20|\+)[0-9a-f]{8}(?:\]|%5D)/gi;
  if (!secret.test(url)) return quoted(url);
  return `"${escaped(url).replace(secret, (_, name: string) => `${name}=${placeholder(name)}`)}"`;
}

/** The members of a JSON body; one that is no text stands there as the JSON it was. */
function json(form: readonly Pair[]): string {
  const members = form.map((field) => {
    const name = escaped(JSON.stringify(field.name));
    if (field.secret) return `${name}:\\"${placeholder(field.name)}\\"`;
    const other = /^(?:[[{].*[\]}]|true|false|null|-?\d+)$/s.test(field.value);
    return `${name}:${escaped(other ? field.value : JSON.stringify(field.value))}`;
  });
  return `"{${members.join(',')}}"`;
}

function escaped(text: string): string {
  return text.replace(/[\\"$`]/g, '\\$&');
}

function withVariable(text: string, pair: Pair): string {
  return `"${escaped(text)}${placeholder(pair.name)}"`;
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
