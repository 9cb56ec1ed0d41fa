/** Arithmetic of runs that are laid over each other: each from its own start, one line per run in every chart. */
import type { CourseAnswer } from '../api/runs';
import type { HistoryPoint } from '../api/types';
import { type ChartColumns, failShare, usualStep } from './chart';
import { formatCount, formatMs, formatRate, formatShare } from './format';
import { percentileLabel, readPercentile } from './percentiles';
import { runTitle } from './runs';

const RUN_COLORS = ['--series-1', '--series-2', '--series-3', '--series-4', '--series-5'];

/** The percentiles of a course. */
const FRACTIONS = [0.5, 0.95, 0.99];

export interface Overlay {
  /** Seconds since the start of the runs. */
  times: number[];
  charts: ChartColumns[];
}

/** Seconds since the start of the run at which its points stand. */
const elapsedOf = ({ start, history }: CourseAnswer): number[] =>
  history.map(point => (Date.parse(point.time) - Date.parse(start)) / 1000);

/** An interval that exceeds the one before by this factor has a pause in it. */
const PAUSE = 2.5;

/**
 * The point that tells of each moment; none in a pause, and after the end.
 *
 * A point stands at the end of the time that it tells of, which began at the point before.
 */
function pointsAt(course: CourseAnswer, times: readonly number[]): (HistoryPoint | null)[] {
  const elapsed = elapsedOf(course);
  const step = usualStep(elapsed) || 1;
  let at = 0;
  return times.map(time => {
    while (at < elapsed.length && (elapsed[at] ?? 0) < time) at += 1;
    const end = elapsed[at];
    if (end === undefined) return null;
    const length = end - (elapsed[at - 1] ?? end - step);
    const before = (elapsed[at - 1] ?? 0) - (elapsed[at - 2] ?? 0);
    const told = at > 1 && length > PAUSE * Math.max(step, before) ? step : length;
    return time > end - told - step / 2 ? (course.history[at] ?? null) : null;
  });
}

/** The moments that all runs are shown at: as far apart as the points of the coarsest one. */
function momentsOf(courses: readonly CourseAnswer[]): number[] {
  const all = courses.map(elapsedOf);
  const step = Math.max(1, ...all.map(usualStep).map(Math.round));
  const end = Math.max(0, ...all.map(elapsed => elapsed[elapsed.length - 1] ?? 0));
  return Array.from({ length: Math.ceil(end / step) }, (_, index) => (index + 1) * step);
}

export function overlayOf(courses: readonly CourseAnswer[]): Overlay {
  const times = momentsOf(courses);
  const runs = courses.map(({ run }, index) => ({
    label: runTitle(run),
    color: RUN_COLORS[index % RUN_COLORS.length] ?? '--series-1',
  }));
  const points = courses.map(course => pointsAt(course, times));
  const chart = (
    id: string,
    title: string,
    format: (value: number | null) => string,
    read: (point: HistoryPoint) => number | null | undefined,
  ): ChartColumns => ({
    id,
    title,
    format: value => format(value),
    series: runs.map((run, index) => ({
      ...run,
      values: (points[index] ?? []).map(point => (point ? (read(point) ?? null) : null)),
    })),
  });
  return {
    times,
    charts: [
      chart('rates', 'Requests per second', formatRate, point => point.current_rps),
      ...FRACTIONS.map(fraction =>
        chart(`times-${fraction}`, `Response time, ${percentileLabel(fraction)}`, formatMs, point =>
          readPercentile(point, fraction),
        ),
      ),
      chart('failures', 'Share of requests that failed', formatShare, failShare),
      { ...chart('users', 'Users', formatCount, point => point.user_count), stepped: true },
    ],
  };
}
