/** The statistics table of the running test, with the reader's choice of percentiles. */
import { useMemo, useState } from 'react';
import type { Client } from '../api/client';
import type { StatsRow } from '../api/types';
import { DataTable } from '../components/DataTable';
import { EmptyState } from '../components/EmptyState';
import { Menu } from '../components/Menu';
import { Segments } from '../components/Segments';
import { OUTCOMES, type Outcome, rowOf, rowsOf } from '../model/outcomes';
import { COMMON_FRACTIONS, MAX_FRACTIONS, percentileLabel } from '../model/percentiles';
import { isAggregated, rowKey } from '../model/rows';
import type { Snapshot } from '../model/snapshot';
import { BY_NAME } from '../tables/columns';
import { statsColumns, statsText } from '../tables/statsColumns';
import { EvidenceDialog } from './EvidenceDialog';

interface StatisticsTabProps {
  client: Client;
  snapshot: Snapshot;
  fractions: readonly number[];
  onFractions: (fractions: number[]) => void;
  /** Whether response times are shown to the microsecond. */
  isPrecise: boolean;
  onPrecise: (isPrecise: boolean) => void;
  /** Which requests are shown. */
  outcome: Outcome;
  onOutcome: (outcome: Outcome) => void;
  /** Opens the charts of one endpoint. */
  onEndpoint: (row: StatsRow) => void;
}

export function StatisticsTab(props: StatisticsTabProps) {
  const { snapshot, fractions, onFractions, isPrecise, onPrecise, outcome, onEndpoint } = props;
  const rows = useMemo(() => rowsOf(snapshot.entries, outcome), [snapshot.entries, outcome]);
  const totals = rowOf(snapshot.totals, outcome);
  const [slowest, setSlowest] = useState<StatsRow | null>(null);
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
        maxCell: (row, time) =>
          isAggregated(row) || row.num_requests === 0 ? (
            time
          ) : (
            <button
              type="button"
              className="cell-link"
              title={`Slowest requests of ${row.name}`}
              onClick={() => setSlowest(row)}
            >
              {time}
            </button>
          ),
      }),
    [fractions, onEndpoint],
  );
  return (
    <>
      {slowest && (
        <EvidenceDialog
          client={props.client}
          title={`Slowest requests: ${slowest.method ?? ''} ${slowest.name}`}
          of={{ method: slowest.method ?? '', name: slowest.name }}
          onClose={() => setSlowest(null)}
        />
      )}
      <DataTable
        id="statistics"
        caption="Statistics by endpoint; times in milliseconds"
        rows={rows}
        columns={columns}
        keyOf={rowKey}
        searchText={statsText}
        initialSorting={BY_NAME}
        {...(totals ? { footer: totals } : {})}
        tools={
          <>
            <Segments
              legend="Requests in the table"
              options={OUTCOMES}
              chosen={outcome}
              onChoose={props.onOutcome}
              testId="outcome"
            />
            <PercentileChoice fractions={fractions} onFractions={onFractions} />
            <label
              className="check"
              title={
                outcome === 'all'
                  ? 'From histograms that are off by at most 0.5 %, instead of buckets of two significant digits'
                  : 'Successes and failures apart are always precise'
              }
            >
              <input
                type="checkbox"
                data-testid="precise"
                checked={isPrecise || outcome !== 'all'}
                disabled={outcome !== 'all'}
                onChange={event => onPrecise(event.target.checked)}
              />
              <span>Precise times</span>
            </label>
          </>
        }
        empty={
          outcome !== 'all' && snapshot.entries.length > 0 ? (
            <EmptyState title={`No request has ${outcome}.`} />
          ) : (
            <EmptyState title="No requests yet.">
              The first ones appear within a second or two. If they don't, look at the logs.
            </EmptyState>
          )
        }
      />
    </>
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
