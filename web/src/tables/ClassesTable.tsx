/** The User classes of a test: how each stands, its users, and what became of those that arrive. */
import { useMemo } from 'react';
import type { ArrivalCounts, ClassRow } from '../api/types';
import { type Column, DataTable } from '../components/DataTable';
import { EmptyState } from '../components/EmptyState';
import { formatCount } from '../model/format';
import { BY_NAME, numberColumn, stateColumn } from './columns';

const countColumn = (
  id: string,
  title: string,
  hint: string,
  value: (row: ClassRow) => number | null,
): Column<ClassRow> => numberColumn(id, title, 112, value, formatCount, hint);

const arrivalColumn = (id: keyof ArrivalCounts, title: string, hint: string): Column<ClassRow> =>
  countColumn(id, title, hint, row => row.arrivals?.[id] ?? null);

function classColumns(rows: readonly ClassRow[], isReport: boolean): Column<ClassRow>[] {
  const users = isReport
    ? [
        countColumn(
          'users_at_most',
          'Most users',
          'At the points of the chart',
          row => row.users_at_most ?? null,
        ),
      ]
    : [
        countColumn('users', 'Users', 'Running now', row => row.users),
        countColumn(
          'users_meant',
          'Users meant',
          'None where a rate of arrivals is meant',
          row => row.users_meant,
        ),
      ];
  return [
    { id: 'name', title: 'User class', value: row => row.name },
    ...(isReport ? [] : [stateColumn<ClassRow>()]),
    ...users,
    ...(rows.some(row => row.arrivals)
      ? [
          arrivalColumn('begun', 'Arrivals', 'Arrivals that became users'),
          arrivalColumn('late', 'Late', 'Arrivals that began more than 10 ms after their time'),
          arrivalColumn('dropped', 'Dropped', 'Arrivals that found no place'),
        ]
      : []),
  ];
}

const keyOf = (row: ClassRow): string => row.name;

interface ClassesTableProps {
  rows: readonly ClassRow[];
  /** Whether the test is over and all of it is shown, not the present moment. */
  isReport?: boolean;
}

export function ClassesTable({ rows, isReport = false }: ClassesTableProps) {
  const columns = useMemo(() => classColumns(rows, isReport), [rows, isReport]);
  return (
    <DataTable
      id="class-users"
      caption="Users by class"
      rows={rows}
      columns={columns}
      keyOf={keyOf}
      searchText={keyOf}
      initialSorting={BY_NAME}
      empty={<EmptyState title="No classes yet.">They are known once there is a test.</EmptyState>}
    />
  );
}
