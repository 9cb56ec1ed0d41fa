/** The figures that are always visible, on the live page and at the top of the report. */
import type { ReactNode } from 'react';

export interface Metric {
  /** Also the test id: `metric-<id>`. */
  id: string;
  label: string;
  value: string;
  /** A target of the value, or a second figure. */
  detail?: ReactNode;
  /** Whether the detail is hidden if there is little room. */
  isDetailMinor?: boolean;
  tone?: 'bad' | 'plain';
  /** Progress, from 0 to 1. */
  progress?: number | null;
}

export function Metrics({ metrics }: { metrics: Metric[] }) {
  return (
    <dl className="metrics">
      {metrics.map(({ id, label, value, detail, isDetailMinor, tone = 'plain', progress = null }) => (
        <div key={id} className="metric" data-tone={tone}>
          <dt>{label}</dt>
          <dd>
            <span className="metric-value" data-testid={`metric-${id}`}>
              {value}
            </span>
            {detail && (
              <span className="metric-detail" data-minor={isDetailMinor || undefined}>
                {detail}
              </span>
            )}
            {progress !== null && (
              <svg
                className="metric-progress"
                viewBox="0 0 100 2"
                preserveAspectRatio="none"
                aria-hidden="true"
              >
                <rect width={Math.min(1, Math.max(0, progress)) * 100} height="2" />
              </svg>
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}
