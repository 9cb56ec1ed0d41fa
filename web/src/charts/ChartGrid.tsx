/** All charts of a run, or of one endpoint. */
import { type ReactNode, useMemo } from 'react';
import type { HistoryPoint, Threshold } from '../api/types';
import { type Breach, breachesOf, breachesWithin } from '../model/breaches';
import { CLOCK, chartsOf, timesOf, withGaps } from '../model/chart';
import { ChartBoard } from './ChartBoard';

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
  const points = useMemo(() => withGaps(history), [history]);
  const times = useMemo(() => timesOf(points), [points]);
  const breaches = useBreaches(times, thresholds);
  const charts = useMemo(() => chartsOf(points, fractions), [points, fractions]);
  return <ChartBoard charts={charts} times={times} axis={CLOCK} breaches={breaches} tools={tools} />;
}

/** Every update has all thresholds; the charts are drawn again only when the marks are others. */
function useBreaches(times: readonly number[], thresholds: readonly Threshold[] | undefined): Breach[] {
  const found = JSON.stringify(breachesWithin(times, breachesOf(thresholds)));
  return useMemo(() => JSON.parse(found) as Breach[], [found]);
}
