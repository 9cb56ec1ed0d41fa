/** Charts of the whole run, or of one endpoint. */
import { useId, useMemo } from 'react';
import type { Client } from '../api/client';
import type { EndpointHistory, EntryKey } from '../api/types';
import { ChartGrid } from '../charts/ChartGrid';
import { EmptyState } from '../components/EmptyState';
import { useRoute } from '../live/source';
import { compareValues, rowKey } from '../model/rows';
import type { Snapshot } from '../model/snapshot';

interface ChartsTabProps {
  client: Client;
  snapshot: Snapshot;
  fractions: readonly number[];
  endpoint: EntryKey | null;
  onEndpoint: (endpoint: EntryKey | null) => void;
}

const NO_DATA = (
  <EmptyState title="Nothing to draw yet.">
    The course of the run appears here some seconds after the test has started.
  </EmptyState>
);

export function ChartsTab({ client, snapshot, fractions, endpoint, onEndpoint }: ChartsTabProps) {
  const picker = <EndpointPicker snapshot={snapshot} endpoint={endpoint} onEndpoint={onEndpoint} />;
  if (endpoint) {
    return (
      <EndpointCharts
        key={rowKey(endpoint)}
        client={client}
        endpoint={endpoint}
        fractions={fractions}
        picker={picker}
        since={snapshot.state}
      />
    );
  }
  if (snapshot.history.length === 0) {
    return (
      <>
        <div className="toolbar">{picker}</div>
        {NO_DATA}
      </>
    );
  }
  return <ChartGrid history={snapshot.history} fractions={fractions} tools={picker} />;
}

interface EndpointChartsProps {
  client: Client;
  endpoint: EntryKey;
  fractions: readonly number[];
  picker: React.ReactNode;
  since: unknown;
}

function EndpointCharts({ client, endpoint, fractions, picker, since }: EndpointChartsProps) {
  const query = new URLSearchParams({ name: endpoint.name, method: endpoint.method ?? '' });
  const { value, error } = useRoute<EndpointHistory>(client, `/stats/history?${query}`, since);
  if (value && value.history.length > 0) {
    return <ChartGrid history={value.history} fractions={fractions} tools={picker} />;
  }
  return (
    <>
      <div className="toolbar">{picker}</div>
      {error && !value ? (
        <EmptyState title="The charts of this endpoint could not be loaded.">{error.message}</EmptyState>
      ) : (
        NO_DATA
      )}
    </>
  );
}

/** The option that stands for all endpoints together. */
const ALL = '';

interface EndpointPickerProps {
  snapshot: Snapshot;
  endpoint: EntryKey | null;
  onEndpoint: (endpoint: EntryKey | null) => void;
}

function EndpointPicker({ snapshot, endpoint, onEndpoint }: EndpointPickerProps) {
  const id = useId();
  const { entries } = snapshot;
  const sorted = useMemo(() => [...entries].sort((a, b) => compareValues(a.name, b.name, false)), [entries]);
  return (
    <div className="inline-field">
      <label htmlFor={id}>Endpoint</label>
      <select
        id={id}
        data-testid="endpoint-picker"
        value={endpoint ? rowKey(endpoint) : ALL}
        onChange={event => onEndpoint(sorted.find(row => rowKey(row) === event.target.value) ?? null)}
      >
        <option value={ALL}>All (aggregated)</option>
        {sorted.map(row => (
          <option key={rowKey(row)} value={rowKey(row)}>
            {`${row.method ?? ''} ${row.name}`.trim()}
          </option>
        ))}
      </select>
    </div>
  );
}
