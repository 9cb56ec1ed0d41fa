/** A run as a report shows it: figures, charts, tables. Also what an opened run of the history consists of. */
import { useMemo } from 'react';
import type { ReportArgs, ResponseTimeRow } from '../../api/page';
import { ChartGrid } from '../../charts/ChartGrid';
import { type Column, DataTable } from '../../components/DataTable';
import { EmptyState } from '../../components/EmptyState';
import { GeneratorFigures } from '../../components/GeneratorFigures';
import { HealthBanner } from '../../components/HealthBanner';
import { Metrics } from '../../components/Metrics';
import { ThresholdList } from '../../components/ThresholdList';
import { formatMeasuredMs, formatResponseTime } from '../../model/format';
import { errorKey, rowKey } from '../../model/rows';
import { ClassesTable } from '../../tables/ClassesTable';
import { BY_NAME } from '../../tables/columns';
import { EvidenceGroups } from '../../tables/EvidenceGroups';
import { ExceptionList } from '../../tables/ExceptionList';
import { FailuresTable } from '../../tables/FailuresTable';
import { GroupTables, groupsTitle } from '../../tables/GroupTables';
import { IntendedTable } from '../../tables/IntendedTable';
import { MetricsTable } from '../../tables/MetricsTable';
import { PhasesTable } from '../../tables/PhasesTable';
import { Ratios } from '../../tables/RatioTree';
import { outcomeColumns, statsColumns, statsText } from '../../tables/statsColumns';
import { LatencyReport } from './LatencyReport';
import { reportFacts, reportMetrics, reportOf, responseTimeHint, responseTimeTitle } from './reportModel';

