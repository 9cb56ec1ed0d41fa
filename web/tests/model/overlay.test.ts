import { describe, expect, test } from 'vitest';
import { overlayOf } from '../../src/model/overlay';
import { course, point } from '../samples';

const chart = (id: string, ...courses: ReturnType<typeof course>[]) => {
  const { times, charts } = overlayOf(courses);
  const found = charts.find(each => each.id === id);
  return { times, series: found?.series ?? [] };
};

describe('runs laid over each other', () => {
  test('have one line each in every chart, in colours of their own', () => {
    const { charts } = overlayOf([course(3, [point(1)], { tag: 'nightly' }), course(4, [point(1)])]);
    expect(charts.map(({ id }) => id)).toEqual([
      'rates',
      'times-0.5',
      'times-0.95',
      'times-0.99',
      'failures',
      'users',
    ]);
    for (const { series } of charts) {
      expect(series.map(({ label }) => label)).toEqual(['run 3 (nightly)', 'run 4']);
      expect(new Set(series.map(({ color }) => color)).size).toBe(2);
    }
  });

  test('begin at their own start, and end where they end', () => {
    const short = course(1, [point(1, { current_rps: 5 }), point(2, { current_rps: 6 })]);
    const later = course(
      2,
      [1, 2, 3].map(second => point(3600 + second, { current_rps: second })),
      {},
      3600,
    );
    const { times, series } = chart('rates', short, later);
    expect(times).toEqual([1, 2, 3]);
    expect(series.map(({ values }) => values)).toEqual([
      [5, 6, null],
      [1, 2, 3],
    ]);
  });

  test('are shown at the pace of the coarsest one', () => {
    const fine = course(
      1,
      Array.from({ length: 30 }, (_, at) => point(at + 1, { current_rps: at + 1 })),
    );
    const coarse = course(
      2,
      [10, 20, 30].map(second => point(second, { current_rps: second })),
    );
    const { times, series } = chart('rates', fine, coarse);
    expect(times).toEqual([10, 20, 30]);
    expect(series.map(({ values }) => values)).toEqual([
      [10, 20, 30],
      [10, 20, 30],
    ]);
  });

  test('have a gap in a pause', () => {
    const seconds = [1, 2, 3, 10, 11];
    const { times, series } = chart(
      'rates',
      course(
        1,
        seconds.map(second => point(second)),
      ),
    );
    expect(times.filter((_, at) => series[0]?.values[at] === null)).toEqual([4, 5, 6, 7, 8]);
  });

  test('have nothing to draw without points', () => {
    expect(overlayOf([course(1, []), course(2, [])]).times).toEqual([]);
  });
});
