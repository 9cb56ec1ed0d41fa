import { describe, expect, test } from 'vitest';
import { roomAbove } from '../../src/charts/plotOptions';
import {
  chartsOf,
  failShare,
  isolatedPoints,
  lastSeconds,
  spoiledStretches,
  timesOf,
  timeTicks,
  usualStep,
  withGaps,
} from '../../src/model/chart';
import { point } from '../samples';

describe('spoiledStretches', () => {
  const spoiled = (second: number) => ({ ...point(second), inflation: 0.2 });

  test('reach from the point before to the last that says so', () => {
    const stretches = spoiledStretches([
      point(0),
      point(5),
      spoiled(10),
      spoiled(15),
      point(20),
      spoiled(25),
    ]);
    const begin = timesOf([point(0)])[0] ?? 0;
    expect(stretches).toEqual([
      { from: begin + 5, to: begin + 15 },
      { from: begin + 20, to: begin + 25 },
    ]);
  });

  test('there are none in a run that can be trusted', () => {
    expect(spoiledStretches([point(0), point(5)])).toEqual([]);
    expect(chartsOf([point(0), point(5)], [0.5]).every(chart => !chart.spoiled?.length)).toBe(true);
  });
});

describe('users by class', () => {
  const withUsers = (second: number, users: Record<string, number>) => ({
    ...point(second),
    users_by_class: users,
  });

  test('a chart has a line for each class; where a class is missing it had no users', () => {
    const charts = chartsOf([withUsers(0, { Soak: 3 }), withUsers(5, { Soak: 3, Rush: 8 })], [0.5]);
    const chart = charts.find(({ id }) => id === 'classes');
    expect(chart?.series.map(({ label, values }) => [label, values])).toEqual([
      ['Rush', [0, 8]],
      ['Soak', [3, 3]],
    ]);
  });

  test('there is no such chart without them', () => {
    expect(chartsOf([point(0)], [0.5]).some(({ id }) => id === 'classes')).toBe(false);
  });
});

describe('withGaps', () => {
  test('a pause gets an empty point, so that the line breaks there', () => {
    const spaced = withGaps([point(0), point(5), point(10), point(60), point(65)]);
    expect(spaced.map(item => item.current_rps)).toEqual([10, 10, 10, null, 10, 10]);
    expect(timesOf(spaced)).toEqual([...timesOf(spaced)].sort((a, b) => a - b));
  });

  test('steps that are merely uneven stay joined', () => {
    expect(withGaps([point(0), point(5), point(12), point(16)])).toHaveLength(4);
  });

  test('older points that were thinned are not pauses', () => {
    const seconds = [0, 20, 40, 60, 70, 80, 90, 95, 100, 105, 110, 115, 120];
    expect(withGaps(seconds.map(second => point(second)))).toHaveLength(seconds.length);
  });

  test('a moment alone between two pauses has both', () => {
    const spaced = withGaps([0, 5, 10, 60, 110, 115].map(second => point(second)));
    expect(spaced.map(item => item.current_rps)).toEqual([10, 10, 10, null, 10, null, 10, 10]);
  });
});

test('the usual step is the median', () => {
  expect(usualStep([0, 5, 10, 15, 900])).toBe(5);
  expect(usualStep([1])).toBe(0);
});

describe('failShare', () => {
  test.each([
    [10, 1, 0.1],
    [0, 0, null],
    [null, 1, null],
    [1, 5, 1],
  ])('%s requests/s, %s failures/s: %s', (rps, fails, share) => {
    expect(failShare(point(0, { current_rps: rps, current_fail_per_sec: fails }))).toBe(share);
  });
});

describe('chartsOf', () => {
  const charts = chartsOf(
    [point(0), point(5, { current_rps: null, 'response_time_percentile_0.95': null })],
    [0.5, 0.95],
  );

  test('draws rates, times, failures and users', () => {
    expect(charts.map(chart => chart.id)).toEqual(['rates', 'times', 'failures', 'users']);
  });

  test('has one line per percentile', () => {
    expect(charts[1]?.series.map(series => series.label)).toEqual(['p50', 'p95', 'Average']);
  });

  test('what was not measured is null, never zero', () => {
    expect(charts[0]?.series[0]?.values).toEqual([10, null]);
    expect(charts[1]?.series[1]?.values).toEqual([80, null]);
  });

  test('every column is as long as the run', () => {
    for (const series of charts.flatMap(chart => chart.series)) expect(series.values).toHaveLength(2);
  });
});

test('a window longer than the run shows all of it', () => {
  expect(lastSeconds([0, 100], 300)).toBeNull();
  expect(lastSeconds([0, 1000], 300)).toEqual({ from: 700, to: 1000 });
  expect(lastSeconds([], 300)).toBeNull();
});

test('only values without neighbours are drawn as dots', () => {
  expect(isolatedPoints([1, null, 2, 3, null, 4])).toEqual([0, 5]);
  expect(isolatedPoints([null])).toEqual([]);
});

test.each([
  [null, 1],
  [0, 1],
  [Number.NaN, 1],
  [100, 108],
])('above %s the axis ends at %d', (max, end) => {
  expect(roomAbove(max)).toBeCloseTo(end);
});

test('ticks say seconds where they are close and dates where they are far apart', () => {
  expect(timeTicks([0, 10], 'en')[0]).toMatch(/\d{2}:\d{2}:\d{2}/);
  expect(timeTicks([0, 600], 'en')[0]).not.toMatch(/\d{2}:\d{2}:\d{2}/);
  expect(timeTicks([0, 86_400], 'en')[1]).toMatch(/Jan \d/);
});