export function ReportBody({ args }: { args: ReportArgs }) {
  const report = useMemo(() => reportOf(args), [args]);
  const columns = useMemo(
    () => statsColumns({ fractions: report.statsFractions, isReport: true }),
    [report.statsFractions],
  );
  return (
    <>
      <HealthBanner health={args.generator_health} />
      <main>
        <Metrics metrics={reportMetrics(args, report)} />
        <dl className="facts" data-testid="report-facts">
          {reportFacts(args).map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        {args.thresholds && args.thresholds.length > 0 && (
          <ReportSection id="thresholds" title="Thresholds">
            <ThresholdList thresholds={args.thresholds} />
          </ReportSection>
        )}
        <ReportSection id="charts" title="Charts">
          {report.history.length > 0 ? (
            <ChartGrid
              history={report.history}
              fractions={report.chartFractions}
              thresholds={args.thresholds}
            />
          ) : (
            <EmptyState title="No history.">The run was too short to be drawn.</EmptyState>
          )}
        </ReportSection>
        {args.classes && args.classes.length > 0 && (
          <ReportSection id="class-users" title="Users by class">
            <ClassesTable rows={args.classes} isReport />
          </ReportSection>
        )}
        {report.latencies.length > 0 && (
          <ReportSection id="latencies" title="Response times over time">
            <LatencyReport latencies={report.latencies} />
          </ReportSection>
        )}
        <ReportSection id="statistics" title="Request statistics">
          <DataTable
            id="statistics"
            caption="Request statistics; times in milliseconds"
            rows={report.entries}
            columns={columns}
            keyOf={rowKey}
            searchText={statsText}
            initialSorting={BY_NAME}
            {...(report.totals ? { footer: report.totals } : {})}
            empty={<EmptyState title="No requests were made." />}
          />
        </ReportSection>
        {args.groups && args.groups.classes.length + args.groups.tags.length > 0 && (
          <ReportSection id="classes" title={groupsTitle(args.groups)}>
            <GroupTables groups={args.groups} />
          </ReportSection>
        )}
        <ReportSection id="response-times" title="Response time percentiles">
          <ResponseTimes
            id="response-times"
            caption="Response time percentiles in milliseconds"
            keys={report.responseTimeKeys}
            rows={report.responseTimes}
            total={report.totalResponseTimes}
          />
        </ReportSection>
        {report.preciseTimes.length > 0 && (
          <ReportSection id="precise-times" title="Response time percentiles, precise">
            <ResponseTimes
              id="precise-times"
              caption="Precise response time percentiles in milliseconds"
              keys={report.responseTimeKeys}
              rows={report.preciseTimes}
              total={report.totalPreciseTimes}
            />
          </ReportSection>
        )}
        {report.outcomes.length > 0 && (
          <ReportSection id="outcomes" title="Successes and failures, precise">
            <DataTable
              id="outcomes"
              caption="Response times of successes and failures apart, in milliseconds"
              rows={report.outcomes}
              columns={outcomeColumns(report.statsFractions)}
              keyOf={row => `${rowKey(row)}|${row.outcome}`}
              searchText={statsText}
              initialSorting={BY_NAME}
              empty={<EmptyState title="Nothing failed." />}
            />
          </ReportSection>
        )}
        {args.intended_statistics && args.intended_statistics.length > 0 && (
          <ReportSection id="intended" title="Times from the intended start">
            <IntendedTable rows={args.intended_statistics} />
          </ReportSection>
        )}
        {args.phase_statistics && args.phase_statistics.length > 0 && (
          <ReportSection id="phases" title="Phases of the requests">
            <PhasesTable rows={args.phase_statistics} />
          </ReportSection>
        )}
        {args.metrics && args.metrics.length > 0 && (
          <ReportSection id="metrics" title="Metrics of the test">
            <MetricsTable rows={args.metrics} />
          </ReportSection>
        )}
        <ReportSection id="failures" title="Failures">
          <FailuresTable errors={report.errors} />
        </ReportSection>
        {args.evidence && args.evidence.failures.length > 0 && (
          <ReportSection id="evidence" title="Evidence of the failures">
            <EvidenceGroups
              pieces={args.evidence.failures}
              keyOf={errorKey}
              headline={piece => piece.error}
              testId="failure-evidence"
            />
          </ReportSection>
        )}
        {args.evidence?.slowest && args.evidence.slowest.length > 0 && (
          <ReportSection id="slowest" title="Slowest requests">
            <EvidenceGroups
              pieces={args.evidence.slowest}
              keyOf={rowKey}
              headline={piece => formatResponseTime(piece.response_time_ms)}
              testId="slowest"
            />
          </ReportSection>
        )}
        <ReportSection id="exceptions" title="Exceptions">
          <ExceptionList exceptions={args.exceptions_statistics} isOpen />
        </ReportSection>
        {args.generator_health && (
          <ReportSection id="generator" title="Load generator">
            <GeneratorFigures health={args.generator_health} />
          </ReportSection>
        )}
        {report.ratios && (
          <ReportSection id="ratios" title="Task ratios">
            <Ratios ratios={report.ratios} />
          </ReportSection>
        )}
      </main>
    </>
  );
}

function ReportSection({ id, title, children }: { id: string; title: string; children: React.ReactNode }) {
  return (
    <section className="report-section" id={id} aria-labelledby={`${id}-title`} data-testid={`section-${id}`}>
      <h2 id={`${id}-title`}>{title}</h2>
      {children}
    </section>
  );
}

interface ResponseTimesProps {
  id: string;
  caption: string;
  /** Of the columns. */
  keys: readonly string[];
  rows: readonly ResponseTimeRow[];
  total: ResponseTimeRow | undefined;
}

function ResponseTimes({ id, caption, keys, rows, total }: ResponseTimesProps) {
  const columns = useMemo<Column<ResponseTimeRow>[]>(
    () => [
      { id: 'method', title: 'Type', width: 80, value: row => row.method },
      { id: 'name', title: 'Name', value: row => row.name },
      ...keys.map(key => {
        const value = (row: ResponseTimeRow) => (typeof row[key] === 'number' ? row[key] : null);
        return {
          id: key,
          title: responseTimeTitle(key),
          hint: responseTimeHint(key),
          isNumber: true,
          width: 92,
          value,
          render: (row: ResponseTimeRow) => formatMeasuredMs(value(row)),
        };
      }),
    ],
    [keys],
  );
  return (
    <DataTable
      id={id}
      caption={caption}
      rows={rows}
      columns={columns}
      keyOf={rowKey}
      initialSorting={BY_NAME}
      {...(total ? { footer: total } : {})}
      empty={<EmptyState title="No response times were measured." />}
    />
  );
}
