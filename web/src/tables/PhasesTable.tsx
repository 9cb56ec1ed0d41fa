/** Where the time of the requests went: a row per endpoint, a column per phase. */
import { useMemo, useState } from 'react';
import type { PhaseName, PhaseRow } from '../api/types';
import type { Column } from '../components/DataTable';
import { EmptyState } from '../components/EmptyState';
import { Segments } from '../components/Segments';
import { DASH, formatBytes, formatCount, formatFixed, formatShort } from '../model/format';
import { endpointColumns, numberColumn } from './columns';
import { EndpointTable } from './EndpointTable';

type Measure = 'avg' | 'max';

const MEASURES: readonly { value: Measure; title: string }[] = [
  { value: 'avg', title: 'Average' },
  { value: 'max', title: 'Maximum' },
];

const PHASES: readonly { name: PhaseName; title: string; hint: string }[] = [
  { name: 'queue', title: 'Queue', hint: 'Waiting for a connection of the client' },
  { name: 'resolve', title: 'Lookup', hint: 'Name resolution, where a connection was opened' },
  { name: 'connect', title: 'Connect', hint: 'TCP, where a connection was opened' },
  { name: 'tls', title: 'TLS', hint: 'Tunnel and handshake, where a connection was opened' },
  { name: 'send', title: 'Send', hint: 'Until the last byte was handed to the system' },
  { name: 'first_byte', title: 'First byte', hint: 'From there to the first byte of the response' },
  { name: 'last_byte', title: 'Last byte', hint: 'From the first byte of the response to the last' },
];

/** Phases of some microseconds are common, so zero is zero here. */
const formatPhase = (value: number | null): string =>
  value === null ? DASH : value < 1 ? formatFixed(value, 3) : formatShort(value);

const countColumn = (
  id: keyof PhaseRow & ('requests' | 'connections_opened' | 'connections_reused' | 'retries'),
  title: string,
  hint: string,
): Column<PhaseRow> => numberColumn(id, title, 74, row => row[id], formatCount, hint);

const bytesColumn = (id: 'bytes_sent' | 'bytes_received', title: string, hint: string): Column<PhaseRow> =>
  numberColumn(id, title, 86, row => row[id], formatBytes, hint);

function phaseColumns(measure: Measure): Column<PhaseRow>[] {
  return [
    ...endpointColumns<PhaseRow>(),
    countColumn('requests', 'Requests', 'Requests that told their phases'),
    countColumn('connections_opened', 'Opened', 'Connections opened'),
    countColumn('connections_reused', 'Reused', 'Requests on a connection that had served before'),
    countColumn('retries', 'Retries', 'Requests sent again because an idle connection had been closed'),
    bytesColumn('bytes_sent', 'Sent', 'Bytes sent, heads included'),
    bytesColumn('bytes_received', 'Received', 'Bytes received, heads included'),
    ...PHASES.map(({ name, title, hint }): Column<PhaseRow> => {
      const value = (row: PhaseRow) => (row[name].count > 0 ? row[name][measure] : null);
      return {
        id: name,
        title,
        hint: `${hint}, in milliseconds`,
        isNumber: true,
        width: 78,
        value,
        render: row => formatPhase(value(row)),
      };
    }),
  ];
}

export function PhasesTable({ rows }: { rows: readonly PhaseRow[] }) {
  const [measure, setMeasure] = useState<Measure>('avg');
  const columns = useMemo(() => phaseColumns(measure), [measure]);
  return (
    <EndpointTable
      id="phases"
      caption="Phases of the requests by endpoint, in milliseconds"
      rows={rows}
      columns={columns}
      tools={
        <Segments
          legend="Times in the table"
          options={MEASURES}
          chosen={measure}
          onChoose={setMeasure}
          testId="phase-measure"
          className="segments no-print"
        />
      }
      empty={
        <EmptyState title="No phases yet.">
          Requests of HttpUser and FastHttpUser tell them, if the engine sends them.
        </EmptyState>
      }
    />
  );
}
