/** Times from the intended start: a row per endpoint, as many times as starts were meant. */
import { useMemo } from 'react';
import type { IntendedRow } from '../api/types';
import { type Column, DataTable } from '../components/DataTable';
import { EmptyState } from '../components/EmptyState';
import { formatCount, formatMeasuredMs } from '../model/format';
import { percentileLabel } from '../model/percentiles';
import { isAggregated, rowKey } from '../model/rows';

const timeColumn = (id: string, title: string): Column<IntendedRow> => {
  const value = (row: IntendedRow) => (typeof row[id] === 'number' ? row[id] : null);
  return { id, title, isNumber: true, width: 86, value, render: row => formatMeasuredMs(value(row)) };
};

function intendedColumns(rows: readonly IntendedRow[]): Column<IntendedRow>[] {
  const fractions = Object.keys(rows[0] ?? {}).filter(key => Number(key) > 0);
  return [
    { id: 'method', title: 'Type', width: 80, value: row => row.method },
    { id: 'name', title: 'Name', value: row => row.name },
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

const BY_NAME = { column: 'name', descending: false };

export function IntendedTable({ rows }: { rows: readonly IntendedRow[] }) {
  const columns = useMemo(() => intendedColumns(rows), [rows]);
  const total = rows.find(isAggregated);
  return (
    <DataTable
      id="intended"
      caption="Times from the intended start by endpoint, in milliseconds"
      rows={rows.filter(row => !isAggregated(row))}
      columns={columns}
      keyOf={rowKey}
      searchText={row => `${row.method ?? ''} ${row.name}`}
      initialSorting={BY_NAME}
      {...(total ? { footer: total } : {})}
      empty={
        <EmptyState title="No intended starts yet.">
          Users with constant_pacing or constant_throughput have them, from their second iteration on.
        </EmptyState>
      }
    />
  );
}
