/** Logs of the master (or the only process) and of each worker. */
import { useDeferredValue, useEffect, useId, useMemo, useRef, useState } from 'react';
import type { Client } from '../api/client';
import type { LogsAnswer } from '../api/types';
import { EmptyState } from '../components/EmptyState';
import { Icon } from '../components/Icon';
import { useRoute } from '../live/source';
import { formatCount } from '../model/format';
import { filterLog, LEVELS, type Level, parseLog } from '../model/logs';
import { NotLoaded } from './RouteTabs';

/** A reader within this distance of the end is assumed to follow the log. */
const NEAR_END_PX = 40;

export function LogsTab({ client }: { client: Client }) {
  const polled = useRoute<LogsAnswer>(client, '/logs');
  return polled.value ? <Logs logs={polled.value} /> : <NotLoaded polled={polled} />;
}

export function Logs({ logs }: { logs: LogsAnswer }) {
  const [node, setNode] = useState<string | null>(null);
  const [lowest, setLowest] = useState<Level>('DEBUG');
  const [query, setQuery] = useState('');
  const searched = useDeferredValue(query);
  const ids = { node: useId(), level: useId() };
  const workers = Object.keys(logs.workers ?? {}).sort();
  const source = node === null ? logs.master : (logs.workers[node] ?? []);
  const lines = useMemo(() => parseLog(source), [source]);
  const shown = useMemo(() => filterLog(lines, lowest, searched), [lines, lowest, searched]);

  const view = useRef<HTMLElement>(null);
  const follows = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: new lines move the end
  useEffect(() => {
    const element = view.current;
    if (element && follows.current) element.scrollTop = element.scrollHeight;
  }, [shown]);

  return (
    <div className="logs">
      <div className="toolbar">
        <div className="search">
          <Icon name="search" />
          <input
            type="search"
            placeholder="Search"
            aria-label="Search the log"
            data-testid="filter-logs"
            value={query}
            onChange={event => setQuery(event.target.value)}
          />
        </div>
        {workers.length > 0 && (
          <div className="inline-field">
            <label htmlFor={ids.node}>Node</label>
            <select id={ids.node} value={node ?? ''} onChange={event => setNode(event.target.value || null)}>
              <option value="">master</option>
              {workers.map(worker => (
                <option key={worker}>{worker}</option>
              ))}
            </select>
          </div>
        )}
        <div className="inline-field">
          <label htmlFor={ids.level}>Level</label>
          <select id={ids.level} value={lowest} onChange={event => setLowest(event.target.value as Level)}>
            {LEVELS.map(level => (
              <option key={level} value={level}>
                {level === 'DEBUG'
                  ? 'all'
                  : `${level.toLowerCase()}${level === 'CRITICAL' ? '' : ' and worse'}`}
              </option>
            ))}
          </select>
        </div>
        <span className="count" role="status">
          {shown.length === lines.length
            ? `${formatCount(lines.length)} lines`
            : `${formatCount(shown.length)} of ${formatCount(lines.length)} lines`}
        </span>
      </div>
      {lines.length === 0 ? (
        <EmptyState title="No log lines.">
          Nothing has been logged by this node since the last start, or it runs with{' '}
          <code>--skip-log-setup</code>.
        </EmptyState>
      ) : (
        <section
          className="log-view"
          ref={view}
          tabIndex={0}
          aria-label="Log lines"
          data-testid="log-lines"
          onScroll={event => {
            const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
            follows.current = scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
          }}
        >
          {shown.length === 0 ? (
            <EmptyState title="No line matches.">
              Search for something else or include more levels.
            </EmptyState>
          ) : (
            <ol>
              {shown.map((line, index) => (
                <li key={index} data-level={line.level}>
                  {line.text}
                </li>
              ))}
            </ol>
          )}
        </section>
      )}
    </div>
  );
}
