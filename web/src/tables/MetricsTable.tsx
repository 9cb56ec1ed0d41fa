/** Counters, gauges and trends that the test itself keeps: a row per series. */
import type { MetricRow } from '../api/types';
import { type Column, DataTable } from '../components/DataTable';
import { EmptyState } from '../components/EmptyState';
import { DASH } from '../model/format';
import { BY_NAME } from './columns';

type Figure = 'value' | 'count' | 'average' | 'min' | '0.5' | '0.9' | '0.95' | '0.99' | 'max';

const FIGURES: readonly { figure: Figure; title: string; hint: string }[] = [
  { figure: 'value', title: 'Value', hint: 'Sum of a counter, present value of a gauge' },
  { figure: 'count', title: 'Count', hint: 'Values of a trend' },
  { figure: 'average', title: 'Average', hint: 'Mean of a trend' },
  { figure: 'min', title: 'Min', hint: 'Smallest value of a trend' },
  { figure: '0.5', title: 'Median', hint: 'Half of the values are at most this' },
  { figure: '0.9', title: '90%', hint: '90 % of the values are at most this' },
  { figure: '0.95', title: '95%', hint: '95 % of the values are at most this' },
  { figure: '0.99', title: '99%', hint: '99 % of the values are at most this' },
  { figure: 'max', title: 'Max', hint: 'Largest value of a trend' },
];

/** Whole numbers in full; others with four digits at least. */
export const formatValue = (value: number | undefined): string =>
  value === undefined
    ? DASH
    : value.toLocaleString(
        'en',
        Math.abs(value) >= 1000 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 4 },
      );

const tagsOf = (row: MetricRow): string =>
  Object.entries(row.tags)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ');

const COLUMNS: Column<MetricRow>[] = [
  {
    id: 'name',
    title: 'Metric',
    value: row => row.name,
    render: row => <span title={row.about}>{row.name}</span>,
  },
  { id: 'tags', title: 'Tags', value: tagsOf },
  { id: 'kind', title: 'Kind', width: 75, value: row => row.kind },
  { id: 'unit', title: 'Unit', width: 75, value: row => row.unit },
  ...FIGURES.map(
    ({ figure, title, hint }): Column<MetricRow> => ({
      id: figure,
      title,
      hint,
      isNumber: true,
      width: 72,
      value: row => row[figure] ?? null,
      render: row => formatValue(row[figure]),
    }),
  ),
];

export function MetricsTable({ rows }: { rows: readonly MetricRow[] }) {
  return (
    <DataTable
      id="metrics"
      caption="Metrics of the test itself"
      rows={rows}
      columns={COLUMNS}
      keyOf={row => `${row.name}|${tagsOf(row)}`}
      searchText={row => `${row.name} ${tagsOf(row)}`}
      initialSorting={BY_NAME}
      empty={
        <EmptyState title="No metrics.">
          A test keeps its own with environment.metrics: counters, gauges and trends.
        </EmptyState>
      }
    />
  );
}
