// Times of the journal. A formatter is dear to make and there are thousands of entries: each is made once for a language.

import { duration } from './time';

const made = new Map<string, Intl.DateTimeFormat | Intl.NumberFormat | Intl.RelativeTimeFormat>();

function once<T extends Intl.DateTimeFormat | Intl.NumberFormat | Intl.RelativeTimeFormat>(name: string, language: string, make: () => T): T {
  const key = `${name} ${language}`;
  const known = made.get(key) as T | undefined;
  if (known) return known;
  const fresh = make();
  made.set(key, fresh);
  return fresh;
}

/** `14:02:31`. */
export function clock(ms: number, language: string): string {
  return once('clock', language, () => new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit', second: '2-digit' })).format(ms);
}

/** `14:02:31.408`, for steps that follow each other closely. */
export function exactClock(ms: number, language: string): string {
  return once(
    'exact',
    language,
    () => new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3 }),
  ).format(ms);
}

/** Date and time to the millisecond, with its zone: what goes into a ticket. */
export function exactTime(ms: number, language: string): string {
  return once(
    'full',
    language,
    () =>
      new Intl.DateTimeFormat(language, {
        weekday: 'short',
        day: 'numeric',
        month: 'short',
        year: 'numeric',
        hour: '2-digit',
        minute: '2-digit',
        second: '2-digit',
        fractionalSecondDigits: 3,
        timeZoneName: 'short',
      }),
  ).format(ms);
}

/** `Monday 23 November`, with the year where it is another. */
export function dayName(ms: number, now: number, language: string): string {
  const otherYear = new Date(ms).getFullYear() !== new Date(now).getFullYear();
  const name = otherYear ? 'day-year' : 'day';
  return once(
    name,
    language,
    () => new Intl.DateTimeFormat(language, { weekday: 'long', day: 'numeric', month: 'long', ...(otherYear ? { year: 'numeric' } : {}) }),
  ).format(ms);
}

/** `12 sec ago`, `5 min ago`, `3 hr ago`; nothing beyond a day, where the clock says more. */
export function ago(ms: number, now: number, language: string): string {
  const seconds = Math.max(0, Math.floor((now - ms) / 1000));
  if (seconds >= 86_400) return '';
  const words = once('ago', language, () => new Intl.RelativeTimeFormat(language, { style: 'short', numeric: 'auto' }));
  // Seconds would have every line change each second.
  if (seconds < 10) return words.format(0, 'second');
  if (seconds < 60) return words.format(-Math.floor(seconds / 10) * 10, 'second');
  return seconds < 3_600 ? words.format(-Math.floor(seconds / 60), 'minute') : words.format(-Math.floor(seconds / 3_600), 'hour');
}

/** How long something took: `84 ms`, `4.2 s` (signs of the SI, in any language), `1 min 24 sec`. */
export function elapsed(ms: number, language: string): string {
  const number = (digits: number) => once(`number ${digits}`, language, () => new Intl.NumberFormat(language, { maximumFractionDigits: digits }));
  if (ms < 1_000) return `${number(0).format(Math.max(0, ms))}\u00a0ms`;
  if (ms < 59_950) return `${number(1).format(ms / 1_000)}\u00a0s`;
  return duration(ms, language);
}

export function numberText(count: number, language: string): string {
  return once('count', language, () => new Intl.NumberFormat(language)).format(count);
}

/** The local day, as a key to group by. */
export function dayOf(ms: number): number {
  const at = new Date(ms);
  return at.getFullYear() * 10_000 + (at.getMonth() + 1) * 100 + at.getDate();
}
