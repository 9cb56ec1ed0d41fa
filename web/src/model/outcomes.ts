/** Successes and failures of a row apart. */
import type { SideTimes, StatsRow } from '../api/types';
import { isPercentileKey } from './percentiles';

export type Outcome = 'all' | 'succeeded' | 'failed';

export const OUTCOMES: readonly { value: Outcome; title: string }[] = [
  { value: 'all', title: 'All' },
  { value: 'succeeded', title: 'Succeeded' },
  { value: 'failed', title: 'Failed' },
];

const TIMES = ['min_response_time', 'max_response_time', 'avg_response_time', 'median_response_time'];

/** The row as if only its successes or failures had been counted; null if there are none. */
export function rowOf(row: StatsRow, outcome: Outcome): StatsRow | null {
  if (outcome === 'all') return row;
  const isFailed = outcome === 'failed';
  const count = isFailed ? row.num_failures : row.num_requests - row.num_failures;
  if (count <= 0) return null;
  const side = isFailed ? row.failed : row.succeeded;
  // Where nothing failed, the successes are the row itself.
  const times = row.num_failures > 0 ? timesOf(row, side) : {};
  return {
    ...row,
    ...times,
    num_requests: count,
    num_failures: isFailed ? count : 0,
    current_rps: isFailed
      ? row.current_fail_per_sec
      : Math.max(0, row.current_rps - row.current_fail_per_sec),
    current_fail_per_sec: isFailed ? row.current_fail_per_sec : 0,
    total_rps: isFailed ? row.total_fail_per_sec : Math.max(0, row.total_rps - row.total_fail_per_sec),
    total_fail_per_sec: isFailed ? row.total_fail_per_sec : 0,
    // Sizes are counted of all requests together.
    ...(row.num_failures > 0 ? { avg_content_length: null } : {}),
  };
}

/** Every time of the row, from one side of it; null where the side has none, as with workers that don't tell. */
function timesOf(row: StatsRow, side: SideTimes | undefined): Partial<StatsRow> {
  const keys = Object.keys(row).filter(key => TIMES.includes(key) || isPercentileKey(key));
  const values = (side?.num_requests ? side : {}) as Record<string, number>;
  return Object.fromEntries(keys.map(key => [key, values[key] ?? null]));
}

export const rowsOf = (rows: readonly StatsRow[], outcome: Outcome): StatsRow[] =>
  rows.flatMap(row => rowOf(row, outcome) ?? []);
