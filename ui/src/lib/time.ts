// Times and durations in words, by Intl.

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A duration as a large figure and its unit, such as `48` and `min`. */
export interface Figure {
  value: string;
  unit: string;
}

type Unit = 'second' | 'minute' | 'hour' | 'day';

/** Making a format takes a hundred times as long as using it, and every account uses several each second. */
const made = new Map<string, unknown>();

function once<T>(key: string, make: () => T): T {
  if (!made.has(key)) made.set(key, make());
  return made.get(key) as T;
}

function counted(unit: Unit, language: string, unitDisplay: 'short' | 'long' = 'short'): Intl.NumberFormat {
  return once(`${unit} ${unitDisplay} ${language}`, () =>
    new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay, maximumFractionDigits: 0 }),
  );
}

function dated(options: Intl.DateTimeFormatOptions, language: string): Intl.DateTimeFormat {
  return once(`${JSON.stringify(options)} ${language}`, () => new Intl.DateTimeFormat(language, options));
}

/** Rounded down, so that nothing is promised longer than it lasts: seconds below a minute, days from two days on. */
function largest(ms: number): [number, Unit] {
  if (ms < MINUTE) return [Math.max(0, Math.floor(ms / SECOND)), 'second'];
  if (ms < HOUR) return [Math.floor(ms / MINUTE), 'minute'];
  if (ms < 2 * DAY) return [Math.floor(ms / HOUR), 'hour'];
  return [Math.floor(ms / DAY), 'day'];
}

/** For the figure on a card: `48` and `min`, `2 hr` and `5 min`; below two minutes each second counts: `1:24` and `min`. */
export function figure(ms: number, language: string): Figure {
  const [count, unit] = largest(ms);
  if (unit === 'minute' && ms < 2 * MINUTE) return { value: countdown(ms), unit: unitName(unit, count, language) };
  const minutes = unit === 'hour' ? Math.floor((ms % HOUR) / MINUTE) : 0;
  if (minutes > 0) return { value: counted('hour', language).format(count), unit: counted('minute', language).format(minutes) };
  return { value: once(language, () => new Intl.NumberFormat(language)).format(count), unit: unitName(unit, count, language) };
}

function unitName(unit: Unit, count: number, language: string): string {
  return counted(unit, language).formatToParts(count).find((part) => part.type === 'unit')?.value ?? unit;
}

/** For a sentence: `38 min`, `1 hr 20 min`, `1 min 24 sec`. */
export function duration(ms: number, language: string): string {
  const [count, unit] = largest(ms);
  const main = counted(unit, language).format(count);
  const minutes = unit === 'hour' ? Math.floor((ms % HOUR) / MINUTE) : 0;
  const seconds = unit === 'minute' && ms < 2 * MINUTE ? Math.floor((ms % MINUTE) / SECOND) : 0;
  if (minutes > 0) return `${main} ${counted('minute', language).format(minutes)}`;
  if (seconds > 0) return `${main} ${counted('second', language).format(seconds)}`;
  return main;
}

/** For a screen reader: `48 minutes`. */
export function spokenDuration(ms: number, language: string): string {
  const [count, unit] = largest(ms);
  return counted(unit, language, 'long').format(count);
}

/** A count-down such as `4:38`. */
export function countdown(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / SECOND));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** `14:02` today, `Tue 14:02` within a week, `3 Nov, 14:02` beyond. */
export function clockTime(at: Date, now: Date, language: string): string {
  const time: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit' };
  const away = Math.abs(at.getTime() - now.getTime());
  if (at.toDateString() === now.toDateString()) return dated(time, language).format(at);
  const day: Intl.DateTimeFormatOptions = away < 6 * DAY ? { weekday: 'short' } : { day: 'numeric', month: 'short' };
  return dated({ ...day, ...time }, language).format(at);
}

/** Date and time in full, for tooltips. */
export function fullTime(at: Date, language: string): string {
  return dated({ dateStyle: 'medium', timeStyle: 'medium' }, language).format(at);
}
