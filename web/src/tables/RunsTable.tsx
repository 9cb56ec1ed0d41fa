/** The kept runs, each with its figures and how they went; some can be picked to be compared. */
import { useMemo } from 'react';
import type { RunLine } from '../api/runs';
import { type Column, DataTable } from '../components/DataTable';
import { Sparkline } from '../components/Sparkline';
import {
  formatCount,
  formatDuration,
  formatMinute,
  formatMs,
  formatRate,
  formatShare,
} from '../model/format';
import { canPick, runAddress, runTitle } from '../model/runs';
import { numberColumn } from './columns';

const SORTING = { column: 'started', descending: true };

const keyOf = ({ number }: RunLine): string => String(number);

function columnsOf(picked: readonly number[], onPick: (run: number) => void): Column<RunLine>[] {
  return [
    {
      id: 'pick',
      title: 'Pick',
      hint: 'Runs to compare, five at most',
      width: 56,
      value: line => (picked.includes(line.number) ? 0 : 1),
      render: line => (
        <input
          type="checkbox"
          aria-label={`Pick ${runTitle(line)}`}
          checked={picked.includes(line.number)}
          disabled={!canPick(line, picked)}
          onChange={() => onPick(line.number)}
        />
      ),
    },
    {
      id: 'name',
      title: 'Run',
      width: 130,
      value: line => line.number,
      render: line => (
        <a href={runAddress(line.number)} title={runTitle(line)}>
          {line.number}
          {line.tag && <span className="run-tag">{line.tag}</span>}
        </a>
      ),
    },
    {
      id: 'started',
      title: 'Started',
      width: 178,
      value: line => line.started_s,
      render: line => formatMinute(line.started_s),
    },
    {
      id: 'verdict',
      title: 'Result',
      width: 86,
      value: line => line.verdict,
      render: line => (
        <span className="verdict" data-verdict={line.verdict} title={line.problem || undefined}>
          {line.problem ? 'damaged' : line.verdict}
        </span>
      ),
    },
    numberColumn('duration', 'Length', 76, line => line.summary?.duration_s, formatDuration),
    numberColumn('requests', 'Requests', 92, line => line.summary?.requests, formatCount),
    numberColumn('failed', 'Failed', 76, line => line.summary?.fail_ratio, formatShare),
    numberColumn('rate', 'Rate', 86, line => line.summary?.rate, formatRate),
    chart('rates', 'Rate over time', '--series-ok', line => line.summary?.rates),
    numberColumn('median', 'Median', 86, line => line.summary?.median_ms, formatMs),
    numberColumn('p95', 'p95', 86, line => line.summary?.p95_ms, formatMs),
    chart('p95s', 'p95 over time', '--series-2', line => line.summary?.p95s_ms),
    { id: 'locustfile', title: 'Locustfile', width: 140, value: line => line.locustfile },
    { id: 'profile', title: 'Profile', width: 100, value: line => line.profile },
    { id: 'note', title: 'Note', value: line => line.note },
  ];
}

function chart(
  id: string,
  title: string,
  color: string,
  values: (line: RunLine) => (number | null)[] | undefined,
): Column<RunLine> {
  const most = (line: RunLine) => Math.max(...(values(line) ?? []).map(value => value ?? 0), 0);
  return {
    id,
    title,
    hint: `${title}; sorts by the highest value`,
    width: 124,
    value: most,
    render: line => (
      <Sparkline values={values(line) ?? []} color={color} label={`${title} of ${runTitle(line)}`} />
    ),
  };
}

interface RunsTableProps {
  lines: readonly RunLine[];
  picked: readonly number[];
  onPick: (run: number) => void;
  tools: React.ReactNode;
  empty: React.ReactNode;
}

export function RunsTable({ lines, picked, onPick, tools, empty }: RunsTableProps) {
  const columns = useMemo(() => columnsOf(picked, onPick), [picked, onPick]);
  return (
    <DataTable
      id="runs"
      caption="Kept runs"
      rows={lines}
      columns={columns}
      keyOf={keyOf}
      initialSorting={SORTING}
      tools={tools}
      empty={empty}
    />
  );
}
