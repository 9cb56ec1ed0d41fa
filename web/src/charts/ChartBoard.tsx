/** Charts that share the time axis, its zoom and the cursor. */
import { type ReactNode, useId, useMemo, useState } from 'react';
import { Segments } from '../components/Segments';
import type { Breach } from '../model/breaches';
import { type ChartColumns, lastSeconds, type TimeAxis, type TimeRange } from '../model/chart';
import { Chart } from './Chart';
import 'uplot/dist/uPlot.min.css';

const WINDOWS = [
  { title: 'Whole run', value: null },
  { title: '5 min', value: 300 },
  { title: '15 min', value: 900 },
  { title: '1 hour', value: 3600 },
] as const;

const NONE: readonly Breach[] = [];

interface ChartBoardProps {
  charts: readonly ChartColumns[];
  /** Those of all columns, in seconds. */
  times: number[];
  axis: TimeAxis;
  /** Moments to mark. */
  breaches?: readonly Breach[];
  /** Controls beside the choice of the time window. */
  tools?: ReactNode;
}

export function ChartBoard({ charts, times, axis, breaches = NONE, tools }: ChartBoardProps) {
  const [zoom, setZoom] = useState<TimeRange | null>(null);
  const [window_, setWindow] = useState<number | null>(null);
  const syncKey = useId();
  const range = useMemo(
    () => zoom ?? (window_ === null ? null : lastSeconds(times, window_)),
    [zoom, window_, times],
  );
  return (
    <div className="charts">
      <div className="toolbar">
        {tools}
        <Segments
          legend="Part of the run on screen"
          options={WINDOWS}
          chosen={zoom === null ? window_ : undefined}
          onChoose={seconds => {
            setZoom(null);
            setWindow(seconds);
          }}
        />
        {zoom ? (
          <span className="count" role="status">
            {axis.end(zoom.from)} – {axis.end(zoom.to)}
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
            axis={axis}
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
