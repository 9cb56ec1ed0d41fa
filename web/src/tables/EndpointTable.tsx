/** A table with a row per endpoint, and the whole run's at the bottom. */
import type { ReactNode } from 'react';
import type { EntryKey } from '../api/types';
import { type Column, DataTable } from '../components/DataTable';
import { isAggregated, rowKey } from '../model/rows';
import { BY_NAME } from './columns';

interface EndpointTableProps<Row> {
  /** The whole run's among them. */
  rows: readonly Row[];
  columns: Column<Row>[];
  id: string;
  caption: string;
  empty: ReactNode;
  tools?: ReactNode;
}

export function EndpointTable<Row extends EntryKey>({ rows, ...shown }: EndpointTableProps<Row>) {
  const total = rows.find(isAggregated);
  return (
    <DataTable
      rows={rows.filter(row => !isAggregated(row))}
      keyOf={rowKey}
      searchText={row => `${row.method ?? ''} ${row.name}`}
      initialSorting={BY_NAME}
      {...(total ? { footer: total } : {})}
      {...shown}
    />
  );
}
