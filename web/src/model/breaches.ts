/** The moments at which thresholds broke first, as the charts mark them. Draws nothing. */
import type { Threshold } from '../api/types';
import { formatMoment } from './format';

export interface Breach {
  /** Seconds since the epoch. */
  time: number;
  /** What broke at that moment, a line for each threshold. */
  texts: string[];
}

/** The breaches in order of time; those of the same second are one. */
export function breachesOf(thresholds: readonly Threshold[] | undefined): Breach[] {
  const bySecond = new Map<number, Breach>();
  for (const { threshold, first_breach: moment } of thresholds ?? []) {
    const time = Date.parse(moment?.time ?? '') / 1000;
    if (Number.isNaN(time)) continue;
    const text = `${threshold} broke at ${formatMoment(time * 1000)}`;
    const second = Math.floor(time);
    const known = bySecond.get(second);
    if (known) known.texts.push(text);
    else bySecond.set(second, { time, texts: [text] });
  }
  return [...bySecond.values()].sort((a, b) => a.time - b.time);
}

/**
 * The breaches that belong to the points of a chart. One shortly before the first point or after the last is moved to
 * it: points come every few seconds, and a run may end between two.
 */
export function breachesWithin(times: readonly number[], breaches: readonly Breach[], nearS = 10): Breach[] {
  const first = times[0];
  const last = times[times.length - 1];
  if (first === undefined || last === undefined) return [];
  return breaches
    .filter(({ time }) => time >= first - nearS && time <= last + nearS)
    .map(breach => ({ ...breach, time: Math.min(last, Math.max(first, breach.time)) }));
}
