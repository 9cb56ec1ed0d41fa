import { expect, test } from 'vitest';
import { fractionsOf, percentileLabel, readPercentile } from '../../src/model/percentiles';

test.each([
  [0.5, 'p50'],
  [0.999, 'p99.9'],
  [0.9999, 'p99.99'],
  [1, 'p100'],
  [0.07, 'p7'],
])('%d is labelled %s', (fraction, label) => {
  expect(percentileLabel(fraction)).toBe(label);
});

test('a percentile is found as JavaScript or as Python spells it', () => {
  expect(readPercentile({ response_time_percentile_1: 9 }, 1)).toBe(9);
  expect(readPercentile({ 'response_time_percentile_1.0': 9 }, 1)).toBe(9);
  expect(readPercentile({ 'response_time_percentile_0.95': null }, 0.95)).toBeNull();
  expect(readPercentile({}, 0.95)).toBeNull();
});

test('fractions are read from keys, in order', () => {
  const row = { name: 'x', 'response_time_percentile_0.99': 1, 'response_time_percentile_0.5': 1 };
  expect(fractionsOf(row)).toEqual([0.5, 0.99]);
});
