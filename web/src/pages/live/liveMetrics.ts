/** The figures in the header of the live page, and the title of its browser tab. */
import type { Metric } from '../../components/Metrics';
import {
  DASH,
  formatCount,
  formatDuration,
  formatRate,
  formatResponseTime,
  formatShare,
} from '../../model/format';
import { fractionsOf, percentileLabel, readPercentile } from '../../model/percentiles';
import { isActive, type Snapshot } from '../../model/snapshot';

export function liveMetrics(snapshot: Snapshot): Metric[] {
  const { totals, user_count, target_user_count: target, state } = snapshot;
  // Users that arrive come and go beside the target.
  const arrives = Object.keys(snapshot.generator_health?.arrivals ?? {}).length > 0;
  const isRamping = isActive(state) && !arrives && target !== null && target !== user_count;
  const { run_time_s: runTime, run_time_limit_s: limit } = snapshot;
  return [
    {
      id: 'users',
      label: 'Users',
      value: formatCount(user_count),
      detail: isRamping
        ? `of ${formatCount(target)}`
        : isActive(state) && target === null
          ? 'by a shape'
          : undefined,
      progress: isRamping && target ? user_count / target : null,
    },
    {
      id: 'rps',
      label: 'Requests',
      value: formatRate(isActive(state) ? totals.current_rps : totals.total_rps),
      detail: `${formatCount(totals.num_requests)} in all`,
    },
    {
      id: 'failures',
      label: 'Failures',
      value: totals.num_requests > 0 ? formatShare(snapshot.fail_ratio) : DASH,
      detail: `${formatCount(totals.num_failures)} in all`,
      tone: totals.num_failures > 0 ? 'bad' : 'plain',
    },
    ...percentileMetrics(snapshot),
    {
      id: 'run-time',
      label: 'Run time',
      value: formatDuration(runTime),
      detail: limit ? `of ${formatDuration(limit)}` : undefined,
      progress: limit && runTime !== null ? runTime / limit : null,
    },
  ];
}

/** At most two percentiles: the lowest and the highest that the server charts. After the test, of the whole run. */
function percentileMetrics({ current_percentiles: percentiles, totals, state }: Snapshot): Metric[] {
  const fractions = fractionsOf(percentiles);
  const ends =
    fractions.length > 2 ? fractions.filter((_, i) => i === 0 || i === fractions.length - 1) : fractions;
  const ofRun = (fraction: number) =>
    readPercentile(totals, fraction) ?? (fraction === 0.5 ? totals.median_response_time : null);
  const now = (fraction: number) => (totals.current_rps > 0 ? readPercentile(percentiles, fraction) : null);
  return ends.map(fraction => {
    const value = isActive(state) ? now(fraction) : totals.num_requests > 0 ? ofRun(fraction) : null;
    return {
      id: `percentile-${fraction}`,
      label: `Response ${percentileLabel(fraction)}`,
      value: formatResponseTime(value),
      detail: value === null ? undefined : isActive(state) ? 'last 10 s' : 'whole run',
      isDetailMinor: true,
    };
  });
}

export function pageTitle(snapshot: Snapshot | null, isStale: boolean): string {
  if (!snapshot) return 'Locust';
  if (isStale) return '⚠ no answer · Locust';
  if (!isActive(snapshot.state)) return `${snapshot.state} · Locust`;
  const failures = snapshot.totals.num_failures > 0 ? ` · ${formatShare(snapshot.fail_ratio)} failed` : '';
  return `${formatRate(snapshot.totals.current_rps)}${failures} · ${formatCount(snapshot.user_count)} users · Locust`;
}
