/** The workers of a distributed run. */
import type { WorkerRow } from '../api/types';
import { type Column, DataTable } from '../components/DataTable';
import { EmptyState } from '../components/EmptyState';
import { formatBytes, formatCount, formatFixed } from '../model/format';
import { stateColumn } from '../tables/columns';

/** Above this CPU usage a worker's timing cannot be trusted; Locust warns at the same value. */
const HIGH_CPU_PERCENT = 90;

const COLUMNS: Column<WorkerRow>[] = [
  { id: 'id', title: 'Worker', value: row => row.id },
  stateColumn(),
  {
    id: 'user_count',
    title: 'Users',
    isNumber: true,
    width: 104,
    value: row => row.user_count,
    render: row => formatCount(row.user_count),
  },
  {
    id: 'cpu_usage',
    title: 'CPU %',
    hint: 'Of one core',
    isNumber: true,
    width: 104,
    value: row => row.cpu_usage,
    render: row => (
      <span data-bad={(row.cpu_usage ?? 0) > HIGH_CPU_PERCENT || undefined}>
        {formatFixed(row.cpu_usage, 1)}
      </span>
    ),
  },
  {
    id: 'memory_usage',
    title: 'Memory',
    isNumber: true,
    width: 112,
    value: row => row.memory_usage,
    render: row => formatBytes(row.memory_usage),
  },
];

const SORTING = { column: 'id', descending: false };

const keyOf = (row: WorkerRow): string => row.id;

const searchText = (row: WorkerRow): string => `${row.id} ${row.state}`;

export function WorkersTab({ workers }: { workers: readonly WorkerRow[] }) {
  return (
    <DataTable
      id="workers"
      caption="Workers"
      rows={workers}
      columns={COLUMNS}
      keyOf={keyOf}
      searchText={searchText}
      initialSorting={SORTING}
      empty={
        <EmptyState title="No workers have connected.">
          Start some with <code>locust -f locustfile.py --worker --master-host=…</code>, or let the master
          start them with <code>--processes</code>.
        </EmptyState>
      }
    />
  );
}
