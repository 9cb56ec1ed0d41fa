/** uPlot options: how a chart looks and reacts to the pointer. */
import uPlot from 'uplot';
import type { Breach } from '../model/breaches';
import { type ChartColumns, isolatedPoints, type TimeAxis, type TimeRange } from '../model/chart';
import { placeBreaches, showBreachAt } from './breachMarks';

export interface Palette {
  text: string;
  grid: string;
  spoiled: string;
  color: (property: string) => string;
}

/** The present colours; a canvas does not follow a change of theme by itself. */
export function paletteOf(element: HTMLElement): Palette {
  // `light-dark()` in a custom property is resolved only when a standard property uses it.
  const probe = element.appendChild(document.createElement('span'));
  const color = (property: string) => {
    probe.style.color = `var(${property})`;
    return getComputedStyle(probe).color;
  };
  const palette = { text: color('--text-muted'), grid: color('--chart-grid'), spoiled: color('--warn') };
  const colors = new Map<string, string>();
  for (let index = 1; index <= 6; index += 1) colors.set(`--series-${index}`, color(`--series-${index}`));
  for (const name of ['ok', 'bad', 'muted', 'users'])
    colors.set(`--series-${name}`, color(`--series-${name}`));
  probe.remove();
  return { ...palette, color: property => colors.get(property) ?? palette.text };
}

/** The colour (`rgb(…)`, the format of computed styles) with a low opacity, for the area under a line. */
function faint(color: string): string {
  const [red, green, blue] = color.match(/[\d.]+/g) ?? [];
  return blue === undefined ? color : `rgba(${red}, ${green}, ${blue}, 0.13)`;
}

/** Steps of an axis that counts seconds, so that they are whole minutes and hours. */
const STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400];

export const AXIS_FONT = '12px system-ui, sans-serif';

/** Room for the longest label of the vertical axis. */
const Y_AXIS_PX = 68;

/** Steps of an axis that counts: 1, 2, 5, 10, 20 … */
const WHOLE_STEPS = Array.from({ length: 9 }, (_, power) => [1, 2, 5].map(step => step * 10 ** power)).flat();

export interface PlotEvents {
  /** The reader selected a range, in seconds since the epoch; null means everything. */
  onZoom: (range: { from: number; to: number } | null) => void;
  /** The cursor is on this point; null: on none. */
  onCursor: (index: number | null) => void;
}

export function plotOptions(
  chart: ChartColumns,
  palette: Palette,
  size: { width: number; height: number },
  syncKey: string,
  axis: TimeAxis,
  events: PlotEvents,
  spoiled: () => readonly TimeRange[],
  breaches: () => readonly Breach[],
): uPlot.Options {
  const line = chart.stepped ? uPlot.paths.stepped?.({ align: 1 }) : uPlot.paths.linear?.();
  return {
    ...size,
    padding: [12, 44, 0, 0],
    legend: { show: false },
    cursor: {
      sync: { key: syncKey, scales: ['x', null] },
      drag: { x: true, y: false, setScale: false },
      points: { size: 7 },
      y: false,
      bind: {
        dblclick: () => () => {
          events.onZoom(null);
          return null;
        },
      },
    },
    scales: {
      x: { time: axis.isClock },
      y: { range: (_plot, _min, max) => [0, roomAbove(max)] },
    },
    axes: [
      {
        stroke: palette.text,
        font: AXIS_FONT,
        grid: { stroke: palette.grid, width: 1 },
        ticks: { show: false },
        size: 30,
        gap: 8,
        space: 84,
        values: (_plot, splits) => axis.ticks(splits),
        ...(axis.isClock ? {} : { incrs: STEPS_S }),
      },
      {
        stroke: palette.text,
        font: AXIS_FONT,
        grid: { stroke: palette.grid, width: 1 },
        ticks: { show: false },
        size: Y_AXIS_PX,
        space: 36,
        ...(chart.stepped ? { incrs: WHOLE_STEPS } : {}),
        values: (_plot, splits) => splits.map(value => chart.format(value)),
      },
    ],
    series: [
      {},
      ...chart.series.map(series => {
        const stroke = palette.color(series.color);
        return {
          label: series.label,
          stroke,
          width: 2,
          spanGaps: false,
          // A dot for a measurement between two gaps, where there is no line to see.
          points: {
            show: true,
            size: 5,
            filter: (_plot: uPlot, seriesIndex: number) =>
              isolatedPoints(chart.series[seriesIndex - 1]?.values ?? []),
          },
          ...(series.filled ? { fill: faint(stroke) } : {}),
          ...(line ? { paths: line } : {}),
        };
      }),
    ],
    hooks: {
      drawClear: [plot => shadeSpoiled(plot, spoiled(), palette.spoiled)],
      draw: [plot => placeBreaches(plot, breaches())],
      setSelect: [
        plot => {
          if (plot.select.width < 4) return;
          events.onZoom({
            from: plot.posToVal(plot.select.left, 'x'),
            to: plot.posToVal(plot.select.left + plot.select.width, 'x'),
          });
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
      setCursor: [plot => events.onCursor(plot.cursor.idx ?? null), showBreachAt],
    },
  };
}

/** Marks stretches that are not to be trusted, behind the lines: a shade, and a bar on top of it. */
function shadeSpoiled(plot: uPlot, stretches: readonly TimeRange[], color: string): void {
  const { left, top, width, height } = plot.bbox;
  for (const { from, to } of stretches) {
    const begin = Math.max(left, plot.valToPos(from, 'x', true));
    const end = Math.min(left + width, plot.valToPos(to, 'x', true));
    if (end <= begin) continue;
    plot.ctx.fillStyle = faint(color);
    plot.ctx.fillRect(begin, top, end - begin, height);
    plot.ctx.fillStyle = color;
    plot.ctx.fillRect(begin, top, end - begin, 3 * devicePixelRatio);
  }
}

/** The range of the axis: from zero, so that heights can be compared, to a little above the highest value. */
export function roomAbove(max: number | null): number {
  return max === null || !Number.isFinite(max) || max <= 0 ? 1 : max * 1.08;
}
