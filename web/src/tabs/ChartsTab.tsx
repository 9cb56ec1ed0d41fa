/** Charts of the whole run, or of one endpoint. */
import { useMemo, useState } from 'react';
import type { Client } from '../api/client';
import type { EntryKey, Threshold } from '../api/types';
import { ChartGrid } from '../charts/ChartGrid';
import { HeatMap } from '../charts/HeatMap';
import { EmptyState } from '../components/EmptyState';
import { EndpointPicker } from '../components/EndpointPicker';
import { endpointPoller, latenciesPoller, usePoller } from '../live/source';
import { compareValues, rowKey } from '../model/rows';
import type { Snapshot } from '../model/snapshot';

interface ChartsTabProps {
  client: Client;
  snapshot: Snapshot;
  fractions: readonly number[];
  isPrecise: boolean;
  endpoint: EntryKey | null;
  onEndpoint: (endpoint: EntryKey | null) => void;
}

const NO_DATA = (
  <EmptyState title="Nothing to draw yet.">
    The course of the run appears here some seconds after the test has started.
  </EmptyState>
);

export function ChartsTab(props: ChartsTabProps) {
  const { client, snapshot, endpoint } = props;
  return (
    <>
      <LineCharts {...props} />
      <LatencyMap
        key={`${endpoint ? rowKey(endpoint) : ''}|${snapshot.generation}`}
        client={client}
        endpoint={endpoint}
      />
    </>
  );
}

function LatencyMap({ client, endpoint }: { client: Client; endpoint: EntryKey | null }) {
  const [poller] = useState(() => latenciesPoller(client, endpoint));
  const { value } = usePoller(poller);
  return value && value.columns.length > 0 ? <HeatMap latencies={value} /> : null;
}

function LineCharts({ client, snapshot, fractions, isPrecise, endpoint, onEndpoint }: ChartsTabProps) {
  const { entries } = snapshot;
  const sorted = useMemo(() => [...entries].sort((a, b) => compareValues(a.name, b.name, false)), [entries]);
  const picker = <EndpointPicker endpoints={sorted} endpoint={endpoint} onEndpoint={onEndpoint} />;
  if (endpoint) {
    return (
      <EndpointCharts
        key={`${rowKey(endpoint)}|${snapshot.generation}|${isPrecise}`}
        client={client}
        endpoint={endpoint}
        fractions={fractions}
        isPrecise={isPrecise}
        thresholds={snapshot.thresholds}
        picker={picker}
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
  return (
    <ChartGrid
      history={snapshot.history}
      fractions={fractions}
      thresholds={snapshot.thresholds}
      tools={picker}
    />
  );
}

interface EndpointChartsProps {
  client: Client;
  endpoint: EntryKey;
  fractions: readonly number[];
  isPrecise: boolean;
  thresholds: readonly Threshold[] | undefined;
  picker: React.ReactNode;
}

function EndpointCharts(props: EndpointChartsProps) {
  const { client, endpoint, fractions, isPrecise, thresholds, picker } = props;
  const [poller] = useState(() => endpointPoller(client, endpoint, isPrecise));
  const { value, error } = usePoller(poller);
  if (value && value.length > 0) {
    return <ChartGrid history={value} fractions={fractions} thresholds={thresholds} tools={picker} />;
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
