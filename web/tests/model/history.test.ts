import { describe, expect, test } from 'vitest';
import { fromHistoryItem, MAX_POINTS, mergeHistory, thin, withPreciseTimes } from '../../src/model/history';
import { point } from '../samples';

describe('mergeHistory', () => {
  test('sorts by time and replaces points of the same time', () => {
    const merged = mergeHistory([point(0), point(10)], [point(5), point(10, { user_count: 7 })]);
    expect(merged.map(item => [item.time.slice(17, 19), item.user_count])).toEqual([
      ['00', 5],
      ['05', 5],
      ['10', 7],
    ]);
  });

  test('without news the list stays the same', () => {
    const held = [point(0)];
    expect(mergeHistory(held, [])).toBe(held);
  });
});

test('thinning bounds the number of points and keeps the newest half whole', () => {
  const points = Array.from({ length: MAX_POINTS + 1 }, (_, index) => index);
  const thinned = thin(points);
  expect(thinned.length).toBeLessThan(MAX_POINTS);
  expect(thinned.at(-1)).toBe(MAX_POINTS);
  expect(thinned.slice(-MAX_POINTS / 2)).toEqual(points.slice(-MAX_POINTS / 2));
  expect(thin(thinned)).toBe(thinned);
});

test('precise percentiles take the place of the documented ones', () => {
  const item = {
    ...point(0),
    'response_time_percentile_0.5': 0,
    'precise_response_time_percentile_0.5': 0.412,
  };
  expect(withPreciseTimes(item)['response_time_percentile_0.5']).toBe(0.412);
  expect(withPreciseTimes(point(0))['response_time_percentile_0.5']).toBe(
    point(0)['response_time_percentile_0.5'],
  );
});

describe("Locust's own history items", () => {
  const time = '2026-01-31T12:00:00Z';
  const item = (rps: number, percentile: number | null) => ({
    time,
    user_count: [time, 3] as [string, number],
    current_rps: [time, rps] as [string, number],
    current_fail_per_sec: [time, 0] as [string, number],
    total_avg_response_time: [time, 12] as [string, number],
    'response_time_percentile_0.95': [time, percentile] as [string, number | null],
  });

  test('pairs become values', () => {
    expect(fromHistoryItem(item(4, 80))).toEqual({
      time,
      user_count: 3,
      current_rps: 4,
      current_fail_per_sec: 0,
      total_avg_response_time: 12,
      'response_time_percentile_0.95': 80,
    });
  });

  test('0 ms in a moment without requests is a gap', () => {
    expect(fromHistoryItem(item(0, 0))['response_time_percentile_0.95']).toBeNull();
  });

  test('a real 0 ms stays', () => {
    expect(fromHistoryItem(item(4, 0))['response_time_percentile_0.95']).toBe(0);
  });

  test('plain values are taken as they are, missing ones are null', () => {
    const plain = fromHistoryItem({ time, current_rps: 4, user_count: null });
    expect([plain.current_rps, plain.user_count, plain.total_avg_response_time]).toEqual([4, null, null]);
  });
});
