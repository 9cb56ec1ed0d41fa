import { describe, expect, test } from 'vitest';
import { errorKey, filterRows, matchesText, nextSorting, rowKey, sortRows } from '../../src/model/rows';

test('rows of the same name and other methods have other keys', () => {
  expect(rowKey({ method: 'GET', name: '/a' })).not.toBe(rowKey({ method: 'POST', name: '/a' }));
  expect(rowKey({ method: null, name: '/a' })).toBe(rowKey({ method: '', name: '/a' }));
  expect(errorKey({ method: 'GET', name: '/a', error: 'x' })).not.toBe(rowKey({ method: 'GET', name: '/a' }));
});

describe('sortRows', () => {
  const identity = (value: number | string | null) => value;

  test('missing values come last in both directions', () => {
    expect(sortRows([null, 2, 1], identity, false)).toEqual([1, 2, null]);
    expect(sortRows([null, 2, 1], identity, true)).toEqual([2, 1, null]);
  });

  test('numbers inside names sort as numbers', () => {
    expect(sortRows(['/10', '/9', '/100'], identity, false)).toEqual(['/9', '/10', '/100']);
  });

  test('equal values keep their order, and the input stays as it is', () => {
    const rows = [
      { id: 'a', n: 1 },
      { id: 'b', n: 1 },
      { id: 'c', n: 0 },
    ];
    expect(sortRows(rows, item => item.n, true).map(item => item.id)).toEqual(['a', 'b', 'c']);
    expect(rows.map(item => item.id)).toEqual(['a', 'b', 'c']);
  });
});

test.each([
  ['GET /cart', 'cart', true],
  ['GET /cart', 'CART get', true],
  ['GET /cart', 'post cart', false],
])('%s matches "%s": %s', (text, query, expected) => {
  expect(matchesText(text, query)).toBe(expected);
});

test('an empty filter keeps the very same list', () => {
  const rows = ['a'];
  expect(filterRows(rows, '  ', text => text)).toBe(rows);
});

test('a second click on a header turns the order around', () => {
  const first = nextSorting({ column: 'name', descending: false }, 'rps', true);
  expect(first).toEqual({ column: 'rps', descending: true });
  expect(nextSorting(first, 'rps', true)).toEqual({ column: 'rps', descending: false });
});
