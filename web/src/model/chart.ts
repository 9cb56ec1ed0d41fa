/** Arithmetic of the charts: turns points of history into columns to draw. Draws nothing. */
import type { HistoryPoint } from '../api/types';
import {
  formatCount,
  formatDateTime,
  formatDuration,
  formatMoment,
  formatMs,
  formatRate,
  formatShare,
} from './format';
import { percentileLabel, readPercentile } from './percentiles';

export interface Series {
  label: string;
  /** Name of the custom property with the colour. */
  color: string;
  values: (number | null)[];
  /** Whether the area down to the axis is filled. */
  filled?: boolean;
}

export interface ChartColumns {
  id: string;
  title: string;
  format: (value: number | null) => string;
  series: Series[];
  /** The number of users changes in steps; everything else is measured over an interval. */
  stepped?: boolean;
  /** Stretches that are not to be trusted, in seconds since the epoch. */
  spoiled?: TimeRange[];
}

/** Seconds since the epoch in ascending order, as uPlot requires. */
export const timesOf = (points: readonly HistoryPoint[]): number[] =>
  points.map(point => Date.parse(point.time) / 1000);

/** The usual interval between points: the median, on which pauses have no effect. */
export function usualStep(times: readonly number[]): number {
  const steps = times.slice(1).map((time, index) => time - (times[index] ?? time));
  steps.sort((a, b) => a - b);
  return steps[Math.floor(steps.length / 2)] ?? 0;
}

/** An interval is a pause if it exceeds the usual one by this factor. */
const PAUSE = 2.5;

/**
 * Inserts an empty point into every pause, so that lines break there instead of bridging it. Thinned history has
 * intervals of two, four … times the newest one, so a pause is judged by the intervals before it.
 */
export function withGaps(points: readonly HistoryPoint[]): HistoryPoint[] {
  if (points.length < 3) return [...points];
  const times = timesOf(points);
  const step = usualStep(times);
  let pace = (times[2] ?? 0) - (times[1] ?? 0);
  return points.flatMap((point, index) => {
    const time = times[index] ?? 0;
    const before = times[index - 1];
    if (before === undefined) return [point];
    if (time - before > PAUSE * Math.max(step, pace)) return [emptyPoint((before + time) / 2), point];
    pace = time - before;
    return [point];
  });
}

const emptyPoint = (time: number): HistoryPoint => ({
  time: new Date(time * 1000).toISOString(),
  user_count: null,
  current_rps: null,
  current_fail_per_sec: null,
  total_avg_response_time: null,
});

const CHART_COLORS = ['--series-1', '--series-2', '--series-3', '--series-4', '--series-5', '--series-6'];

/** The share of failures in the requests of a moment; unknown without requests. */
export function failShare(point: HistoryPoint): number | null {
  const { current_rps: rps, current_fail_per_sec: fails } = point;
  if (rps === null || fails === null || rps === undefined || fails === undefined) return null;
  return rps > 0 ? Math.min(1, fails / rps) : null;
}

/**
 * Where the generator's own lateness made response times too long: from the point before the first one that says so
 * to the last one, as each tells of the time since the one before.
 */
export function spoiledStretches(points: readonly HistoryPoint[]): TimeRange[] {
  const times = timesOf(points);
  const stretches: TimeRange[] = [];
  points.forEach((point, index) => {
    if (!point.inflation) return;
    const to = times[index] ?? 0;
    const from = times[index - 1] ?? to - usualStep(times);
    const last = stretches[stretches.length - 1];
    if (last && last.to >= from) last.to = to;
    else stretches.push({ from, to });
  });
  return stretches;
}

/** The users of each class, if there are several; a class that is not in a point had none. */
function classChart(points: readonly HistoryPoint[]): ChartColumns[] {
  const names = [...new Set(points.flatMap(point => Object.keys(point.users_by_class ?? {})))].sort();
  if (names.length === 0) return [];
  return [
    {
      id: 'classes',
      title: 'Users by class',
      format: value => formatCount(value),
      stepped: true,
      series: names.map((name, index) => ({
        label: name,
        color: CHART_COLORS[index % CHART_COLORS.length] ?? '--series-1',
        values: points.map(point => (point.users_by_class ? (point.users_by_class[name] ?? 0) : null)),
      })),
    },
  ];
}

