/** Requests by User class, and by the tags of their tasks: a row for each. */
import { useMemo } from 'react';
import type { GroupRow, GroupsAnswer } from '../api/types';
import { type Column, DataTable } from '../components/DataTable';
import { EmptyState } from '../components/EmptyState';
import { formatCount, formatFixed, formatMeasuredMs, formatShare } from '../model/format';

type Time = 'average' | '0.5' | '0.95' | '0.99' | 'max';

const TIMES: readonly { time: Time; title: string; hint: string }[] = [
  { time: 'average', title: 'Average', hint: 'Mean response time in milliseconds' },
  { time: '0.5', title: 'Median', hint: 'Half of the requests took at most this, in milliseconds' },
  { time: '0.95', title: '95%', hint: '95 % of the requests took at most this, in milliseconds' },
  { time: '0.99', title: '99%', hint: '99 % of the requests took at most this, in milliseconds' },
  { time: 'max', title: 'Max', hint: 'Longest response time in milliseconds' },
];

const count = (id: 'requests' | 'failures', title: string): Column<GroupRow> => ({
  id,
  title,
  isNumber: true,
  width: 92,
  value: row => row[id],
  render: row => formatCount(row[id]),
});

const rate = (id: 'current_rate' | 'rate', title: string, hint: string): Column<GroupRow> => ({
  id,
  title,
  hint,
  isNumber: true,
  width: 86,
  value: row => row[id],
  render: row => formatFixed(row[id], 1),
});

function groupColumns(title: string, isRunning: boolean): Column<GroupRow>[] {
  return [
    { id: 'name', title, value: row => row.name },
    count('requests', 'Requests'),
    count('failures', 'Fails'),
    {
      id: 'fail_ratio',
      title: 'Fail %',
      hint: 'Share of the requests that failed',
      isNumber: true,
      width: 80,
      value: row => row.fail_ratio,
      render: row => formatShare(row.fail_ratio),
    },
    ...(isRunning ? [rate('current_rate', 'Req/s now', 'Requests per second of the last seconds')] : []),
    rate('rate', 'Req/s', 'Requests per second of the run'),
    ...TIMES.map(
      ({ time, title, hint }): Column<GroupRow> => ({
        id: time,
        title,
        hint,
        isNumber: true,
        width: 76,
        value: row => row[time],
        render: row => formatMeasuredMs(row[time]),
      }),
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
      initialSorting={{ column: 'name', descending: false }}
      empty={<EmptyState title="No requests were made." />}
    />
  );
}
