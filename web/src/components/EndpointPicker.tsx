/** The choice of one endpoint, or of all together. */
import { useId } from 'react';
import type { EntryKey } from '../api/types';
import { rowKey } from '../model/rows';

/** The option that stands for all endpoints together. */
const ALL = '';

interface EndpointPickerProps {
  /** In the order in which they are offered. */
  endpoints: readonly EntryKey[];
  /** Null: all of them. */
  endpoint: EntryKey | null;
  onEndpoint: (endpoint: EntryKey | null) => void;
}

export function EndpointPicker({ endpoints, endpoint, onEndpoint }: EndpointPickerProps) {
  const id = useId();
  return (
    <div className="inline-field">
      <label htmlFor={id}>Endpoint</label>
      <select
        id={id}
        data-testid="endpoint-picker"
        value={endpoint ? rowKey(endpoint) : ALL}
        onChange={event => onEndpoint(endpoints.find(each => rowKey(each) === event.target.value) ?? null)}
      >
        <option value={ALL}>All (aggregated)</option>
        {endpoints.map(each => (
          <option key={rowKey(each)} value={rowKey(each)}>
            {`${each.method ?? ''} ${each.name}`.trim()}
          </option>
        ))}
      </select>
    </div>
  );
}
