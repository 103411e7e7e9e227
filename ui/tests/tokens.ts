// tokens.css as values: what each token is in light, in dark, and in both with more contrast.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const file = join(import.meta.dirname, '../src/tokens.css');
const css = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');

export type Look = 'light' | 'dark' | 'light, more contrast' | 'dark, more contrast';

export const looks: readonly Look[] = ['light', 'dark', 'light, more contrast', 'dark, more contrast'];

/** The declarations of a block, by name. */
function declared(block: string): Map<string, string> {
  return new Map([...block.matchAll(/(--[\w-]+):\s*([^;]+);/g)].map(([, name = '', value = '']) => [name, value.replace(/\s+/g, ' ').trim()]));
}

const [, usual = ''] = /:root \{\n(  --font-sans[\s\S]*?)\n\}/.exec(css) ?? [];
const [, more = ''] = /@media \(prefers-contrast: more\) \{\n  :root \{([\s\S]*?)\n  \}/.exec(css) ?? [];

/** Every token as it is written, without what more contrast makes of it. */
export const tokens = declared(usual);

const contrasting = declared(more);

/** What a token is in one look. */
export function valueOf(name: string, look: Look): string {
  const value = (look.endsWith('more contrast') && contrasting.get(name)) || tokens.get(name);
  if (value === undefined) throw new Error(`tokens.css has no ${name}`);
  const two = /^var\(--light, (.*)\) var\(--dark, (.*)\)$/.exec(value);
  return two ? (look.startsWith('light') ? two[1] : two[2]) ?? '' : value;
}

/** WCAG 2.2, contrast ratio of two colours such as `#0f766e`. */
export function contrast(one: string, other: string): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

function luminance(colour: string): number {
  const written = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/.exec(colour);
  if (!written) throw new Error(`${colour} is not written as #rrggbb`);
  const [red = 0, green = 0, blue = 0] = written.slice(1).map((part) => {
    const share = parseInt(part, 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
