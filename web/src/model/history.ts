/** The history of a run: a bounded number of points, ordered by time, with gaps where nothing was measured. */
import type { HistoryItem } from '../api/page';
import type { HistoryPoint } from '../api/types';
import { isPercentileKey } from './percentiles';

/** Twice what the widest screen can show. A page that is open for a week must not grow without bound. */
export const MAX_POINTS = 6000;

/** Drops every second point of the older half, because recent detail matters most. */
export function thin<Point>(points: Point[], limit = MAX_POINTS): Point[] {
  if (points.length <= limit) return points;
  const half = Math.floor(points.length / 2);
  return [...points.slice(0, half).filter((_, index) => index % 2 === 0), ...points.slice(half)];
}

/** Appends later points; a point with a known time replaces the existing one. */
export function mergeHistory(held: HistoryPoint[], added: readonly HistoryPoint[]): HistoryPoint[] {
  if (added.length === 0) return held;
  const known = new Map(held.map(point => [point.time, point]));
  for (const point of added) known.set(point.time, point);
  const merged = [...known.values()].sort((a, b) => Date.parse(a.time) - Date.parse(b.time));
  return thin(merged);
}

const plain = (value: unknown): number | null => {
  const inner = Array.isArray(value) ? value[1] : value;
  return typeof inner === 'number' && Number.isFinite(inner) ? inner : null;
};

/**
 * For a moment without requests Locust reports response times of 0 ms that were never measured; they become gaps.
 * Other points are returned unchanged.
 */
export function withoutFalseZeros(point: HistoryPoint): HistoryPoint {
  if (point.current_rps) return point;
  const zeros = Object.keys(point).filter(key => isPercentileKey(key) && point[key] === 0);
  const isAverageZero = point.total_avg_response_time === 0;
  if (zeros.length === 0 && !isAverageZero) return point;
  return {
    ...point,
    ...Object.fromEntries(zeros.map(key => [key, null])),
    total_avg_response_time: isAverageZero ? null : point.total_avg_response_time,
  };
}

const PRECISE = 'precise_';

/** The point with its precise percentiles in the place of the documented ones; a server without any sends none. */
export function withPreciseTimes(point: HistoryPoint): HistoryPoint {
  const values = point as HistoryPoint & Record<string, unknown>;
  const precise = Object.keys(values).filter(key => key.startsWith(`${PRECISE}response_time_percentile_`));
  return { ...point, ...Object.fromEntries(precise.map(key => [key.slice(PRECISE.length), values[key]])) };
}

/** Converts Locust's history items, which have `[time, value]` pairs. */
export function fromHistoryItem(item: HistoryItem): HistoryPoint {
  const point: HistoryPoint = {
    time: item.time,
    user_count: plain(item.user_count),
    current_rps: plain(item.current_rps),
    current_fail_per_sec: plain(item.current_fail_per_sec),
    total_avg_response_time: plain(item.total_avg_response_time),
  };
  if (item.inflation !== undefined) point.inflation = plain(item.inflation);
  const byClass: unknown = Array.isArray(item.users_by_class) ? item.users_by_class[1] : null;
  if (byClass && typeof byClass === 'object') point.users_by_class = byClass as Record<string, number>;
  for (const [key, value] of Object.entries(item)) {
    if (isPercentileKey(key)) point[key] = plain(value);
    else if (key.startsWith(PRECISE)) Object.assign(point, { [key]: plain(value) });
  }
  return withoutFalseZeros(point);
}
