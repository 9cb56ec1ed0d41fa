/** The thresholds of a run, each with its state and what it came to. */
import type { Threshold, ThresholdState } from '../api/types';

const TONES: Record<ThresholdState, 'good' | 'bad' | 'calm'> = {
  waiting: 'calm',
  holding: 'good',
  broken: 'bad',
  passed: 'good',
  failed: 'bad',
  'not measured': 'bad',
};

export function ThresholdList({ thresholds }: { thresholds: readonly Threshold[] }) {
  return (
    <ul className="thresholds" data-testid="thresholds">
      {thresholds.map(one => (
        <li key={one.threshold} data-state={one.state}>
          <span className="threshold-state" data-tone={TONES[one.state] ?? 'calm'}>
            {one.state}
          </span>
          <code>{one.threshold}</code>
          <span className="threshold-outcome">{one.outcome}</span>
        </li>
      ))}
    </ul>
  );
}
