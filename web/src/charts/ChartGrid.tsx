/** All charts of a run (or of one endpoint). They share the time axis, its zoom and the cursor. */
import { type ReactNode, useId, useMemo, useState } from 'react';
import type { HistoryPoint, Threshold } from '../api/types';
import { type Breach, breachesOf, breachesWithin } from '../model/breaches';
import { chartsOf, lastSeconds, type TimeRange, timesOf, withGaps } from '../model/chart';
import { formatDateTime } from '../model/format';
import { Chart } from './Chart';
import 'uplot/dist/uPlot.min.css';

const WINDOWS = [
  { title: 'Whole run', seconds: null },
  { title: '5 min', seconds: 300 },
  { title: '15 min', seconds: 900 },
  { title: '1 hour', seconds: 3600 },
] as const;

interface ChartGridProps {
  history: readonly HistoryPoint[];
  /** The percentiles that the history contains. */
  fractions: readonly number[];
  /** What had to hold in the run; where it did not, the charts have a mark. */
  thresholds?: readonly Threshold[] | undefined;
  /** Controls beside the choice of the time window. */
  tools?: ReactNode;
}

export function ChartGrid({ history, fractions, thresholds, tools }: ChartGridProps) {
  const [zoom, setZoom] = useState<TimeRange | null>(null);
  const [window_, setWindow] = useState<number | null>(null);
  const syncKey = useId();
  const points = useMemo(() => withGaps(history), [history]);
  const times = useMemo(() => timesOf(points), [points]);
  const breaches = useBreaches(times, thresholds);
  const charts = useMemo(() => chartsOf(points, fractions), [points, fractions]);
  const range = useMemo(
    () => zoom ?? (window_ === null ? null : lastSeconds(times, window_)),
    [zoom, window_, times],
  );
  return (
    <div className="charts">
      <div className="toolbar">
        {tools}
        <fieldset className="segments">
          <legend className="visually-hidden">Part of the run on screen</legend>
          {WINDOWS.map(({ title, seconds }) => (
            <button
              key={title}
              type="button"
              aria-pressed={zoom === null && window_ === seconds}
              onClick={() => {
                setZoom(null);
                setWindow(seconds);
              }}
            >
              {title}
            </button>
          ))}
        </fieldset>
        {zoom ? (
          <span className="count" role="status">
            {formatDateTime(zoom.from * 1000)} – {formatDateTime(zoom.to * 1000)}
            <button type="button" className="link" onClick={() => setZoom(null)}>
              Reset zoom
            </button>
          </span>
        ) : (
          <span className="count hint">Drag across a chart to zoom in, double-click to see everything.</span>
        )}
      </div>
      <div className="chart-grid">
        {charts.map(chart => (
          <Chart
            key={chart.id}
            chart={chart}
            times={times}
            breaches={breaches}
            range={range}
            onZoom={setZoom}
            syncKey={syncKey}
          />
        ))}
      </div>
    </div>
  );
}

/** Every update has all thresholds; the charts are drawn again only when the marks are others. */
function useBreaches(times: readonly number[], thresholds: readonly Threshold[] | undefined): Breach[] {
  const found = JSON.stringify(breachesWithin(times, breachesOf(thresholds)));
  return useMemo(() => JSON.parse(found) as Breach[], [found]);
}
