/** Warns that the load generator, not the system under test, is the bottleneck. */
import type { GeneratorHealth } from '../api/types';
import { Banner } from './Banner';

export function HealthBanner({ health }: { health: GeneratorHealth | null | undefined }) {
  if (!health || (!health.inflated && health.reasons.length === 0)) return null;
  const title = health.inflated
    ? 'The load generator is the bottleneck: response times are measured too high.'
    : 'The load generator is close to its limit.';
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
        <p>
          Add workers (--processes on this machine, or more machines) or run fewer users, then measure again.
        </p>
      </details>
    </Banner>
  );
}
