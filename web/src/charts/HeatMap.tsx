/**
 * Response times over time: a heat map of all requests, and curves of percentiles on it.
 *
 * The legend shows the values of the column under the pointer, or else of the last one.
 */
import { type KeyboardEvent, type PointerEvent, useEffect, useId, useMemo, useRef, useState } from 'react';
import type { Latencies } from '../api/types';
import { useTheme } from '../components/theme';
import { formatCount, formatMoment, formatMs } from '../model/format';
import { columnAt, curvesOf, spanOf } from '../model/latencies';
import { drawHeatMap, heatColors, plotBox } from './drawHeatMap';

interface Size {
  width: number;
  height: number;
}

export function HeatMap({ latencies }: { latencies: Latencies }) {
  const theme = useTheme();
  const titleId = useId();
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [size, setSize] = useState<Size>({ width: 0, height: 0 });
  const [cursor, setCursor] = useState<number | null>(null);
  const [hidden, setHidden] = useState<readonly string[]>([]);
  const { columns } = latencies;
  const curves = useMemo(() => curvesOf(latencies), [latencies]);

  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const measure = () => setSize({ width: element.clientWidth, height: element.clientHeight });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme changes the colours that are read
  useEffect(() => {
    const element = canvas.current;
    const ink = element?.getContext('2d');
    if (!element || !ink || !frame.current || size.width === 0) return;
    element.width = size.width * devicePixelRatio;
    element.height = size.height * devicePixelRatio;
    ink.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    const shown = curves.filter(curve => !hidden.includes(curve.label));
    drawHeatMap(ink, latencies, shown, size, heatColors(frame.current, curves), cursor);
  }, [latencies, curves, size, cursor, hidden, theme]);

  const onPointerMove = (event: PointerEvent<HTMLDivElement>) => {
    const box = plotBox(size.width, size.height);
    const share = (event.clientX - event.currentTarget.getBoundingClientRect().left - box.left) / box.width;
    const { from, to } = spanOf(columns);
    setCursor(columnAt(columns, from + share * (to - from)));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const at = cursor ?? columns.length - 1;
    const target = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: columns.length - 1 }[event.key];
    if (target === undefined) return;
    event.preventDefault();
    setCursor(Math.min(columns.length - 1, Math.max(0, target)));
  };
  const at = cursor !== null && cursor < columns.length ? cursor : columns.length - 1;
  const column = columns[at];

  return (
    <figure className="chart heat-map" aria-labelledby={titleId} data-testid="heat-map">
      <figcaption>
        <h3 id={titleId}>Response times over time</h3>
        <span className="chart-moment">
          {column && `${formatMoment(column[0] * 1000)}, ${column[1]} s, ${formatCount(column[2])} requests`}
        </span>
        <ul className="legend" aria-label="Curves of response times over time">
          {curves.map(curve => {
            const isShown = !hidden.includes(curve.label);
            return (
              <li key={curve.label}>
                <button
                  type="button"
                  aria-pressed={isShown}
                  title={isShown ? 'Hide this curve' : 'Show this curve'}
                  onClick={() =>
                    setHidden(
                      isShown ? [...hidden, curve.label] : hidden.filter(label => label !== curve.label),
                    )
                  }
                >
                  <span className="swatch" style={{ background: `var(${curve.color})` }} />
                  {curve.label} <span className="legend-value">{formatMs(curve.values[at])}</span>
                </button>
              </li>
            );
          })}
        </ul>
      </figcaption>
      <div
        className="plot"
        ref={frame}
        role="group"
        tabIndex={0}
        onPointerMove={onPointerMove}
        onPointerLeave={() => setCursor(null)}
        onKeyDown={onKeyDown}
        aria-label="Response times over time, heat map. The darker a cell, the more requests per second took so long. Left and right move the cursor."
      >
        <canvas ref={canvas} />
      </div>
    </figure>
  );
}
