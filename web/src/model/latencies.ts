/** Arithmetic of the heat map of response times: where things lie, how dark they are, which labels the axes have. */
import type { Latencies, LatencyColumn } from '../api/types';
import { percentileLabel } from './percentiles';

export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface Curve {
  label: string;
  color: string;
  values: number[];
}

const CURVE_COLORS = ['--curve-1', '--curve-2', '--curve-3', '--curve-4'];

export const curvesOf = ({ fractions, columns }: Latencies): Curve[] =>
  fractions.map((fraction, index) => ({
    label: fraction === 1 ? 'Max' : percentileLabel(fraction),
    color: CURVE_COLORS[index % CURVE_COLORS.length] as string,
    values: columns.map(([, , , times]) => times[index] ?? 0),
  }));

/** The seconds that the map shows. */
export function spanOf(columns: readonly LatencyColumn[]): { from: number; to: number } {
  const first = columns[0];
  const last = columns[columns.length - 1];
  return first && last ? { from: first[0], to: last[0] + last[1] } : { from: 0, to: 1 };
}

/** From the time in seconds to pixels. */
export function xOf(seconds: number, columns: readonly LatencyColumn[], box: Box): number {
  const { from, to } = spanOf(columns);
  return box.left + ((seconds - from) / Math.max(1, to - from)) * box.width;
}

/** From milliseconds to pixels: every band is as high as the others, so the axis is logarithmic. */
export function yOf(ms: number, edges: readonly number[], box: Box): number {
  const bands = edges.length - 1;
  const above = edges.findIndex(edge => edge > ms);
  const band = above === -1 ? bands : Math.max(0, above - 1);
  const low = edges[band] ?? 0;
  const high = edges[band + 1] ?? low;
  const within = high > low ? Math.min(1, Math.max(0, (ms - low) / (high - low))) : 0;
  return box.top + box.height * (1 - Math.min(bands, band + within) / Math.max(1, bands));
}

/** 1, 2 and 5 times the powers of ten between the edges, no two of them nearer than `space` pixels. */
export function msTicks(edges: readonly number[], box: Box, space = 26): number[] {
  const low = edges[0] ?? 0;
  const high = edges[edges.length - 1] ?? 0;
  const ticks: number[] = [];
  for (let exponent = -3; exponent <= 7; exponent += 1) {
    for (const digit of [1, 2, 5]) {
      const ms = Number((digit * 10 ** exponent).toPrecision(1));
      const previous = ticks[ticks.length - 1];
      if (ms < low || ms > high) continue;
      if (previous === undefined || yOf(previous, edges, box) - yOf(ms, edges, box) >= space) ticks.push(ms);
    }
  }
  return ticks;
}

/** About one tick every `space` pixels, in seconds. */
export function timeSplits(columns: readonly LatencyColumn[], width: number, space = 110): number[] {
  const { from, to } = spanOf(columns);
  const count = Math.max(1, Math.floor(width / space));
  const least = (to - from) / count;
  const step =
    [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200].find(s => s >= least) ??
    Math.ceil(least / 86_400) * 86_400;
  const splits: number[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) splits.push(at);
  return splits;
}

/** Requests per second in each cell, so that columns of different widths compare; 0 to 1, in steps that eyes can tell. */
export function shades(columns: readonly LatencyColumn[]): number[][] {
  const rates = columns.map(([, width, , , bands]) =>
    bands.filter((_, at) => at % 2 === 1).map(count => count / Math.max(1, width)),
  );
  const most = Math.max(...rates.flat().map(rate => Math.log1p(rate * 10)), 1e-9);
  return rates.map(cells => cells.map(rate => Math.log1p(rate * 10) / most));
}

/** The column at a time, or the nearest one. */
export function columnAt(columns: readonly LatencyColumn[], seconds: number): number {
  let nearest = columns.length - 1;
  let distance = Number.POSITIVE_INFINITY;
  columns.forEach(([start, width], index) => {
    const away = Math.abs(start + width / 2 - seconds);
    if (away < distance) {
      nearest = index;
      distance = away;
    }
  });
  return nearest;
}
