/** Columns of the statistics table, on the live page and in the report. */
import type { ReactNode } from 'react';
import type { OutcomeRow, StatsRow } from '../api/types';
import type { Column } from '../components/DataTable';
import { formatCount, formatFixed, formatMeasuredMs, formatShare } from '../model/format';
import { percentileLabel, percentText, readPercentile } from '../model/percentiles';

/** Locust's rows have 0 ms before the first request. */
const measured = (row: StatsRow, read: (row: StatsRow) => number | null): number | null =>
  row.num_requests > 0 ? read(row) : null;

const rate = (value: number): string => formatFixed(value, value >= 100 ? 0 : value >= 10 ? 1 : 2);

const timeColumn = (
  id: string,
  title: string,
  hint: string,
  read: (row: StatsRow) => number | null,
): Column<StatsRow> => ({
  id,
  title,
  hint: `${hint}, in milliseconds`,
  isNumber: true,
  width: 78,
  value: row => measured(row, read),
  render: row => formatMeasuredMs(measured(row, read)),
});

interface ColumnsOptions {
  fractions: readonly number[];
  /** Average rates of the run instead of those of the last seconds; for reports. */
  isReport?: boolean;
  nameCell?: (row: StatsRow) => ReactNode;
  /** Draws the longest response time of an endpoint. */
  maxCell?: (row: StatsRow, time: string) => ReactNode;
}

/** Type, name, side, count and times of the report's table of successes and failures. */
export function outcomeColumns(fractions: readonly number[]): Column<OutcomeRow>[] {
  const shown = new Set(['method', 'name', 'num_requests', 'median', 'average', 'min', 'max']);
  const columns = statsColumns({ fractions, isReport: true }).filter(
    column => shown.has(column.id) || column.id.startsWith('percentile_'),
  ) as Column<OutcomeRow>[];
  const outcome: Column<OutcomeRow> = {
    id: 'outcome',
    title: 'Outcome',
    width: 100,
    value: row => row.outcome,
    render: row => <span data-bad={row.num_failures > 0 || undefined}>{row.outcome}</span>,
  };
  return [...columns.slice(0, 2), outcome, ...columns.slice(2)];
}

const share = (row: StatsRow): number | null =>
  row.num_requests > 0 ? row.num_failures / row.num_requests : null;

export function statsColumns(options: ColumnsOptions): Column<StatsRow>[] {
  const { fractions, isReport = false, nameCell, maxCell } = options;
  const max = timeColumn('max', 'Max', 'Slowest response', row => row.max_response_time);
  const rps = (row: StatsRow) => (isReport ? row.total_rps : row.current_rps);
  const failsPerSecond = (row: StatsRow) => (isReport ? row.total_fail_per_sec : row.current_fail_per_sec);
  const period = isReport ? 'averaged over the run' : 'in the last seconds';
  return [
    { id: 'method', title: 'Type', width: 80, value: row => row.method },
    {
      id: 'name',
      title: 'Name',
      value: row => row.name,
      ...(nameCell ? { render: nameCell } : {}),
    },
    {
      id: 'num_requests',
      title: 'Requests',
      isNumber: true,
      width: 100,
      value: row => row.num_requests,
      render: row => formatCount(row.num_requests),
    },
    {
      id: 'num_failures',
      title: 'Fails',
      isNumber: true,
      width: 68,
      value: row => row.num_failures,
      render: row => (
        <span data-bad={row.num_failures > 0 || undefined}>{formatCount(row.num_failures)}</span>
      ),
    },
    {
      id: 'fail_share',
      title: 'Fail %',
      hint: 'Failed requests as a share of all',
      isNumber: true,
      width: 80,
      value: share,
      render: row => <span data-bad={row.num_failures > 0 || undefined}>{formatShare(share(row))}</span>,
    },
    timeColumn('median', 'Median', 'Half of the responses were faster', row => row.median_response_time),
    ...fractions.map(fraction =>
      timeColumn(
        `percentile_${fraction}`,
        percentileLabel(fraction),
        `${percentText(fraction)} % of the responses were faster`,
        row => readPercentile(row, fraction),
      ),
    ),
    timeColumn('average', 'Average', 'Mean response time', row => row.avg_response_time),
    timeColumn('min', 'Min', 'Fastest response', row => row.min_response_time),
    maxCell
      ? { ...max, render: row => maxCell(row, formatMeasuredMs(measured(row, one => one.max_response_time))) }
      : max,
    {
      id: 'size',
      title: 'Bytes',
      hint: 'Mean size of a response, in bytes',
      isNumber: true,
      width: 80,
      value: row => row.avg_content_length,
      render: row => formatCount(row.avg_content_length),
    },
    {
      id: 'rps',
      title: 'Req/s',
      hint: `Requests per second, ${period}`,
      isNumber: true,
      width: 72,
      value: rps,
      render: row => rate(rps(row)),
    },
    {
      id: 'fails_per_second',
      title: 'Fails/s',
      hint: `Failed requests per second, ${period}`,
      isNumber: true,
      width: 72,
      value: failsPerSecond,
      render: row => <span data-bad={failsPerSecond(row) > 0 || undefined}>{rate(failsPerSecond(row))}</span>,
    },
  ];
}

export const statsText = (row: StatsRow): string => `${row.method ?? ''} ${row.name}`;
