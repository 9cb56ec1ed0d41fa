/** Warns that the load generator, not the system under test, is the bottleneck. */
import type { GeneratorHealth } from '../api/types';
import { formatShare } from '../model/format';
import { Banner } from './Banner';

const DEFAULT_REMEDY =
  'Add workers (--processes on this machine, or more machines) or run fewer users, then measure again.';

/** A share, where it is known; the workers that a master hears of don't all tell. */
const byHowMuch = (inflation: number | null | undefined): string =>
  inflation && inflation >= 0.01 ? `about ${formatShare(inflation)}` : 'noticeably';

export function HealthBanner({ health }: { health: GeneratorHealth | null | undefined }) {
  if (!health || (!health.inflated && health.reasons.length === 0)) return null;
  const title = health.inflated
    ? `The load generator is the bottleneck: response times are ${byHowMuch(health.inflation)} too long.`
    : 'The load generator may distort the response times.';
  return (
    <Banner tone={health.inflated ? 'bad' : 'warn'} title={title} testId="banner-generator">
      <details open>
        <summary>Why, and what to do</summary>
        {health.reasons.length > 0 && (
          <ul>
            {health.reasons.map(reason => (
              <li key={reason}>{reason}</li>
            ))}
          </ul>
        )}
        <p>{(health.remedies ?? []).join(' ') || DEFAULT_REMEDY}</p>
      </details>
    </Banner>
  );
}
