import { describe, expect, it } from 'vitest';
import type { StatsRow } from '../../src/api/types';
import { rowOf, rowsOf } from '../../src/model/outcomes';
import { row as statsRow } from '../samples';

const side = (count: number, time: number) => ({
  num_requests: count,
  min_response_time: time,
  max_response_time: time,
  avg_response_time: time,
  median_response_time: time,
  'response_time_percentile_0.95': time,
});

const mixed: StatsRow = {
  ...statsRow('/mixed'),
  num_requests: 10,
  num_failures: 4,
  current_rps: 5,
  current_fail_per_sec: 2,
  succeeded: side(6, 12),
  failed: side(4, 900),
};

const healthy: StatsRow = { ...statsRow('/healthy'), num_requests: 3, num_failures: 0 };

describe('rows of one outcome', () => {
  it('have the times, counts and rates of their side', () => {
    expect(rowOf(mixed, 'succeeded')).toMatchObject({
      num_requests: 6,
      num_failures: 0,
      current_rps: 3,
      median_response_time: 12,
      'response_time_percentile_0.95': 12,
      avg_content_length: null,
    });
    expect(rowOf(mixed, 'failed')).toMatchObject({
      num_requests: 4,
      num_failures: 4,
      current_rps: 2,
      max_response_time: 900,
    });
  });

  it('are the row itself where nothing failed, and none of what failed', () => {
    expect(rowOf(healthy, 'succeeded')).toMatchObject({
      median_response_time: healthy.median_response_time,
      avg_content_length: healthy.avg_content_length,
    });
    expect(rowsOf([healthy, mixed], 'failed').map(row => row.name)).toEqual(['/mixed']);
    expect(rowsOf([healthy, mixed], 'all')).toEqual([healthy, mixed]);
  });

  it('have no times where the workers do not tell', () => {
    const { succeeded: _, failed: __, ...untold } = mixed;
    expect(rowOf(untold, 'failed')).toMatchObject({ num_requests: 4, median_response_time: null });
  });
});
