/** Percentiles travel as keys such as `response_time_percentile_0.95` and are read as "95 %" or "p95". */
import type { PercentileKey } from '../api/types';

const PREFIX = 'response_time_percentile_';

/** What the column chooser offers beside what the server shows anyway. */
export const COMMON_FRACTIONS = [0.5, 0.66, 0.75, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999, 0.9999, 1];

/** The server answers questions for more with an error. */
export const MAX_FRACTIONS = 12;

/** Locust writes `1.0` for the maximum as Python does; numbers in JSON have lost that. */
export const percentileKey = (fraction: number): PercentileKey => `${PREFIX}${fraction}`;

export const isPercentileKey = (key: string): key is PercentileKey =>
  key.startsWith(PREFIX) && Number.isFinite(Number(key.slice(PREFIX.length)));

export const fractionOf = (key: PercentileKey): number => Number(key.slice(PREFIX.length));

/** 0.95 → "95", 0.999 → "99.9", without the dust of binary fractions. */
export const percentText = (fraction: number): string => String(Number((fraction * 100).toFixed(6)));

export const percentileLabel = (fraction: number): string => `p${percentText(fraction)}`;

/** Reads a percentile from a row, under the key of this fraction or however else the server spelt it. */
export function readPercentile(row: object, fraction: number): number | null {
  const values = row as Record<string, unknown>;
  const value = values[percentileKey(fraction)] ?? values[`${PREFIX}${fraction.toFixed(1)}`];
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** Fractions of all percentile keys of an object, ascending. */
export function fractionsOf(row: object): number[] {
  return Object.keys(row)
    .filter(isPercentileKey)
    .map(fractionOf)
    .sort((a, b) => a - b);
}
