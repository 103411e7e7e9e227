import { describe, expect, it } from 'vitest';

import { clockTime, countdown, duration, figure, spokenDuration } from '../src/lib/time';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('figure', () => {
  it.each([
    [0, '0', 'sec'],
    [59_999, '59', 'sec'],
    [84_900, '1:24', 'min'],
    [2 * MINUTE, '2', 'min'],
    [48.9 * MINUTE, '48', 'min'],
    [HOUR, '1', 'hr'],
    [2 * HOUR + 5 * MINUTE, '2 hr', '5 min'],
    [49 * HOUR, '2', 'days'],
  ])('%d ms is %s %s', (ms, value, unit) => {
    expect(figure(ms, 'en')).toEqual({ value, unit });
  });

  it('speaks other languages by Intl', () => {
    expect(figure(48 * MINUTE, 'de')).toEqual({ value: '48', unit: 'Min.' });
  });
});

describe('duration', () => {
  it.each([
    [38 * MINUTE, '38 min'],
    [84_900, '1 min 24 sec'],
    [80 * MINUTE, '1 hr 20 min'],
    [3 * HOUR, '3 hr'],
    [12 * 24 * HOUR, '12 days'],
  ])('%d ms is %s', (ms, text) => {
    expect(duration(ms, 'en')).toBe(text);
  });

  it('is whole words for a screen reader', () => {
    expect(spokenDuration(48 * MINUTE, 'en')).toBe('48 minutes');
    expect(spokenDuration(MINUTE, 'en')).toBe('1 minute');
  });
});

describe('countdown', () => {
  it.each([
    [278_000, '4:38'],
    [300_400, '5:00'],
    [900, '0:00'],
    [-5, '0:00'],
  ])('%d ms is %s', (ms, text) => {
    expect(countdown(ms)).toBe(text);
  });
});

describe('clockTime', () => {
  const now = new Date(2026, 10, 23, 12, 0);

  it('is the time alone on the same day', () => {
    expect(clockTime(new Date(2026, 10, 23, 14, 2), now, 'en-GB')).toBe('14:02');
  });

  it('names the day within a week, and the date beyond', () => {
    expect(clockTime(new Date(2026, 10, 24, 9, 5), now, 'en-GB')).toBe('Tue 09:05');
    expect(clockTime(new Date(2026, 11, 3, 9, 5), now, 'en-GB')).toMatch(/3 Dec.*09:05/);
  });
});
