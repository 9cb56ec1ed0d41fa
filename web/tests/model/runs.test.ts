import { describe, expect, test } from 'vitest';
import { canPick, comparisonAddress, listPath, runTitle, togglePicked, viewOf } from '../../src/model/runs';
import { runLine } from '../samples';

describe('the address', () => {
  test.each([
    ['', { kind: 'list' }],
    ['#list', { kind: 'list' }],
    ['#run=12', { kind: 'run', run: '12' }],
    ['#run=the%20best', { kind: 'run', run: 'the best' }],
    ['#compare=3,12', { kind: 'compare', runs: ['3', '12'] }],
    ['#compare=3,3,12', { kind: 'compare', runs: ['3', '12'] }],
    ['#compare=3', { kind: 'list' }],
    ['#compare=1,2,3,4,5,6', { kind: 'compare', runs: ['1', '2', '3', '4', '5'] }],
  ])('%s', (hash, view) => {
    expect(viewOf(hash)).toEqual(view);
  });

  test('names the older run first', () => {
    expect(comparisonAddress([12, 3])).toBe('#compare=3,12');
  });
});

describe('picking', () => {
  test('adds a run, and takes it away again', () => {
    expect(togglePicked([3], 12)).toEqual([3, 12]);
    expect(togglePicked([3, 12], 3)).toEqual([12]);
  });

  test('stops at five', () => {
    const five = [1, 2, 3, 4, 5];
    expect(togglePicked(five, 6)).toEqual(five);
    expect(canPick(runLine(6), five)).toBe(false);
    expect(canPick(runLine(5), five)).toBe(true);
  });

  test('leaves out runs without a result', () => {
    expect(canPick(runLine(1, { summary: null }), [])).toBe(false);
  });
});

test('a run is called by its number and its tag', () => {
  expect(runTitle({ number: 12, tag: '' })).toBe('run 12');
  expect(runTitle({ number: 12, tag: 'nightly' })).toBe('run 12 (nightly)');
});

test('only what was asked for is in the query', () => {
  expect(listPath('  ', '', 0, 50)).toBe('/runs/list?offset=0&limit=50');
  expect(listPath('a b&c', 'night', 50, 50)).toBe(
    '/runs/list?offset=50&limit=50&search=a+b%26c&profile=night',
  );
});
