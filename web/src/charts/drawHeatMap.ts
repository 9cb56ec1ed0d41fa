/** Draws the heat map of response times on a canvas: bands, curves, axes. */
import type { Latencies } from '../api/types';
import { timeTicks } from '../model/chart';
import { formatMs } from '../model/format';
import { type Box, type Curve, msTicks, shades, timeSplits, xOf, yOf } from '../model/latencies';
import { AXIS_FONT } from './plotOptions';

export interface HeatColors {
  text: string;
  grid: string;
  /** `r, g, b` of the darkest cell. */
  heat: string;
  of: (property: string) => string;
}

/** The present colours; a canvas does not follow a change of theme by itself. */
export function heatColors(element: HTMLElement, curves: readonly Curve[]): HeatColors {
  // `light-dark()` in a custom property is resolved only when a standard property uses it.
  const probe = element.appendChild(document.createElement('span'));
  const color = (property: string) => {
    probe.style.color = `var(${property})`;
    return getComputedStyle(probe).color;
  };
  const known = new Map(curves.map(curve => [curve.color, color(curve.color)]));
  const text = color('--text-muted');
  const [red = '0', green = '0', blue = '0'] = color('--heat').match(/[\d.]+/g) ?? [];
  const grid = color('--chart-grid');
  probe.remove();
  return { text, grid, heat: `${red}, ${green}, ${blue}`, of: property => known.get(property) ?? text };
}

/** Room beside the plot for one half of a label. */
const RIGHT_PX = 30;

export const plotBox = (width: number, height: number): Box => ({
  left: 68,
  top: 12,
  width: Math.max(40, width - 68 - RIGHT_PX),
  height: Math.max(40, height - 12 - 30),
});

export function drawHeatMap(
  ink: CanvasRenderingContext2D,
  latencies: Latencies,
  curves: readonly Curve[],
  size: { width: number; height: number },
  colors: HeatColors,
  cursor: number | null,
): void {
  const { columns, edges } = latencies;
  const box = plotBox(size.width, size.height);
  ink.clearRect(0, 0, size.width, size.height);
  drawAxes(ink, latencies, box, colors);
  const band = box.height / Math.max(1, edges.length - 1);
  shades(columns).forEach((cells, index) => {
    const column = columns[index];
    if (!column) return;
    const [start, width, , , bands] = column;
    // Whole pixels, so that no seams show between cells.
    const left = Math.round(xOf(start, columns, box));
    const right = Math.round(xOf(start + width, columns, box));
    cells.forEach((shade, at) => {
      ink.fillStyle = `rgba(${colors.heat}, ${0.1 + 0.75 * shade})`;
      const above = box.top + box.height - (bands[2 * at] ?? 0) * band;
      const top = Math.round(above - band);
      ink.fillRect(left, top, Math.max(1, right - left), Math.max(1, Math.round(above) - top));
    });
  });
  for (const curve of curves) drawCurve(ink, latencies, curve, box, colors.of(curve.color));
  const marked = cursor === null ? undefined : columns[cursor];
  if (marked) {
    ink.fillStyle = colors.text;
    ink.fillRect(xOf(marked[0] + marked[1] / 2, columns, box), box.top, 1, box.height);
  }
}

function drawCurve(
  ink: CanvasRenderingContext2D,
  { columns, edges }: Latencies,
  curve: Curve,
  box: Box,
  color: string,
): void {
  ink.strokeStyle = color;
  ink.lineWidth = 2;
  ink.beginPath();
  let ended = Number.NEGATIVE_INFINITY;
  columns.forEach(([start, width], index) => {
    const y = yOf(curve.values[index] ?? 0, edges, box);
    // Time without requests is a gap.
    if (start > ended + width) ink.moveTo(xOf(start, columns, box), y);
    else ink.lineTo(xOf(start, columns, box), y);
    ink.lineTo(xOf(start + width, columns, box), y);
    ended = start + width;
  });
  ink.stroke();
}

function drawAxes(
  ink: CanvasRenderingContext2D,
  { columns, edges }: Latencies,
  box: Box,
  colors: HeatColors,
): void {
  ink.font = AXIS_FONT;
  ink.textBaseline = 'middle';
  ink.textAlign = 'right';
  for (const ms of msTicks(edges, box)) {
    const y = yOf(ms, edges, box);
    ink.fillStyle = colors.grid;
    ink.fillRect(box.left, y, box.width, 1);
    ink.fillStyle = colors.text;
    ink.fillText(formatMs(ms), box.left - 8, y);
  }
  ink.textAlign = 'center';
  ink.textBaseline = 'top';
  const splits = timeSplits(columns, box.width);
  timeTicks(splits).forEach((label, index) => {
    const x = xOf(splits[index] ?? 0, columns, box);
    ink.fillStyle = colors.grid;
    ink.fillRect(x, box.top, 1, box.height);
    ink.fillStyle = colors.text;
    // The last label may reach into the margin, but not beyond it.
    const last = box.left + box.width + RIGHT_PX - ink.measureText(label).width / 2;
    ink.fillText(label, Math.min(x, last), box.top + box.height + 8);
  });
}
