/** Tabs that fetch one route while they are open: exceptions, intended starts, phases, classes, metrics and ratios. */
import type { Client } from '../api/client';
import type {
  ExceptionsAnswer,
  GroupsAnswer,
  IntendedAnswer,
  MetricsAnswer,
  PhasesAnswer,
  TaskRatios,
} from '../api/types';
import { EmptyState } from '../components/EmptyState';
import type { Polled } from '../live/poller';
import { useRoute } from '../live/source';
import { ExceptionList } from '../tables/ExceptionList';
import { GroupTables } from '../tables/GroupTables';
import { IntendedTable } from '../tables/IntendedTable';
import { MetricsTable } from '../tables/MetricsTable';
import { PhasesTable } from '../tables/PhasesTable';
import { Ratios } from '../tables/RatioTree';

interface RouteTabProps {
  client: Client;
  /** A change of this value polls at once. */
  since: unknown;
}

export function NotLoaded({ polled }: { polled: Polled<unknown> }) {
  return polled.error ? (
    <EmptyState title="This could not be loaded.">{polled.error.message}</EmptyState>
  ) : (
    <p className="loading" role="status">
      Loading…
    </p>
  );
}

export function ExceptionsTab({ client, since }: RouteTabProps) {
  const polled = useRoute<ExceptionsAnswer>(client, '/exceptions', since);
  return polled.value ? (
    <ExceptionList exceptions={polled.value.exceptions} />
  ) : (
    <NotLoaded polled={polled} />
  );
}

export function RatiosTab({ client, since }: RouteTabProps) {
  const polled = useRoute<TaskRatios>(client, '/tasks', since);
  return polled.value ? <Ratios ratios={polled.value} /> : <NotLoaded polled={polled} />;
}

export function IntendedTab({ client, since }: RouteTabProps) {
  const polled = useRoute<IntendedAnswer>(client, '/stats/intended', since);
  return polled.value ? <IntendedTable rows={polled.value.intended} /> : <NotLoaded polled={polled} />;
}

export function PhasesTab({ client, since }: RouteTabProps) {
  const polled = useRoute<PhasesAnswer>(client, '/stats/phases', since);
  return polled.value ? <PhasesTable rows={polled.value.phases} /> : <NotLoaded polled={polled} />;
}

export function ClassesTab({ client, since }: RouteTabProps) {
  const polled = useRoute<GroupsAnswer>(client, '/stats/groups', since);
  return polled.value ? <GroupTables groups={polled.value} isRunning /> : <NotLoaded polled={polled} />;
}

export function MetricsTab({ client, since }: RouteTabProps) {
  const polled = useRoute<MetricsAnswer>(client, '/stats/metrics', since);
  return polled.value ? <MetricsTable rows={polled.value.metrics} /> : <NotLoaded polled={polled} />;
}
