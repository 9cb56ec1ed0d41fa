import { describe, expect, test } from 'vitest';
import {
  DASH,
  formatBytes,
  formatCount,
  formatDuration,
  formatFixed,
  formatMeasuredMs,
  formatMoment,
  formatMs,
  formatRate,
  formatResponseTime,
  formatShare,
  formatShort,
  parseTime,
} from '../../src/model/format';

const NBSP = '\u00a0';

describe('what was not measured is a dash', () => {
  test.each([null, undefined, Number.NaN, Number.POSITIVE_INFINITY])('%s', value => {
    const texts = [
      formatCount,
      formatShort,
      formatMs,
      formatRate,
      formatShare,
      formatBytes,
      formatDuration,
    ].map(format => format(value));
    expect(new Set(texts)).toEqual(new Set([DASH]));
  });
});

test.each([
  [0, '0'],
  [0.042, '0.042'],
  [0.5, '0.5'],
  [3.1449, '3.14'],
  [42.123, '42.1'],
  [99.97, '100'],
  [1234.5, '1,235'],
])('formatShort keeps three figures of %d', (value, text) => {
  expect(formatShort(value, 'en')).toBe(text);
});

test('numbers follow the locale', () => {
  expect(formatCount(1234567, 'de')).toBe('1.234.567');
  expect(formatFixed(1.5, 2, 'de')).toBe('1,50');
});

test.each([
  [0.4, `0.4${NBSP}ms`],
  [95, `95${NBSP}ms`],
  [9999, `9,999${NBSP}ms`],
  [12_340, `12.3${NBSP}s`],
])('%d ms reads %s', (value, text) => {
  expect(formatMs(value, 'en')).toBe(text);
});

test.each([
  [0, `0${NBSP}%`],
  [0.000001, `<${NBSP}0.01${NBSP}%`],
  [0.0045, `0.45${NBSP}%`],
  [0.126, `12.6${NBSP}%`],
  [0.9999, `100.0${NBSP}%`],
  [1, `100${NBSP}%`],
])('a share of %d reads %s', (value, text) => {
  expect(formatShare(value, 'en')).toBe(text);
});

test.each([
  [512, `512${NBSP}B`],
  [2048, `2${NBSP}KiB`],
  [81_264_640, `77.5${NBSP}MiB`],
])('%d bytes read %s', (value, text) => {
  expect(formatBytes(value, 'en')).toBe(text);
});

test.each([
  [0, '0:00'],
  [63.9, '1:03'],
  [3723, '1:02:03'],
  [184_320, `2${NBSP}d 3:12:00`],
])('%d seconds read %s', (value, text) => {
  expect(formatDuration(value)).toBe(text);
});

test.each([
  ['2026-01-31T12:00:00Z', 1769860800000],
  [1769860800, 1769860800000],
  ['1769860800.5', 1769860800500],
  [1769860800000, 1769860800000],
])('parseTime reads %s', (value, milliseconds) => {
  expect(parseTime(value)?.getTime()).toBe(milliseconds);
});

test.each([null, undefined, '', 'soon'])('parseTime of %s is nothing', value => {
  expect(parseTime(value)).toBeNull();
});

test('a moment of another day carries its date', () => {
  const noon = new Date(2026, 0, 31, 12, 0, 0);
  expect(formatMoment(noon.getTime(), noon, 'en')).not.toMatch(/2026/);
  expect(formatMoment(noon.getTime(), new Date(2026, 1, 1), 'en')).toMatch(/2026/);
});

test.each([
  [0, `<${NBSP}1`],
  [0.0284, '0.03'],
  [0.001, '0.01'],
  [2.71, '2.71'],
  [420, '420'],
])('a response time of %d ms reads %s in a table', (value, text) => {
  expect(formatMeasuredMs(value, 'en')).toBe(text);
});

test.each([
  [null, DASH],
  [0, `<${NBSP}1${NBSP}ms`],
  [0.25, `0.25${NBSP}ms`],
  [420, `420${NBSP}ms`],
  [12_300, `12.3${NBSP}s`],
])('a response time of %d ms reads %s with its unit', (value, text) => {
  expect(formatResponseTime(value, 'en')).toBe(text);
});
