/** Percentiles have keys such as `response_time_percentile_0.95` and are shown as "95 %" or "p95". */
import type { PercentileKey } from '../api/types';

const PREFIX = 'response_time_percentile_';

/** The percentiles that the column chooser offers in addition to the server's. */
export const COMMON_FRACTIONS = [0.5, 0.66, 0.75, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999, 0.9999, 1];

/** The server answers requests for more with an error. */
export const MAX_FRACTIONS = 12;

/** Locust writes `1.0` for the maximum, like Python; a number from JSON is just `1`. */
export const percentileKey = (fraction: number): PercentileKey => `${PREFIX}${fraction}`;

export const isPercentileKey = (key: string): key is PercentileKey =>
  key.startsWith(PREFIX) && Number.isFinite(Number(key.slice(PREFIX.length)));

export const fractionOf = (key: PercentileKey): number => Number(key.slice(PREFIX.length));

/** 0.95 → "95", 0.999 → "99.9", without binary rounding errors. */
export const percentText = (fraction: number): string => String(Number((fraction * 100).toFixed(6)));

export const percentileLabel = (fraction: number): string => `p${percentText(fraction)}`;

/** Reads a percentile from a row, under any spelling of the fraction in its key. */
export function readPercentile(row: object, fraction: number): number | null {
  const values = row as Record<string, unknown>;
  const value = values[percentileKey(fraction)] ?? values[`${PREFIX}${fraction.toFixed(1)}`];
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** The fractions of all percentile keys of an object, ascending. */
export function fractionsOf(row: object): number[] {
  return Object.keys(row)
    .filter(isPercentileKey)
    .map(fractionOf)
    .sort((a, b) => a - b);
}
