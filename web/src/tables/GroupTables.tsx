/** Requests by User class, and by the tags of their tasks: a row for each. */
import { useMemo } from 'react';
import type { GroupRow, GroupsAnswer } from '../api/types';
import { type Column, DataTable } from '../components/DataTable';
import { EmptyState } from '../components/EmptyState';
import { formatCount, formatFixed, formatMeasuredMs, formatShare } from '../model/format';
import { BY_NAME, numberColumn } from './columns';

type Time = 'average' | '0.5' | '0.95' | '0.99' | 'max';

const TIMES: readonly { time: Time; title: string; hint: string }[] = [
  { time: 'average', title: 'Average', hint: 'Mean response time in milliseconds' },
  { time: '0.5', title: 'Median', hint: 'Half of the requests took at most this, in milliseconds' },
  { time: '0.95', title: '95%', hint: '95 % of the requests took at most this, in milliseconds' },
  { time: '0.99', title: '99%', hint: '99 % of the requests took at most this, in milliseconds' },
  { time: 'max', title: 'Max', hint: 'Longest response time in milliseconds' },
];

const rateColumn = (id: 'current_rate' | 'rate', title: string, hint: string): Column<GroupRow> =>
  numberColumn(
    id,
    title,
    86,
    row => row[id],
    value => formatFixed(value, 1),
    hint,
  );

function groupColumns(title: string, isRunning: boolean): Column<GroupRow>[] {
  return [
    { id: 'name', title, value: row => row.name },
    numberColumn('requests', 'Requests', 92, row => row.requests, formatCount),
    numberColumn('failures', 'Fails', 92, row => row.failures, formatCount),
    numberColumn(
      'fail_ratio',
      'Fail %',
      80,
      row => row.fail_ratio,
      formatShare,
      'Share of the requests that failed',
    ),
    ...(isRunning
      ? [rateColumn('current_rate', 'Req/s now', 'Requests per second of the last seconds')]
      : []),
    rateColumn('rate', 'Req/s', 'Requests per second of the run'),
    ...TIMES.map(({ time, title, hint }) =>
      numberColumn<GroupRow>(time, title, 76, row => row[time], formatMeasuredMs, hint),
    ),
  ];
}

/** What there is to show, as a heading. */
export function groupsTitle({ classes, tags }: GroupsAnswer): string {
  if (tags.length === 0) return 'User classes';
  return classes.length === 0 ? 'Tags' : 'User classes and tags';
}

interface GroupTablesProps {
  groups: GroupsAnswer;
  /** Whether rates of the last seconds mean something. */
  isRunning?: boolean;
}

export function GroupTables({ groups, isRunning = false }: GroupTablesProps) {
  const ofClasses = useMemo(() => groupColumns('User class', isRunning), [isRunning]);
  const ofTags = useMemo(() => groupColumns('Tag', isRunning), [isRunning]);
  if (groups.classes.length + groups.tags.length === 0)
    return (
      <EmptyState title="Requests are not counted by class.">
        They are with several User classes, and by tag with --stats-by-tag; a threshold that names a class or
        tag does it as well.
      </EmptyState>
    );
  return (
    <>
      {groups.classes.length > 0 && (
        <GroupTable id="classes" caption="Requests by User class" rows={groups.classes} columns={ofClasses} />
      )}
      {groups.tags.length > 0 && (
        <GroupTable id="tags" caption="Requests by tag" rows={groups.tags} columns={ofTags} />
      )}
    </>
  );
}

interface GroupTableProps {
  id: string;
  caption: string;
  rows: GroupRow[];
  columns: Column<GroupRow>[];
}

function GroupTable({ id, caption, rows, columns }: GroupTableProps) {
  return (
    <DataTable
      id={id}
      caption={`${caption}; times in milliseconds`}
      rows={rows}
      columns={columns}
      keyOf={row => row.name}
      searchText={row => row.name}
      initialSorting={BY_NAME}
      empty={<EmptyState title="No requests were made." />}
    />
  );
}
