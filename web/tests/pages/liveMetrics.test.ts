import { describe, expect, test } from 'vitest';
import type { GeneratorHealth } from '../../src/api/types';
import { applyUpdate } from '../../src/model/snapshot';
import { liveMetrics } from '../../src/pages/live/liveMetrics';
import { update } from '../samples';

const healthy: GeneratorHealth = {
  cpu_usage: 10,
  hub_lag_ms: 0,
  late_starts: 0,
  inflated: false,
  reasons: [],
};
const counts = { meant: 9, begun: 9, late: 0, dropped: 0, overdue: 0, worst_late_ms: 0 };

describe('the number of users', () => {
  test.each([
    ['has its target beside it during a ramp', {}, 'of 10', 0.5],
    ['has none where users arrive, which the target does not count', { Visitor: counts }, undefined, null],
  ])('%s', (_case, arrivals, detail, progress) => {
    const generator_health = { ...healthy, arrivals };
    const snapshot = applyUpdate(null, update({ target_user_count: 10, generator_health }));
    expect(liveMetrics(snapshot)[0]).toMatchObject({ value: '5', detail, progress });
  });
});
