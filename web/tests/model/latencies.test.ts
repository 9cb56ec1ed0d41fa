import { describe, expect, it } from 'vitest';
import type { LatencyColumn } from '../../src/api/types';
import { columnAt, curvesOf, msTicks, shades, timeSplits, xOf, yOf } from '../../src/model/latencies';

const BOX = { left: 10, top: 20, width: 100, height: 200 };
const EDGES = [1, 10, 100, 1000];
const COLUMNS: LatencyColumn[] = [
  [1000, 60, 600, [5, 90], [0, 540, 1, 60]],
  [1060, 1, 10, [6, 95], [0, 10]],
  [1080, 20, 20, [7, 99], [2, 20]],
];

describe('the heat map', () => {
  it('spreads the run over its width', () => {
    expect([1000, 1050, 1100].map(at => xOf(at, COLUMNS, BOX))).toEqual([10, 60, 110]);
  });

  it('gives every band the same height, and keeps what lies outside at the edge', () => {
    const found = [1, 10, 55, 1000, 0.5, 9000].map(ms => yOf(ms, EDGES, BOX));
    const expected = [220, 220 - 200 / 3, 220 - 100, 20, 220, 20];
    found.forEach((y, index) => {
      expect(y).toBeCloseTo(expected[index] as number);
    });
  });

  it('labels round times that have room', () => {
    expect(msTicks(EDGES, BOX)).toEqual([1, 5, 10, 50, 100, 500, 1000]);
    expect(msTicks([], BOX)).toEqual([]);
    expect(timeSplits(COLUMNS, 330)).toEqual([1020, 1080]);
  });

  it('is as dark as requests per second are many, however wide a column is', () => {
    const [first, second, third] = shades(COLUMNS);
    expect(second).toEqual([1]);
    expect(first?.[0]).toBeCloseTo(0.98, 1);
    expect(third?.[0]).toBe(first?.[1]);
  });

  it('finds the column under the pointer, or the nearest', () => {
    expect([900, 1020, 1060.4, 1070, 1500].map(at => columnAt(COLUMNS, at))).toEqual([0, 0, 1, 1, 2]);
  });

  it('has a curve per fraction', () => {
    const curves = curvesOf({
      name: '/',
      method: 'GET',
      fractions: [0.5, 1],
      edges: EDGES,
      columns: COLUMNS,
    });
    expect(curves.map(({ label, values }) => [label, ...values])).toEqual([
      ['p50', 5, 6, 7],
      ['Max', 90, 95, 99],
    ]);
  });
});
