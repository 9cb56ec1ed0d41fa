/** The tabs of the live page. */
import type { Client } from '../../api/client';
import type { LiveArgs } from '../../api/page';
import type { EntryKey } from '../../api/types';
import { GeneratorFigures } from '../../components/GeneratorFigures';
import { type Tab, Tabs } from '../../components/Tabs';
import { formatCount } from '../../model/format';
import type { Outcome } from '../../model/outcomes';
import type { Snapshot } from '../../model/snapshot';
import { ClassesTable } from '../../tables/ClassesTable';
import { ChartsTab } from '../../tabs/ChartsTab';
import { DownloadsTab } from '../../tabs/DownloadsTab';
import { ExtendedTab } from '../../tabs/ExtendedTab';
import { FailuresTab } from '../../tabs/FailuresTab';
import { LogsTab } from '../../tabs/LogsTab';
import {
  ClassesTab,
  ExceptionsTab,
  IntendedTab,
  MetricsTab,
  PhasesTab,
  RatiosTab,
} from '../../tabs/RouteTabs';
import { StatisticsTab } from '../../tabs/StatisticsTab';
import { WorkersTab } from '../../tabs/WorkersTab';

interface LiveTabsProps {
  client: Client;
  args: LiveArgs;
  snapshot: Snapshot;
  open: string;
  onOpen: (id: string) => void;
  fractions: readonly number[];
  onFractions: (fractions: number[]) => void;
  isPrecise: boolean;
  onPrecise: (isPrecise: boolean) => void;
  outcome: Outcome;
  onOutcome: (outcome: Outcome) => void;
  /** The endpoint whose charts are shown; null for the whole run. */
  endpoint: EntryKey | null;
  onEndpoint: (endpoint: EntryKey | null) => void;
  onOpenEndpoint: (endpoint: EntryKey) => void;
}

const DEFAULT_CHART_FRACTIONS = [0.5, 0.95];

const hasWorkers = (args: LiveArgs): boolean => Boolean(args.is_distributed);

export function tabIds(args: LiveArgs): string[] {
  return [
    'statistics',
    'charts',
    ...(args.intended_start ? ['intended'] : []),
    'phases',
    'classes',
    'metrics',
    'failures',
    'exceptions',
    'ratios',
    ...(hasWorkers(args) ? ['workers'] : []),
    'generator',
    'logs',
    'downloads',
    ...(args.extended_tabs ?? []).map(tab => tab.key),
  ];
}

const badge = (count: number): string | null => (count > 0 ? formatCount(count) : null);

export function LiveTabs(props: LiveTabsProps) {
  const { client, args, snapshot, open, onOpen } = props;
  const chartFractions = args.percentiles_to_chart ?? DEFAULT_CHART_FRACTIONS;
  const tabs: Tab[] = [
    {
      id: 'statistics',
      title: 'Statistics',
      panel: () => (
        <StatisticsTab
          client={client}
          snapshot={snapshot}
          fractions={props.fractions}
          onFractions={props.onFractions}
          isPrecise={props.isPrecise}
          onPrecise={props.onPrecise}
          outcome={props.outcome}
          onOutcome={props.onOutcome}
          onEndpoint={props.onOpenEndpoint}
        />
      ),
    },
    {
      id: 'charts',
      title: 'Charts',
      panel: () => (
        <ChartsTab
          client={client}
          snapshot={snapshot}
          fractions={chartFractions}
          isPrecise={props.isPrecise}
          endpoint={props.endpoint}
          onEndpoint={props.onEndpoint}
        />
      ),
    },
    ...(args.intended_start
      ? [
          {
            id: 'intended',
            title: 'Intended starts',
            panel: () => <IntendedTab client={client} since={snapshot.generation} />,
          },
        ]
      : []),
    {
      id: 'phases',
      title: 'Phases',
      panel: () => <PhasesTab client={client} since={snapshot.generation} />,
    },
    {
      id: 'classes',
      title: 'Classes',
      panel: () => (
        <>
          {args.has_classes && <ClassesTable rows={snapshot.classes ?? []} />}
          <ClassesTab client={client} since={snapshot.generation} />
        </>
      ),
    },
    {
      id: 'metrics',
      title: 'Metrics',
      panel: () => <MetricsTab client={client} since={snapshot.generation} />,
    },
    {
      id: 'failures',
      title: 'Failures',
      badge: badge(snapshot.errors.length),
      tone: 'bad',
      panel: () => <FailuresTab client={client} errors={snapshot.errors} />,
    },
    {
      id: 'exceptions',
      title: 'Exceptions',
      badge: badge(snapshot.exception_count),
      tone: 'bad',
      panel: () => <ExceptionsTab client={client} since={snapshot.exception_count} />,
    },
    {
      id: 'ratios',
      title: 'Current ratio',
      panel: () => <RatiosTab client={client} since={snapshot.state} />,
    },
    ...(hasWorkers(args)
      ? [
          {
            id: 'workers',
            title: 'Workers',
            badge: badge(snapshot.worker_count),
            panel: () => <WorkersTab workers={snapshot.workers} />,
          },
        ]
      : []),
    {
      id: 'generator',
      title: 'Generator',
      panel: () => <GeneratorFigures health={snapshot.generator_health} />,
    },
    { id: 'logs', title: 'Logs', panel: () => <LogsTab client={client} /> },
    { id: 'downloads', title: 'Download data', panel: () => <DownloadsTab client={client} args={args} /> },
    ...(args.extended_tabs ?? []).map(({ key, title }) => ({
      id: key,
      title,
      panel: () => (
        <ExtendedTab
          client={client}
          title={title}
          tables={(args.extended_tables ?? []).filter(table => table.key === key)}
        />
      ),
    })),
  ];
  return <Tabs tabs={tabs} open={open} onOpen={onOpen} label="Views of the test" />;
}
