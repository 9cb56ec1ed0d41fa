/** A tab that a locustfile or a plug-in adds: its tables, filled from what it adds to `/stats/requests`. */
import { useMemo } from 'react';
import type { Client } from '../api/client';
import type { ExtendedTable } from '../api/page';
import type { StatsRequestsAnswer } from '../api/types';
import { type Column, DataTable } from '../components/DataTable';
import { EmptyState } from '../components/EmptyState';
import { useRoute } from '../live/source';
import { DASH, formatShort } from '../model/format';
import { NotLoaded } from './RouteTabs';

type Row = Record<string, string | number | boolean | null>;

interface ExtendedTabProps {
  client: Client;
  tables: ExtendedTable[];
  title: string;
}

export function ExtendedTab({ client, tables, title }: ExtendedTabProps) {
  const polled = useRoute<StatsRequestsAnswer>(client, '/stats/requests');
  if (!polled.value) return <NotLoaded polled={polled} />;
  if (tables.length === 0) {
    return (
      <EmptyState title={`“${title}” has no table.`}>
        Add one with the same key to <code>template_args["extended_tables"]</code>.
      </EmptyState>
    );
  }
  const { extended_stats: stats } = polled.value;
  return tables.map(table => (
    <PluginTable
      key={table.key}
      table={table}
      title={title}
      rows={stats?.find(item => item.key === table.key)?.data ?? []}
    />
  ));
}

function PluginTable({ table, title, rows }: { table: ExtendedTable; title: string; rows: Row[] }) {
  const keyed = useMemo(() => rows.map((row, index) => ({ row, key: String(index) })), [rows]);
  const columns = useMemo<Column<{ row: Row; key: string }>[]>(
    () =>
      table.structure.map(({ key, title: heading }) => ({
        id: key,
        title: heading,
        isNumber: rows.some(row => typeof row[key] === 'number'),
        value: ({ row }) => {
          const value = row[key];
          return typeof value === 'boolean' ? String(value) : value;
        },
        render: ({ row }) => {
          const value = row[key];
          return typeof value === 'number' ? formatShort(value) : String(value ?? DASH);
        },
      })),
    [table, rows],
  );
  return (
    <DataTable
      id={`extended-${table.key}`}
      caption={title}
      rows={keyed}
      columns={columns}
      keyOf={item => item.key}
      searchText={searchText}
      initialSorting={{ column: table.structure[0]?.key ?? '', descending: false }}
      empty={
        <EmptyState title="No rows yet.">
          They come from the locustfile or plug-in that added this tab.
        </EmptyState>
      }
    />
  );
}

const searchText = ({ row }: { row: Row }): string => Object.values(row).join(' ');
