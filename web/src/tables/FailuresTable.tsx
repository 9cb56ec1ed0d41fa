/** Every distinct failure: how often it occurred, and when first and last. */
import { useMemo } from 'react';
import type { ErrorRow } from '../api/types';
import { type Column, DataTable } from '../components/DataTable';
import { EmptyState } from '../components/EmptyState';
import { DASH, formatCount, formatDateTime, formatMoment, formatShare, parseTime } from '../model/format';
import { errorKey } from '../model/rows';

const SORTING = { column: 'occurrences', descending: true };

const seconds = (value: string | number | null | undefined): number | null => {
  const date = parseTime(value);
  return date ? date.getTime() / 1000 : null;
};

function Moment({ value }: { value: string | number | null | undefined }) {
  const date = parseTime(value);
  return date ? (
    <time dateTime={date.toISOString()} title={formatDateTime(value)}>
      {formatMoment(value)}
    </time>
  ) : (
    DASH
  );
}

function columnsFor(
  total: number,
  hasTimes: boolean,
  onOpen: ((row: ErrorRow) => void) | undefined,
): Column<ErrorRow>[] {
  const columns: Column<ErrorRow>[] = [
    {
      id: 'occurrences',
      title: 'Count',
      isNumber: true,
      width: 96,
      value: row => row.occurrences,
      render: row => formatCount(row.occurrences),
    },
    {
      id: 'share',
      title: 'Of all',
      hint: 'Share of all failures',
      isNumber: true,
      width: 84,
      value: row => row.occurrences,
      render: row => formatShare(total ? row.occurrences / total : null),
    },
    { id: 'method', title: 'Type', width: 80, value: row => row.method },
    { id: 'name', title: 'Name', width: 240, value: row => row.name },
    {
      id: 'error',
      title: 'Error',
      value: row => row.error,
      render: row =>
        onOpen ? (
          <button
            type="button"
            className="cell-link"
            title="Requests and responses of this failure"
            onClick={() => onOpen(row)}
          >
            <code>{row.error}</code>
          </button>
        ) : (
          <code>{row.error}</code>
        ),
    },
  ];
  if (!hasTimes) return columns;
  return [
    ...columns,
    {
      id: 'first_seen',
      title: 'First seen',
      isNumber: true,
      width: 116,
      value: row => seconds(row.first_seen),
      render: row => <Moment value={row.first_seen} />,
    },
    {
      id: 'last_seen',
      title: 'Last seen',
      isNumber: true,
      width: 116,
      value: row => seconds(row.last_seen),
      render: row => <Moment value={row.last_seen} />,
    },
  ];
}

const searchText = (row: ErrorRow): string => `${row.method ?? ''} ${row.name} ${row.error}`;

interface FailuresTableProps {
  errors: readonly ErrorRow[];
  /** Opens what is known of one kind of failure. */
  onOpen?: (row: ErrorRow) => void;
}

export function FailuresTable({ errors, onOpen }: FailuresTableProps) {
  const total = errors.reduce((sum, row) => sum + row.occurrences, 0);
  const hasTimes = errors.some(row => row.first_seen || row.last_seen);
  const columns = useMemo(() => columnsFor(total, hasTimes, onOpen), [total, hasTimes, onOpen]);
  return (
    <DataTable
      id="failures"
      caption="Failures"
      rows={errors}
      columns={columns}
      keyOf={errorKey}
      searchText={searchText}
      initialSorting={SORTING}
      wraps
      empty={
        <EmptyState title="No failures.">Requests that fail are counted here by their error.</EmptyState>
      }
    />
  );
}
