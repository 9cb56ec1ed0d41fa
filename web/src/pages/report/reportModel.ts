/** Converts the report's data for the shared components. */
import type { ReportArgs, ResponseTimeRow } from '../../api/page';
import type { ErrorRow, HistoryPoint, Latencies, OutcomeRow, StatsRow, TaskRatios } from '../../api/types';
import type { Metric } from '../../components/Metrics';
import {
  DASH,
  formatCount,
  formatDateTime,
  formatRate,
  formatResponseTime,
  formatShare,
} from '../../model/format';
import { fromHistoryItem, withPreciseTimes } from '../../model/history';
import { OUTCOMES, rowOf } from '../../model/outcomes';
import { fractionsOf, percentileLabel, percentText } from '../../model/percentiles';
import { isAggregated } from '../../model/rows';

export interface Report {
  entries: StatsRow[];
  totals: StatsRow | undefined;
  responseTimes: ResponseTimeRow[];
  totalResponseTimes: ResponseTimeRow | undefined;
  latencies: Latencies[];
  /** The successes and the failures of each row that has failures. */
  outcomes: OutcomeRow[];
  preciseTimes: ResponseTimeRow[];
  totalPreciseTimes: ResponseTimeRow | undefined;
  /** The keys of the response time columns, such as "0.95", in order. */
  responseTimeKeys: string[];
  errors: ErrorRow[];
  history: HistoryPoint[];
  statsFractions: number[];
  chartFractions: number[];
  ratios: TaskRatios | null;
}

function ratiosOf(tasks: ReportArgs['tasks']): TaskRatios | null {
  const value: unknown = typeof tasks === 'string' ? JSON.parse(tasks || '{}') : tasks;
  const ratios = value as Partial<TaskRatios> | null | undefined;
  return ratios?.per_class || ratios?.total
    ? { per_class: ratios.per_class ?? {}, total: ratios.total ?? {} }
    : null;
}

/** Each side of a row as a row of its own. */
function outcomeRows(row: StatsRow): OutcomeRow[] {
  return OUTCOMES.filter(({ value }) => value !== 'all').flatMap(({ value: outcome, title }) => {
    const side = rowOf(row, outcome);
    return side ? [{ ...side, outcome: title }] : [];
  });
}

export function reportOf(args: ReportArgs): Report {
  const points = args.history.map(fromHistoryItem);
  const history = args.precise ? points.map(withPreciseTimes) : points;
  const [firstRow] = args.requests_statistics;
  const responseTimes = args.response_time_statistics;
  // With `--precise` all of the report is precise, and a second table would say the same.
  const preciseTimes = args.precise ? [] : (args.precise_response_time_statistics ?? []);
  const keys = Object.keys(responseTimes[0] ?? {}).filter(key => Number.isFinite(Number(key)));
  return {
    entries: args.requests_statistics.filter(row => !isAggregated(row)),
    totals: args.requests_statistics.find(isAggregated),
    responseTimes: responseTimes.filter(row => !isAggregated(row)),
    totalResponseTimes: responseTimes.find(isAggregated),
    latencies: (args.latencies ?? []).filter(({ columns }) => columns.length > 0),
    outcomes: (args.outcome_statistics ?? []).flatMap(outcomeRows),
    preciseTimes: preciseTimes.filter(row => !isAggregated(row)),
    totalPreciseTimes: preciseTimes.find(isAggregated),
    responseTimeKeys: keys.sort((a, b) => Number(a) - Number(b)),
    errors: args.failures_statistics.map(row => ({ first_seen: null, last_seen: null, ...row })),
    history,
    statsFractions: firstRow ? fractionsOf(firstRow) : [],
    chartFractions: args.percentiles_to_chart ?? fractionsOf(history[0] ?? {}),
    ratios: ratiosOf(args.tasks),
  };
}

/** "0.95" → "p95"; the maximum and the median have names. */
export function responseTimeTitle(key: string): string {
  const fraction = Number(key);
  return fraction === 1 ? 'Max' : percentileLabel(fraction);
}

export const responseTimeHint = (key: string): string =>
  `${percentText(Number(key))} % of the responses were faster, in milliseconds`;

export function reportMetrics(args: ReportArgs, { totals, history }: Report): Metric[] {
  const peak =
    args.peak_user_count ?? history.reduce((max, point) => Math.max(max, point.user_count ?? 0), 0);
  const requests = totals?.num_requests ?? 0;
  return [
    { id: 'users', label: 'Users at the peak', value: formatCount(peak || null) },
    {
      id: 'rps',
      label: 'Requests',
      value: formatRate(totals?.total_rps),
      detail: `${formatCount(totals?.num_requests)} in all`,
    },
    {
      id: 'failures',
      label: 'Failures',
      value: totals && requests > 0 ? formatShare(totals.num_failures / requests) : DASH,
      detail: `${formatCount(totals?.num_failures)} in all`,
      tone: totals && totals.num_failures > 0 ? 'bad' : 'plain',
    },
    { id: 'median', label: 'Response median', value: formatResponseTime(totals?.median_response_time) },
    { id: 'average', label: 'Response average', value: formatResponseTime(totals?.avg_response_time) },
    { id: 'max', label: 'Slowest response', value: formatResponseTime(totals?.max_response_time) },
  ];
}

/** Python's `None` as a text. */
const known = (text: string | null | undefined): string | null => (text === 'None' ? null : (text ?? null));

/** The settings and circumstances of the run, as pairs of label and value. */
export function reportFacts(args: ReportArgs): [string, string][] {
  const facts: [string, string | null | undefined][] = [
    ['Host', known(args.host)],
    ['Locustfile', known(args.locustfile)],
    ['Profile', args.profile],
    ['Started', formatDateTime(args.start_time)],
    ['Ended', formatDateTime(args.end_time)],
    ['Duration', args.duration],
    ['Users asked for', args.user_count ? formatCount(args.user_count) : null],
    ['Spawn rate', args.spawn_rate ? `${formatRate(args.spawn_rate)}` : null],
    ...(args.parameters ?? []).map(({ name, value }): [string, string] => [
      name,
      Array.isArray(value) ? value.join(', ') : String(value ?? DASH),
    ]),
    ['Locust', args.version],
  ];
  return facts.filter((fact): fact is [string, string] => Boolean(fact[1]));
}
