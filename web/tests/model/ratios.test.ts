import { expect, test } from 'vitest';
import { ratioRows } from '../../src/model/ratios';

test('the tree is flattened depth first, the heavier branch first', () => {
  const rows = ratioRows({
    Admin: { ratio: 0.3 },
    Shopper: {
      ratio: 0.7,
      tasks: { buy: { ratio: 0.1 }, Search: { ratio: 0.9, tasks: { query: { ratio: 1 } } } },
    },
  });
  expect(rows.map(row => [row.depth, row.name])).toEqual([
    [0, 'Shopper'],
    [1, 'Search'],
    [2, 'query'],
    [1, 'buy'],
    [0, 'Admin'],
  ]);
  expect(new Set(rows.map(row => row.path)).size).toBe(rows.length);
});