/** The charts of a run, or the four of one endpoint. */
export function chartsOf(points: readonly HistoryPoint[], fractions: readonly number[]): ChartColumns[] {
  const column = (read: (point: HistoryPoint) => number | null | undefined) =>
    points.map(point => read(point) ?? null);
  return [
    {
      id: 'rates',
      title: 'Requests per second',
      format: value => formatRate(value),
      series: [
        { label: 'Requests/s', color: '--series-ok', values: column(p => p.current_rps), filled: true },
        { label: 'Failures/s', color: '--series-bad', values: column(p => p.current_fail_per_sec) },
      ],
    },
    {
      id: 'times',
      title: 'Response times',
      format: value => formatMs(value),
      spoiled: spoiledStretches(points),
      series: [
        ...fractions.map((fraction, index) => ({
          label: percentileLabel(fraction),
          color: CHART_COLORS[index % CHART_COLORS.length] ?? '--series-1',
          values: column(p => readPercentile(p, fraction)),
        })),
        {
          label: 'Average',
          color: '--series-muted',
          values: column(p => p.total_avg_response_time),
        },
      ],
    },
    {
      id: 'failures',
      title: 'Share of requests that failed',
      format: value => formatShare(value),
      series: [{ label: 'Failures', color: '--series-bad', values: column(failShare), filled: true }],
    },
    {
      id: 'users',
      title: 'Users',
      format: value => formatCount(value),
      stepped: true,
      series: [{ label: 'Users', color: '--series-users', values: column(p => p.user_count), filled: true }],
    },
    ...classChart(points),
  ];
}

/** The visible part of the time axis, in seconds since the epoch. */
export interface TimeRange {
  from: number;
  to: number;
}

/** The window of the last `seconds`; null, the whole run, if it is shorter. */
export function lastSeconds(times: readonly number[], seconds: number): TimeRange | null {
  const first = times[0];
  const last = times[times.length - 1];
  if (first === undefined || last === undefined || last - first <= seconds) return null;
  return { from: last - seconds, to: last };
}

/** Formats the steps of the time axis as clock times, with dates if a run spans several days. */
export function timeTicks(seconds: readonly number[], locale?: string): string[] {
  const first = seconds[0] ?? 0;
  const last = seconds[seconds.length - 1] ?? 0;
  const step = seconds.length > 1 ? (last - first) / (seconds.length - 1) : 0;
  const options: Intl.DateTimeFormatOptions =
    step >= 43_200
      ? { month: 'short', day: 'numeric' }
      : {
          hour: '2-digit',
          minute: '2-digit',
          ...(step < 60 && step > 0 ? { second: '2-digit' as const } : {}),
        };
  const format = new Intl.DateTimeFormat(locale, options);
  return seconds.map(second => format.format(new Date(second * 1000)));
}

/** How the time axis reads. */
export interface TimeAxis {
  /** Whether its seconds are those of the epoch, rather than those since the start of the run. */
  isClock: boolean;
  ticks: (seconds: readonly number[]) => string[];
  /** The moment under the cursor. */
  moment: (seconds: number) => string;
  /** An end of the part on screen. */
  end: (seconds: number) => string;
}

export const CLOCK: TimeAxis = {
  isClock: true,
  ticks: seconds => timeTicks(seconds),
  moment: seconds => formatMoment(seconds * 1000),
  end: seconds => formatDateTime(seconds * 1000),
};

/** For runs that are laid over each other: they have no clock in common. */
export const SINCE_START: TimeAxis = {
  isClock: false,
  ticks: seconds => seconds.map(formatDuration),
  moment: formatDuration,
  end: formatDuration,
};

/** Indices of values between two gaps, which no line passes through. */
export function isolatedPoints(values: readonly (number | null)[]): number[] {
  const isEmpty = (index: number) => (values[index] ?? null) === null;
  return values.flatMap((_value, index) =>
    !isEmpty(index) && isEmpty(index - 1) && isEmpty(index + 1) ? [index] : [],
  );
}
