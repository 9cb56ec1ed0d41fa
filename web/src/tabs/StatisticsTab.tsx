/** The statistics table of the running test, with the reader's choice of percentiles. */
import { useMemo } from 'react';
import type { StatsRow } from '../api/types';
import { DataTable } from '../components/DataTable';
import { EmptyState } from '../components/EmptyState';
import { Menu } from '../components/Menu';
import { COMMON_FRACTIONS, MAX_FRACTIONS, percentileLabel } from '../model/percentiles';
import { rowKey } from '../model/rows';
import type { Snapshot } from '../model/snapshot';
import { statsColumns, statsText } from '../tables/statsColumns';

interface StatisticsTabProps {
  snapshot: Snapshot;
  fractions: readonly number[];
  onFractions: (fractions: number[]) => void;
  /** Whether response times are shown to the microsecond. */
  isPrecise: boolean;
  onPrecise: (isPrecise: boolean) => void;
  /** Opens the charts of one endpoint. */
  onEndpoint: (row: StatsRow) => void;
}

const SORTING = { column: 'name', descending: false };

export function StatisticsTab(props: StatisticsTabProps) {
  const { snapshot, fractions, onFractions, isPrecise, onPrecise, onEndpoint } = props;
  const columns = useMemo(
    () =>
      statsColumns({
        fractions,
        nameCell: row => (
          <button
            type="button"
            className="cell-link"
            title={`Charts of ${row.name}`}
            onClick={() => onEndpoint(row)}
          >
            {row.name}
          </button>
        ),
      }),
    [fractions, onEndpoint],
  );
  return (
    <DataTable
      id="statistics"
      caption="Statistics by endpoint; times in milliseconds"
      rows={snapshot.entries}
      columns={columns}
      keyOf={rowKey}
      searchText={statsText}
      initialSorting={SORTING}
      footer={snapshot.totals}
      tools={
        <>
          <PercentileChoice fractions={fractions} onFractions={onFractions} />
          <label
            className="check"
            title="From histograms that are off by at most 0.5 %, instead of buckets of two significant digits"
          >
            <input
              type="checkbox"
              data-testid="precise"
              checked={isPrecise}
              onChange={event => onPrecise(event.target.checked)}
            />
            <span>Precise times</span>
          </label>
        </>
      }
      empty={
        <EmptyState title="No requests yet.">
          The first ones appear within a second or two. If they don't, look at the logs.
        </EmptyState>
      }
    />
  );
}

interface PercentileChoiceProps {
  fractions: readonly number[];
  onFractions: (fractions: number[]) => void;
}

function PercentileChoice({ fractions, onFractions }: PercentileChoiceProps) {
  const offered = [...new Set([...COMMON_FRACTIONS, ...fractions])].sort((a, b) => a - b);
  return (
    <Menu title="Percentiles" icon="columns" testId="percentile-columns">
      <fieldset>
        <legend>Columns</legend>
        {offered.map(fraction => (
          <label key={fraction} className="check">
            <input
              type="checkbox"
              checked={fractions.includes(fraction)}
              disabled={fractions.length >= MAX_FRACTIONS && !fractions.includes(fraction)}
              onChange={event =>
                onFractions(
                  event.target.checked
                    ? [...fractions, fraction].sort((a, b) => a - b)
                    : fractions.filter(item => item !== fraction),
                )
              }
            />
            <span>{percentileLabel(fraction)}</span>
          </label>
        ))}
      </fieldset>
    </Menu>
  );
}
