/** The history: the list of kept runs, one of them, or several laid over each other. The address says which. */
import { useEffect, useMemo, useState } from 'react';
import { createClient } from '../../api/client';
import { baseUrl } from '../../api/page';
import { BrandMark, ThemeButton } from '../../components/Brand';
import { ThemeContext, useThemeChoice } from '../../components/theme';
import { type RunsView, viewOf } from '../../model/runs';
import { RunComparison } from './RunComparison';
import { RunList } from './RunList';
import { RunView } from './RunView';

function useAddress(): string {
  const [hash, setHash] = useState(window.location.hash);
  useEffect(() => {
    const onChange = () => setHash(window.location.hash);
    window.addEventListener('hashchange', onChange);
    return () => window.removeEventListener('hashchange', onChange);
  }, []);
  return hash;
}

function titleOf(view: RunsView): string {
  if (view.kind === 'run') return `Run ${view.run}`;
  return view.kind === 'compare' ? `Runs ${view.runs.join(', ')}` : 'Runs';
}

export function RunsPage({ version }: { version: string | undefined }) {
  const { theme, toggle } = useThemeChoice();
  const client = useMemo(() => createClient(baseUrl()), []);
  const hash = useAddress();
  const view = useMemo(() => viewOf(hash), [hash]);
  const [picked, setPicked] = useState<number[]>([]);
  useEffect(() => {
    document.title = `${titleOf(view)} · Locust`;
    window.scrollTo?.(0, 0);
  }, [view]);
  return (
    <ThemeContext value={theme}>
      <div className="page">
        <header className="top">
          <div className="top-row">
            <h1 className="brand">
              <BrandMark />
              <span className="brand-name">Runs</span>
              {version && <span className="version">{version}</span>}
            </h1>
            <div className="actions">
              {view.kind !== 'list' && (
                <a className="button" href="#list" data-testid="all-runs">
                  All runs
                </a>
              )}
              <a className="button" href={client.url('/')} data-testid="back">
                To the test
              </a>
              <ThemeButton onToggle={toggle} />
            </div>
          </div>
        </header>
        {view.kind === 'run' ? (
          <RunView key={view.run} client={client} run={view.run} />
        ) : view.kind === 'compare' ? (
          <RunComparison key={view.runs.join(',')} client={client} runs={view.runs} />
        ) : (
          <RunList client={client} picked={picked} onPicked={setPicked} />
        )}
      </div>
    </ThemeContext>
  );
}
