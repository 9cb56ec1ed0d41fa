import { expect, test } from 'vitest';
import { sparkPath } from '../../src/model/sparkline';

test.each([
  ['a line from zero to the highest', [0, 5, 10], 'M0.0 20.0L50.0 10.0L100.0 0.0'],
  ['a gap where nothing was measured', [4, 4, null, 4, 4], 'M0.0 0.0L25.0 0.0M75.0 0.0L100.0 0.0'],
  ['a dot between two gaps', [null, 2, null], 'M50.0 0.0h0'],
  ['zeros at the bottom', [0, 0], 'M0.0 20.0L100.0 20.0'],
  ['a single value', [3], 'M0.0 0.0h0'],
  ['nothing', [], ''],
])('%s', (_case, values, path) => {
  expect(sparkPath(values, 100, 20)).toBe(path);
});
