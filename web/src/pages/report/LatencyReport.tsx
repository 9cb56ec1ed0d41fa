/** Response times over time, of the whole run or of an endpoint that the reader picks. */
import { useId, useState } from 'react';
import type { Latencies } from '../../api/types';
import { HeatMap } from '../../charts/HeatMap';

const titleOf = ({ name, method }: Latencies): string =>
  name === 'Aggregated' && !method ? 'All (aggregated)' : `${method ?? ''} ${name}`.trim();

export function LatencyReport({ latencies }: { latencies: readonly Latencies[] }) {
  const id = useId();
  const [picked, setPicked] = useState(0);
  const shown = latencies[picked];
  return (
    <>
      <div className="toolbar no-print">
        <div className="inline-field">
          <label htmlFor={id}>Endpoint</label>
          <select
            id={id}
            data-testid="latency-picker"
            value={picked}
            onChange={event => setPicked(Number(event.target.value))}
          >
            {latencies.map((each, index) => (
              <option key={titleOf(each)} value={index}>
                {titleOf(each)}
              </option>
            ))}
          </select>
        </div>
      </div>
      {shown && <HeatMap latencies={shown} />}
    </>
  );
}
