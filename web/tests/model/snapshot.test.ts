import { describe, expect, test } from 'vitest';
import { applyUpdate } from '../../src/model/snapshot';
import { failure, point, row, update } from '../samples';

const held = applyUpdate(null, update({ errors: [failure('503'), failure('504')] }));

const delta = (changes = {}) =>
  update({ full: false, cursor: '2', entries: [], errors: [], workers: [], history: [], ...changes });

describe('applyUpdate', () => {
  test('rows that did not change keep their identity', () => {
    const next = applyUpdate(held, delta({ entries: [row('/cart', { num_requests: 11 })] }));
    expect(next.entries.map(entry => [entry.name, entry.num_requests])).toEqual([
      ['/cart', 11],
      ['/login', 10],
    ]);
    expect(next.entries[1]).toBe(held.entries[1]);
  });

  test('a list in which nothing changed keeps its identity', () => {
    const next = applyUpdate(held, delta());
    expect(next.entries).toBe(held.entries);
    expect(next.errors).toBe(held.errors);
    expect(next.history).toBe(held.history);
    expect(next.cursor).toBe('2');
  });

  test('new rows are added and removed ones go', () => {
    const next = applyUpdate(
      held,
      delta({
        entries: [row('/new')],
        removed: [{ method: 'GET', name: '/cart' }],
        errors_removed: [failure('503')],
      }),
    );
    expect(next.entries.map(entry => entry.name)).toEqual(['/login', '/new']);
    expect(next.errors.map(error => error.error)).toEqual(['504']);
  });

  test('the same name with another method is another row', () => {
    const next = applyUpdate(held, delta({ entries: [row('/cart', { method: 'POST' })] }));
    expect(next.entries).toHaveLength(3);
  });

  test('a complete update replaces everything', () => {
    const next = applyUpdate(held, update({ entries: [row('/only')], errors: [], history: [point(100)] }));
    expect(next.entries.map(entry => entry.name)).toEqual(['/only']);
    expect(next.errors).toEqual([]);
    expect(next.history).toHaveLength(1);
  });

  test('only complete updates begin a new generation', () => {
    expect(applyUpdate(held, delta()).generation).toBe(held.generation);
    expect(applyUpdate(held, update()).generation).toBe(held.generation + 1);
  });

  test('a delta without anything held before is taken as it is', () => {
    expect(applyUpdate(null, delta({ entries: [row('/cart')] })).entries).toHaveLength(1);
  });

  test('any split of the changes leads to the same rows', () => {
    const changes = [row('/cart', { num_requests: 20 }), row('/x'), row('/x', { num_requests: 99 })];
    const atOnce = applyUpdate(held, delta({ entries: changes }));
    const oneByOne = changes.reduce(
      (state, change) => applyUpdate(state, delta({ entries: [change] })),
      held,
    );
    expect(oneByOne.entries).toEqual(atOnce.entries);
  });
});
