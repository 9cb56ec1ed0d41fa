/** Times from the intended start: a row per endpoint, as many times as starts were meant. */
import { useMemo } from 'react';
import type { IntendedRow } from '../api/types';
import type { Column } from '../components/DataTable';
import { EmptyState } from '../components/EmptyState';
import { formatCount, formatMeasuredMs } from '../model/format';
import { percentileLabel } from '../model/percentiles';
import { endpointColumns } from './columns';
import { EndpointTable } from './EndpointTable';

const timeColumn = (id: string, title: string): Column<IntendedRow> => {
  const value = (row: IntendedRow) => (typeof row[id] === 'number' ? row[id] : null);
  return { id, title, isNumber: true, width: 86, value, render: row => formatMeasuredMs(value(row)) };
};

function intendedColumns(rows: readonly IntendedRow[]): Column<IntendedRow>[] {
  const fractions = Object.keys(rows[0] ?? {}).filter(key => Number(key) > 0);
  return [
    ...endpointColumns<IntendedRow>(),
    {
      id: 'count',
      title: 'Meant',
      hint: 'Starts that were meant: those that came, and those that were missed',
      isNumber: true,
      width: 86,
      value: row => row.count,
      render: row => formatCount(row.count),
    },
    timeColumn('average', 'Average'),
    ...fractions
      .sort((a, b) => Number(a) - Number(b))
      .map(fraction => timeColumn(fraction, percentileLabel(Number(fraction)))),
    timeColumn('max', 'Max'),
  ];
}

export function IntendedTable({ rows }: { rows: readonly IntendedRow[] }) {
  const columns = useMemo(() => intendedColumns(rows), [rows]);
  return (
    <EndpointTable
      id="intended"
      caption="Times from the intended start by endpoint, in milliseconds"
      rows={rows}
      columns={columns}
      empty={
        <EmptyState title="No intended starts yet.">
          Users with constant_pacing or constant_throughput have them, from their second iteration on.
        </EmptyState>
      }
    />
  );
}
