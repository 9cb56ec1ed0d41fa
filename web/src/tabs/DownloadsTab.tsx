/** The downloads: CSV files and the report. */
import type { Client } from '../api/client';
import type { LiveArgs } from '../api/page';
import { Icon } from '../components/Icon';
import { useTheme } from '../components/theme';

interface Download {
  href: string;
  title: string;
  text: string;
  id: string;
}

const CSV_FILES: Download[] = [
  {
    id: 'requests',
    href: '/stats/requests/csv',
    title: 'Statistics (CSV)',
    text: 'One row per endpoint, with percentiles.',
  },
  {
    id: 'failures',
    href: '/stats/failures/csv',
    title: 'Failures (CSV)',
    text: 'One row per distinct error.',
  },
  {
    id: 'exceptions',
    href: '/exceptions/csv',
    title: 'Exceptions (CSV)',
    text: 'With tracebacks and nodes.',
  },
];

const FULL_HISTORY: Download = {
  id: 'history',
  href: '/stats/requests_full_history/csv',
  title: 'Full history (CSV)',
  text: 'Statistics of every endpoint over time.',
};

export function DownloadsTab({ client, args }: { client: Client; args: LiveArgs }) {
  const theme = useTheme();
  const files = [...CSV_FILES, ...(args.stats_history_enabled ? [FULL_HISTORY] : [])];
  const extended = (args.extended_csv_files ?? []).map(({ href, title }, index) => ({
    id: `extended-${index}`,
    href,
    title,
    text: '',
  }));
  return (
    <ul className="downloads">
      <li className="card">
        <h3>Report (HTML)</h3>
        <p>Charts, tables, failures and settings of the run in one file that opens anywhere.</p>
        <div className="download-actions">
          <a
            className="button primary"
            href={client.url(`/stats/report?download=1&theme=${theme}`)}
            download
            data-testid="download-report"
          >
            <Icon name="download" />
            Download
          </a>
          <a
            className="button"
            href={client.url(`/stats/report?theme=${theme}`)}
            target="_blank"
            rel="noreferrer"
            data-testid="view-report"
          >
            Open in a new tab
          </a>
        </div>
      </li>
      {[...files.map(file => ({ ...file, href: client.url(file.href) })), ...extended].map(file => (
        <li key={file.id} className="card">
          <h3>{file.title}</h3>
          {file.text && <p>{file.text}</p>}
          <div className="download-actions">
            <a className="button" href={file.href} download data-testid={`download-${file.id}`}>
              <Icon name="download" />
              Download
            </a>
          </div>
        </li>
      ))}
      {!args.stats_history_enabled && (
        <li className="card muted">
          <h3>Full history (CSV)</h3>
          <p>
            Start Locust with <code>--csv NAME --csv-full-history</code> to have the statistics of every
            endpoint over time as well.
          </p>
        </li>
      )}
    </ul>
  );
}
