import { describe, expect, test } from 'vitest';
import { breachesOf, breachesWithin } from '../../src/model/breaches';
import { formatMoment } from '../../src/model/format';
import { brokenAt, secondOf } from '../samples';

describe('breachesOf', () => {
  test('has what broke, in order of time, and nothing that holds', () => {
    const found = breachesOf([brokenAt(30, 'failures < 1%'), brokenAt(null, 'rate > 5/s'), brokenAt(12)]);
    expect(found).toEqual([
      { time: secondOf(12), texts: [`p95 < 50ms broke at ${formatMoment(secondOf(12) * 1000)}`] },
      { time: secondOf(30), texts: [`failures < 1% broke at ${formatMoment(secondOf(30) * 1000)}`] },
    ]);
  });

  test('has one mark for all that broke in the same second', () => {
    const found = breachesOf([brokenAt(12.1), brokenAt(12.8, 'failures < 1%')]);
    expect(found).toHaveLength(1);
    expect(found[0]?.texts).toHaveLength(2);
  });

  test('is empty without thresholds, and for a server that tells no time', () => {
    expect(breachesOf(undefined)).toEqual([]);
    expect(
      breachesOf([{ threshold: 'p95 < 50ms', state: 'failed', outcome: '', first_breach: null }]),
    ).toEqual([]);
  });
});

describe('breachesWithin', () => {
  const times = [secondOf(10), secondOf(15), secondOf(20)];
  const within = (second: number) =>
    breachesWithin(times, breachesOf([brokenAt(second)])).map(one => one.time);

  test.each([
    ['between points stays where it is', 12, [secondOf(12)]],
    ['shortly before the first point moves to it', 4, [secondOf(10)]],
    ['shortly after the last point moves to it', 23, [secondOf(20)]],
    ['of an earlier history is left out', -30, []],
    ['later than the points is left out', 60, []],
  ])('a breach %s', (_case, second, expected) => {
    expect(within(second)).toEqual(expected);
  });

  test('there are none where nothing is drawn', () => {
    expect(breachesWithin([], breachesOf([brokenAt(12)]))).toEqual([]);
  });
});
