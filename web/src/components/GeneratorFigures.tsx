/** How the load generator itself is doing: what it uses of what it has, and how late it is. */
import type { GeneratorHealth } from '../api/types';
import { DASH, formatCount, formatFixed, formatMs, formatShare } from '../model/format';
import { EmptyState } from './EmptyState';

const usedOf = (used: number | null | undefined, most: number | null | undefined): string =>
  most === null || most === undefined ? formatCount(used) : `${formatCount(used)} of ${formatCount(most)}`;

const figuresOf = (health: GeneratorHealth): [string, string, string][] => [
  [
    'CPU',
    health.cpu_usage === null ? DASH : `${formatFixed(health.cpu_usage, 0)} %`,
    'Of one core, last second',
  ],
  ['Event loop late by', formatMs(health.hub_lag_ms), 'On average, last second'],
  ['Response times too long by', formatShare(health.inflation), 'On average, this run'],
  ['Late starts', formatCount(health.late_starts), 'Timers more than 10 ms late, this run'],
  ['Open descriptors', usedOf(health.open_files, health.most_open_files), 'Of this process'],
  ['Local ports', usedOf(health.local_ports, health.most_local_ports), 'TCP sockets of this machine'],
  [
    'Starts missed',
    usedOf(health.starts_missed, health.starts_meant),
    `Of paced users and arrivals, this run; ${formatCount(health.starts_late)} late`,
  ],
  ["Workers' reports waiting", formatCount(health.queue_length), 'Not yet dealt with by the master'],
];

export function GeneratorFigures({ health }: { health: GeneratorHealth | null }) {
  if (!health) return <EmptyState title="Nothing is known yet.">The figures come once a second.</EmptyState>;
  return (
    <dl className="facts generator-facts" data-testid="generator-figures">
      {figuresOf(health).map(([name, value, meaning]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            {value} <span className="count">{meaning}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}
