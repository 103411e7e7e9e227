// A request as a command, and a body as people read it.

import type { Pair } from './api/Pair';
import type { SentRequest } from './api/SentRequest';
import { isFingerprint } from './journal-members';

/** What curl works out for itself. */
const OWN = new Set(['host', 'content-length', 'accept-encoding', 'connection']);

/** The request for a shell. A secret is a variable to be set first: its value is not in the journal. */
export function asCurl({ method, url, headers, form }: SentRequest): string {
  const parts = [`curl --request ${quoted(method)} ${quoted(url)}`];
  for (const header of headers) {
    if (OWN.has(header.name.toLowerCase())) continue;
    // With `;` curl sends a header that is empty; with `:` it would leave it out.
    const text = header.value === '' && !header.secret ? `${header.name};` : `${header.name}: `;
    parts.push(`--header ${header.secret ? withVariable(text, header) : quoted(text + header.value)}`);
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

function withVariable(text: string, pair: Pair): string {
  return `"${text.replace(/[\\"$`]/g, '\\$&')}${placeholder(pair.name)}"`;
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
