/** Columns that several tables have. */
import type { EntryKey } from '../api/types';
import type { Column } from '../components/DataTable';

export const BY_NAME = { column: 'name', descending: false };

/** Type and name of a request. */
export const endpointColumns = <Row extends EntryKey>(): Column<Row>[] => [
  { id: 'method', title: 'Type', width: 80, value: row => row.method },
  { id: 'name', title: 'Name', value: row => row.name },
];

export function numberColumn<Row>(
  id: string,
  title: string,
  width: number,
  value: (row: Row) => number | null | undefined,
  format: (value: number | null | undefined) => string,
  hint?: string,
): Column<Row> {
  const render = (row: Row) => format(value(row));
  return { id, title, isNumber: true, width, value, render, ...(hint ? { hint } : {}) };
}

/** How a worker or a class stands. */
export const stateColumn = <Row extends { state: string }>(): Column<Row> => ({
  id: 'state',
  title: 'State',
  width: 136,
  value: row => row.state,
  render: row => (
    <span className="state" data-state={row.state}>
      {row.state}
    </span>
  ),
});
