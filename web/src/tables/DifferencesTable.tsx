/** What two runs say about each endpoint, with what is certain about it. */
import type { Both, Change, Difference } from '../api/runs';
import { type Column, DataTable } from '../components/DataTable';
import { EmptyState } from '../components/EmptyState';
import { DASH, formatCount, formatMs, formatShare } from '../model/format';
import { rowKey } from '../model/rows';
import { BY_NAME, endpointColumns } from './columns';

const ARROW = ' → ';

function both(before: string, after: string): string {
  return before === after ? before : `${before}${ARROW}${after}`;
}

const counts = ({ before, after }: Both): string => both(formatCount(before), formatCount(after));

const times = (change: Change | undefined): string =>
  change ? both(formatMs(change.before), formatMs(change.after)) : DASH;

/** The share of failures of one run; null if it did not request the endpoint. */
const failed = ({ requests, failures }: Difference, run: keyof Both): number | null => {
  const all = requests[run];
  return all === null || failures[run] === null ? null : all > 0 ? failures[run] / all : 0;
};

/** "+4.5 %", "−10 %" */
export function changeText(share: number | undefined): string {
  if (share === undefined) return DASH;
  const sign = share > 0 ? '+' : share < 0 ? '−' : '';
  return `${sign}${formatShare(Math.abs(share))}`;
}

type Tone = 'worse' | 'better' | undefined;

/** Of what is certain only. */
export function toneOf({ times_ms, more_failures }: Difference): Tone {
  const certain = [times_ms.typical, times_ms['0.95']].find(change => change?.certain);
  if (more_failures || (certain && certain.change > 0)) return 'worse';
  return certain ? 'better' : undefined;
}

const COLUMNS: Column<Difference>[] = [
  ...endpointColumns<Difference>(),
  {
    id: 'finding',
    title: 'Finding',
    width: 480,
    value: row => row.finding,
    render: row => (
      <span className="finding" data-tone={toneOf(row)}>
        {row.finding}
      </span>
    ),
  },
  {
    id: 'requests',
    title: 'Requests',
    isNumber: true,
    width: 140,
    value: row => row.requests.after,
    render: row => counts(row.requests),
  },
  ...(['0.5', '0.95'] as const).flatMap((fraction): Column<Difference>[] => {
    const title = fraction === '0.5' ? 'Median' : 'p95';
    return [
      {
        id: `percentile_${fraction}`,
        title,
        isNumber: true,
        width: 182,
        value: row => row.times_ms[fraction]?.after,
        render: row => times(row.times_ms[fraction]),
      },
      {
        id: `change_${fraction}`,
        title: 'Change',
        hint: `Change of ${title}`,
        isNumber: true,
        width: 88,
        value: row => row.times_ms[fraction]?.change,
        render: row => changeText(row.times_ms[fraction]?.change),
      },
    ];
  }),
  {
    id: 'failed',
    title: 'Failed',
    isNumber: true,
    width: 132,
    value: row => failed(row, 'after'),
    render: row => both(formatShare(failed(row, 'before')), formatShare(failed(row, 'after'))),
  },
];

const searchText = (row: Difference): string => `${row.method} ${row.name} ${row.finding}`;

interface DifferencesTableProps {
  rows: readonly Difference[];
  total: Difference;
}

export function DifferencesTable({ rows, total }: DifferencesTableProps) {
  return (
    <DataTable
      id="differences"
      caption="Differences of the two runs"
      rows={rows}
      columns={COLUMNS}
      keyOf={rowKey}
      searchText={searchText}
      initialSorting={BY_NAME}
      footer={total}
      empty={<EmptyState title="Neither run made a request." />}
    />
  );
}
