/** The header, which is always visible: what runs, its figures, and the actions. */
import type { ReactNode } from 'react';
import { BrandMark, ThemeButton } from '../../components/Brand';
import { Metrics } from '../../components/Metrics';
import type { Snapshot } from '../../model/snapshot';
import { liveMetrics } from './liveMetrics';

interface HeaderProps {
  snapshot: Snapshot | null;
  /** Whether the figures are old, because the server does not answer. */
  isStale: boolean;
  version: string | undefined;
  /** The address of the page with the kept runs. */
  runsUrl: string;
  actions: ReactNode;
  onToggleTheme: () => void;
}

const shownState = ({ state, paused }: Snapshot): string => (paused ? 'paused' : state);

export function Header({ snapshot, isStale, version, runsUrl, actions, onToggleTheme }: HeaderProps) {
  return (
    <header className="top">
      <div className="top-row">
        <h1 className="brand">
          <BrandMark />
          <span className="brand-name">Locust</span>
          {version && <span className="version">{version}</span>}
        </h1>
        {snapshot && (
          <span
            className="state"
            data-state={snapshot.state}
            data-paused={snapshot.paused || undefined}
            data-testid="state"
            role="status"
          >
            {isStale ? `${shownState(snapshot)}, when last heard of` : shownState(snapshot)}
          </span>
        )}
        {snapshot?.host && (
          <span className="host" title={snapshot.host} data-testid="host">
            {snapshot.host}
          </span>
        )}
        {snapshot && snapshot.worker_count > 0 && (
          <span className="host" data-testid="worker-count">
            {snapshot.worker_count} {snapshot.worker_count === 1 ? 'worker' : 'workers'}
          </span>
        )}
        <div className="actions">
          {actions}
          <a className="button quiet" href={runsUrl} data-testid="runs">
            Runs
          </a>
          <ThemeButton onToggle={onToggleTheme} />
        </div>
      </div>
      {snapshot && <Metrics metrics={liveMetrics(snapshot)} />}
    </header>
  );
}
