/** The live page's source of data: pollers of the server's routes. */
import { useEffect, useMemo, useSyncExternalStore } from 'react';
import type { Client } from '../api/client';
import type { EndpointHistory, EntryKey, HistoryPoint, Latencies, StatsUpdate } from '../api/types';
import { mergeHistory, withoutFalseZeros, withPreciseTimes } from '../model/history';
import { MAX_FRACTIONS } from '../model/percentiles';
import { applyUpdate, isActive, type Snapshot } from '../model/snapshot';
import { type Polled, Poller } from './poller';

const ACTIVE_INTERVAL_MS = 1000;
const IDLE_INTERVAL_MS = 2000;

/** Exceptions, ratios and logs are polled less often than the figures. */
export const SIDE_INTERVAL_MS = 5000;

/**
 * @param fractions returns the percentiles that the reader wants in addition to those the server always sends.
 * @param isPrecise returns whether the reader wants precise response times.
 */
export function updatesPoller(
  client: Client,
  fractions: () => readonly number[],
  isPrecise: () => boolean,
): Poller<Snapshot> {
  let asked = '';
  return new Poller<Snapshot>(
    async held => {
      const percentiles = fractions().slice(0, MAX_FRACTIONS).join(',');
      const precise = isPrecise();
      const query = new URLSearchParams();
      // Unchanged rows are not sent again, so other columns need a complete answer.
      if (held && `${precise} ${percentiles}` === asked) query.set('since', held.cursor);
      if (percentiles) query.set('percentiles', percentiles);
      if (precise) query.set('precise', '1');
      const update = await client.get<StatsUpdate>(`/stats/updates?${query}`);
      asked = `${precise} ${percentiles}`;
      return applyUpdate(
        held,
        precise ? { ...update, history: update.history.map(withPreciseTimes) } : update,
      );
    },
    snapshot => (snapshot && isActive(snapshot.state) ? ACTIVE_INTERVAL_MS : IDLE_INTERVAL_MS),
  );
}

/** Polls the history of one endpoint: all of it at first, then the points since. */
export function endpointPoller(
  client: Client,
  { name, method }: EntryKey,
  isPrecise: boolean,
): Poller<HistoryPoint[]> {
  return new Poller<HistoryPoint[]>(
    async held => {
      const query = new URLSearchParams({ name, method: method ?? '' });
      const last = held?.at(-1);
      if (last) query.set('since', last.time);
      const { history } = await client.get<EndpointHistory>(`/stats/history?${query}`);
      const points = history.map(withoutFalseZeros);
      return mergeHistory(held ?? [], isPrecise ? points.map(withPreciseTimes) : points);
    },
    () => SIDE_INTERVAL_MS,
  );
}

/** Polls the distributions over time of one endpoint, or of the whole run. */
export function latenciesPoller(client: Client, endpoint: EntryKey | null): Poller<Latencies> {
  const { name, method } = endpoint ?? { name: 'Aggregated', method: '' };
  const query = new URLSearchParams({ name, method: method ?? '' });
  return new Poller<Latencies>(
    () => client.get<Latencies>(`/stats/latencies?${query}`),
    () => IDLE_INTERVAL_MS,
  );
}

export function usePoller<Value>(poller: Poller<Value>): Polled<Value> {
  return useSyncExternalStore(poller.subscribe, poller.getState);
}

/** Polls one route while the component is mounted; polls at once when `since` changes (a reset, a new test). */
export function useRoute<Answer>(client: Client, path: string, since: unknown = null): Polled<Answer> {
  const poller = useMemo(
    () =>
      new Poller<Answer>(
        () => client.get<Answer>(path),
        () => SIDE_INTERVAL_MS,
      ),
    [client, path],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: `since` is the trigger, not an input
  useEffect(() => poller.refresh(), [poller, since]);
  return usePoller(poller);
}
