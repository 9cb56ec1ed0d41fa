/**
 * One chart: title, a legend that shows the values under the cursor and toggles lines, and the plot.
 *
 * uPlot owns the plot. React recreates it when its lines or the theme change, and otherwise gives it new columns.
 * Moving the cursor updates the legend directly, because that happens at the rate of pointer events.
 */
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import uPlot from 'uplot';
import { useTheme } from '../components/theme';
import type { Breach } from '../model/breaches';
import type { ChartColumns, TimeAxis, TimeRange } from '../model/chart';
import { paletteOf, plotOptions } from './plotOptions';

interface ChartProps {
  chart: ChartColumns;
  times: number[];
  /** Moments to mark. */
  breaches: readonly Breach[];
  axis: TimeAxis;
  /** The visible part of the run; null for all of it. */
  range: TimeRange | null;
  onZoom: (range: TimeRange | null) => void;
  /** Charts with the same key share their cursor. */
  syncKey: string;
}

const lastMeasured = (values: readonly (number | null)[]): number =>
  values.findLastIndex(value => value !== null && value !== undefined);

export function Chart({ chart, times, axis, breaches, range, onZoom, syncKey }: ChartProps) {
  const theme = useTheme();
  const titleId = useId();
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const legend = useRef<HTMLUListElement>(null);
  const moment = useRef<HTMLSpanElement>(null);
  const cursor = useRef<number | null>(null);
  const [hidden, setHidden] = useState<readonly string[]>([]);
  const latest = useRef({ chart, times, breaches, range, onZoom, hidden });
  latest.current = { chart, times, breaches, range, onZoom, hidden };

  /** Shows the values under the cursor, or else the last ones. */
  const writeLegend = useRef(() => {
    const { chart: current, times: at } = latest.current;
    const values = legend.current?.querySelectorAll('[data-value]') ?? [];
    current.series.forEach((series, index) => {
      const shown = cursor.current ?? lastMeasured(series.values);
      const text = current.format(series.values[shown] ?? null);
      const element = values[index];
      if (element && element.textContent !== text) element.textContent = text;
    });
    const time = cursor.current === null ? undefined : at[cursor.current];
    if (moment.current) moment.current.textContent = time === undefined ? '' : axis.moment(time);
  });

  const labels = chart.series.map(series => series.label).join('|');

  // biome-ignore lint/correctness/useExhaustiveDependencies: only other lines or colours recreate the plot
  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const size = () => ({
      width: Math.max(120, element.clientWidth),
      height: Math.max(120, element.clientHeight),
    });
    const made = new uPlot(
      plotOptions(
        latest.current.chart,
        paletteOf(element),
        size(),
        syncKey,
        axis,
        {
          onZoom: zoomed => latest.current.onZoom(zoomed),
          onCursor: index => {
            cursor.current = index;
            writeLegend.current();
          },
        },
        () => latest.current.chart.spoiled ?? [],
        () => latest.current.breaches,
      ),
      columnsOf(latest.current.times, latest.current.chart),
      element,
    );
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize(size()));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [labels, theme, syncKey, chart.id]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a recreated plot (lines, theme) needs its range and lines again
  useEffect(() => {
    const made = plot.current;
    if (!made) return;
    made.batch(() => {
      made.setData(columnsOf(times, chart), false);
      chart.series.forEach((series, index) => {
        made.setSeries(index + 1, { show: !hidden.includes(series.label) });
      });
      const first = range?.from ?? times[0];
      const last = range?.to ?? times[times.length - 1];
      if (first !== undefined && last !== undefined) {
        made.setScale('x', { min: first, max: last > first ? last : first + 1 });
      }
    });
    writeLegend.current();
  }, [chart, times, breaches, range, hidden, theme, labels]);

  const onKeyDown = (event: KeyboardEvent) => {
    const made = plot.current;
    if (!made || times.length === 0) return;
    const at = cursor.current ?? times.length - 1;
    const target = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: times.length - 1 }[event.key];
    if (event.key === 'Escape') onZoom(null);
    if (target === undefined) return;
    event.preventDefault();
    const index = Math.min(times.length - 1, Math.max(0, target));
    for (const shared of uPlot.sync(syncKey).plots) {
      shared.setCursor({ left: shared.valToPos(times[index] ?? 0, 'x'), top: 8 });
    }
  };

  return (
    <figure className="chart" aria-labelledby={titleId} data-testid={`chart-${chart.id}`}>
      <figcaption>
        <h3 id={titleId}>{chart.title}</h3>
        <span className="chart-moment" ref={moment} />
        <ul className="legend" ref={legend} aria-label={`Lines of ${chart.title}`}>
          {chart.series.map(series => {
            const isShown = !hidden.includes(series.label);
            return (
              <li key={series.label}>
                <button
                  type="button"
                  aria-pressed={isShown}
                  title={isShown ? 'Hide this line' : 'Show this line'}
                  onClick={() =>
                    setHidden(
                      isShown ? [...hidden, series.label] : hidden.filter(label => label !== series.label),
                    )
                  }
                >
                  <span className="swatch" style={{ background: `var(${series.color})` }} />
                  {series.label} <span className="legend-value" data-value />
                </button>
              </li>
            );
          })}
        </ul>
        {chart.spoiled && chart.spoiled.length > 0 && (
          <p className="chart-note" data-testid={`spoiled-${chart.id}`}>
            <span className="swatch" style={{ background: 'var(--warn)' }} />
            Marked: the load generator was late, these times are too long.
          </p>
        )}
      </figcaption>
      <div
        className="plot"
        ref={frame}
        role="group"
        tabIndex={0}
        onKeyDown={onKeyDown}
        aria-label={`${chart.title}, plot. Left and right move the cursor, Escape shows the whole run.`}
      />
    </figure>
  );
}

const columnsOf = (times: number[], chart: ChartColumns): uPlot.AlignedData => [
  times,
  ...chart.series.map(series => series.values),
];
