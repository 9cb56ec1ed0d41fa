/**
 * The page's data about the run, kept up to date by merging updates.
 *
 * Rows that did not change keep their identity, so that memoised components skip them, and a list in which nothing
 * changed keeps its identity as a whole.
 */
import type { ErrorRow, HistoryPoint, StatsRow, StatsUpdate, WorkerRow } from '../api/types';
import { mergeHistory, withoutFalseZeros } from './history';
import { errorKey, rowKey } from './rows';

export interface Snapshot
  extends Omit<StatsUpdate, 'full' | 'removed' | 'errors_removed' | 'workers_removed'> {
  entries: StatsRow[];
  errors: ErrorRow[];
  workers: WorkerRow[];
  history: HistoryPoint[];
  /** Incremented with every complete update: a new test, a reset, a restarted server. */
  generation: number;
}

/** Replaces changed rows in place, appends new ones, and drops removed ones. */
export function mergeRows<Row>(
  held: Row[],
  changed: readonly Row[],
  removed: readonly string[],
  keyOf: (row: Row) => string,
): Row[] {
  if (changed.length === 0 && removed.length === 0) return held;
  const byKey = new Map(held.map(row => [keyOf(row), row]));
  for (const key of removed) byKey.delete(key);
  for (const row of changed) byKey.set(keyOf(row), row);
  return [...byKey.values()];
}

export function applyUpdate(held: Snapshot | null, update: StatsUpdate): Snapshot {
  const { full, removed, errors_removed, workers_removed, ...changed } = update;
  const rest = {
    ...changed,
    history: changed.history.map(withoutFalseZeros),
    generation: held?.generation ?? 0,
  };
  if (full || !held) return { ...rest, generation: rest.generation + 1 };
  return {
    ...rest,
    entries: mergeRows(held.entries, update.entries, removed.map(rowKey), rowKey),
    errors: mergeRows(held.errors, update.errors, errors_removed.map(errorKey), errorKey),
    workers: mergeRows(held.workers, update.workers, workers_removed, worker => worker.id),
    history: mergeHistory(held.history, rest.history),
  };
}

/** Whether a test is in progress: users run, are being spawned or are being stopped. */
export const isActive = (state: string): boolean =>
  ['spawning', 'running', 'cleanup', 'stopping'].includes(state);
