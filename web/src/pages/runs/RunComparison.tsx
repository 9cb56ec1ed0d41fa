/** Two to five runs: all of them in every chart, and the differences of two of them by endpoint. */
import { useId, useMemo, useState } from 'react';
import type { Client } from '../../api/client';
import type { CourseAnswer, DifferencesAnswer, RunLabels } from '../../api/runs';
import type { EntryKey } from '../../api/types';
import { ChartBoard } from '../../charts/ChartBoard';
import { Banner } from '../../components/Banner';
import { EmptyState } from '../../components/EmptyState';
import { EndpointPicker } from '../../components/EndpointPicker';
import { useAnswer, useAnswers } from '../../live/answer';
import { SINCE_START } from '../../model/chart';
import { formatMinute } from '../../model/format';
import { overlayOf } from '../../model/overlay';
import { runTitle } from '../../model/runs';
import { DifferencesTable } from '../../tables/DifferencesTable';
import { NotShown } from './NotShown';

const ALL: EntryKey = { name: 'Aggregated', method: '' };

interface RunComparisonProps {
  client: Client;
  /** What names the runs, those that come before first. */
  runs: readonly string[];
}

export function RunComparison({ client, runs }: RunComparisonProps) {
  const [endpoint, setEndpoint] = useState<EntryKey | null>(null);
  const [pair, setPair] = useState({ before: runs[0] ?? '', after: runs[runs.length - 1] ?? '' });
  const { name, method } = endpoint ?? ALL;
  const courses = useAnswers<CourseAnswer>(
    client,
    runs.map(run => `/runs/course?${new URLSearchParams({ run, name, method: method ?? '' })}`),
  );
  const differences = useAnswer<DifferencesAnswer>(client, `/runs/differences?${new URLSearchParams(pair)}`);
  if (!courses.value) {
    return (
      <main>
        <NotShown error={courses.error} client={client} />
      </main>
    );
  }
  return (
    <main className="compared" data-testid="panel-compare">
      <h2>{courses.value.map(({ run }) => runTitle(run)).join(', ')}</h2>
      <OverlaidCharts
        courses={courses.value}
        picker={
          <EndpointPicker
            endpoints={differences.value?.endpoints ?? []}
            endpoint={endpoint}
            onEndpoint={setEndpoint}
          />
        }
      />
      <section className="differences" aria-labelledby="differences-title">
        <h2 id="differences-title">Differences</h2>
        <div className="toolbar">
          {(['before', 'after'] as const).map(side => (
            <RunChoice
              key={side}
              label={side === 'before' ? 'From' : 'to'}
              runs={runs}
              labels={courses.value?.map(({ run }) => run) ?? []}
              run={pair[side]}
              onRun={run => setPair({ ...pair, [side]: run })}
            />
          ))}
        </div>
        {differences.value ? (
          <Differences answer={differences.value} isLoading={differences.isLoading} />
        ) : (
          <NotShown error={differences.error} client={client} />
        )}
      </section>
    </main>
  );
}

function OverlaidCharts({ courses, picker }: { courses: CourseAnswer[]; picker: React.ReactNode }) {
  const { times, charts } = useMemo(() => overlayOf(courses), [courses]);
  if (times.length > 0) return <ChartBoard charts={charts} times={times} axis={SINCE_START} tools={picker} />;
  return (
    <>
      <div className="toolbar">{picker}</div>
      <EmptyState title="Nothing to draw.">None of the runs has response times of this.</EmptyState>
    </>
  );
}

function Differences({ answer, isLoading }: { answer: DifferencesAnswer; isLoading: boolean }) {
  return (
    <div aria-busy={isLoading} data-testid="differences">
      {answer.warnings.map(warning => (
        <Banner key={warning} tone="warn" title="To be read with care." testId="banner-doubtful">
          {warning}.
        </Banner>
      ))}
      <p className="count">
        Slower, faster, more and less are said only of what is certain: between two equal runs the chance that
        anything at all is called so is 1&nbsp;%. The ranges have the true change in 95 of 100 cases.
      </p>
      <DifferencesTable rows={answer.endpoints} total={answer.total} />
    </div>
  );
}

interface RunChoiceProps {
  label: string;
  runs: readonly string[];
  labels: readonly RunLabels[];
  run: string;
  onRun: (run: string) => void;
}

function RunChoice({ label, runs, labels, run, onRun }: RunChoiceProps) {
  const id = useId();
  return (
    <div className="inline-field">
      <label htmlFor={id}>{label}</label>
      <select id={id} value={run} onChange={event => onRun(event.target.value)}>
        {runs.map((name, index) => {
          const labelled = labels[index];
          return (
            <option key={name} value={name}>
              {labelled ? `${runTitle(labelled)}, ${formatMinute(labelled.started_s)}` : name}
            </option>
          );
        })}
      </select>
    </div>
  );
}
