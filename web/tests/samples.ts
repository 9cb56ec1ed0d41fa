/** Small complete examples of the server's data, which tests modify. */
import type { LiveArgs, ReportArgs } from '../src/api/page';
import type { CourseAnswer, Difference, DifferencesAnswer, OpenedRun, RunLine } from '../src/api/runs';
import type {
  ErrorRow,
  EvidencePiece,
  GroupRow,
  HistoryPoint,
  IntendedRow,
  Latencies,
  MetricRow,
  PhaseRow,
  StatsRow,
  StatsUpdate,
  Threshold,
} from '../src/api/types';

export const row = (name: string, changes: Partial<StatsRow> = {}): StatsRow => ({
  method: 'GET',
  name,
  num_requests: 10,
  num_failures: 0,
  min_response_time: 1,
  max_response_time: 90,
  avg_response_time: 20,
  median_response_time: 18,
  current_rps: 2,
  current_fail_per_sec: 0,
  total_rps: 2,
  total_fail_per_sec: 0,
  avg_content_length: 100,
  'response_time_percentile_0.95': 80,
  'response_time_percentile_0.99': 88,
  ...changes,
});

export const failure = (error: string, changes: Partial<ErrorRow> = {}): ErrorRow => ({
  method: 'GET',
  name: '/cart',
  error,
  occurrences: 3,
  first_seen: '2026-01-31T12:00:00Z',
  last_seen: '2026-01-31T12:01:00Z',
  ...changes,
});

export const piece = (changes: Partial<EvidencePiece> = {}): EvidencePiece => ({
  time: '2026-01-31T12:00:00.120Z',
  method: 'GET',
  name: '/cart',
  error: '503',
  response_time_ms: 812.5,
  user_class: 'Shopper',
  worker: 'vm_1',
  request: {
    method: 'GET',
    url: 'http://shop.example/cart?token=[redacted]',
    headers: [['Accept', '*/*']],
    body: { text: '{"item": 5}', length: 11, is_cut: false, note: '' },
  },
  response: {
    status: 503,
    reason: 'Service Unavailable',
    headers: [['Content-Length', '4000']],
    body: { text: 'busy …', length: 4000, is_cut: true, note: '' },
  },
  phases_ms: { last_byte: 0.3, queue: 0.01, first_byte: 812.1 },
  failed_in: '',
  context: { order: '17' },
  ...changes,
});

/** So many seconds into the run, in seconds since the epoch. */
export const secondOf = (second: number): number => Date.UTC(2026, 0, 31, 12) / 1000 + second;

const timeOf = (second: number): string => new Date(secondOf(second) * 1000).toISOString();

/** A threshold that broke so many seconds into the run; null: it holds. */
export const brokenAt = (second: number | null, threshold = 'p95 < 50ms'): Threshold => ({
  threshold,
  state: second === null ? 'holding' : 'broken',
  outcome: '',
  first_breach: second === null ? null : { time: timeOf(second) },
});

/** A point so many seconds into the run. */
export const point = (second: number, changes: Partial<HistoryPoint> = {}): HistoryPoint => ({
  time: timeOf(second),
  user_count: 5,
  current_rps: 10,
  current_fail_per_sec: 1,
  total_avg_response_time: 20,
  'response_time_percentile_0.5': 18,
  'response_time_percentile_0.95': 80,
  ...changes,
});

export const update = (changes: Partial<StatsUpdate> = {}): StatsUpdate => ({
  cursor: '1',
  full: true,
  state: 'running',
  user_count: 5,
  target_user_count: 5,
  host: 'https://shop.example',
  run_time_s: 63,
  run_time_limit_s: null,
  worker_count: 0,
  fail_ratio: 0,
  totals: row('Aggregated', { method: '' }),
  entries: [row('/cart'), row('/login', { method: 'POST' })],
  removed: [],
  errors: [],
  errors_removed: [],
  exception_count: 0,
  workers: [],
  workers_removed: [],
  history: [point(0), point(5)],
  current_percentiles: { 'response_time_percentile_0.5': 18, 'response_time_percentile_0.95': 80 },
  generator_health: null,
  ...changes,
});

export const liveArgs = (changes: Partial<LiveArgs> = {}): LiveArgs => ({
  locustfile: 'locustfile.py',
  state: 'ready',
  version: '2.47.0',
  host: 'https://shop.example',
  available_user_classes: ['Admin', 'Shopper'],
  available_shape_classes: ['Default'],
  percentiles_to_chart: [0.5, 0.95],
  percentiles_to_statistics: [0.95, 0.99],
  extra_options: {},
  ...changes,
});

export const reportArgs = (changes: Partial<ReportArgs> = {}): ReportArgs => ({
  is_report: true,
  requests_statistics: [row('/cart'), row('Aggregated', { method: '' })],
  failures_statistics: [],
  exceptions_statistics: [],
  response_time_statistics: [
    { name: '/cart', method: 'GET', '0.5': 18, '0.95': 80, '1.0': 90 },
    { name: 'Aggregated', method: '', '0.5': 18, '0.95': 80, '1.0': 90 },
  ],
  start_time: '2026-01-31T12:00:00Z',
  end_time: '2026-01-31T12:01:03Z',
  duration: '1 minute and 3 seconds',
  host: 'https://shop.example',
  history: [],
  locustfile: 'locustfile.py',
  percentiles_to_chart: [0.5, 0.95],
  ...changes,
});

export const latencies = (changes: Partial<Latencies> = {}): Latencies => ({
  name: 'Aggregated',
  method: '',
  fractions: [0.5, 1],
  edges: [16, 32, 64],
  columns: [
    [1_769_860_800, 1, 3, [20, 40], [0, 2, 1, 1]],
    [1_769_860_801, 1, 1, [21, 21], [0, 1]],
  ],
  ...changes,
});

const phase = (avg: number, count = 8) => ({ count, avg, max: 3 * avg });

export const intended = (changes: Partial<IntendedRow> = {}): IntendedRow => ({
  name: '/cart',
  method: 'GET',
  count: 1980,
  average: 190.5,
  '0.5': 1.6,
  '0.99': 1904.6,
  '1.0': 1906.8,
  max: 1906.8,
  ...changes,
});

export const phases = (changes: Partial<PhaseRow> = {}): PhaseRow => ({
  name: '/cart',
  method: 'GET',
  requests: 8,
  connections_opened: 2,
  connections_reused: 6,
  retries: 1,
  bytes_sent: 960,
  bytes_received: 4096,
  queue: phase(0),
  resolve: phase(0.25, 2),
  connect: phase(1.5, 2),
  tls: phase(0, 0),
  send: phase(0.012),
  first_byte: phase(20.5),
  last_byte: phase(0.5),
  ...changes,
});

export const trend = (changes: Partial<MetricRow> = {}): MetricRow => ({
  name: 'checkout_total',
  kind: 'trend',
  unit: 'ms',
  about: 'From the cart to the receipt',
  tags: { shop: 'de' },
  count: 1200,
  average: 812.25,
  min: 0.25,
  '0.5': 800,
  '0.9': 900.5,
  '0.95': 950,
  '0.99': 990,
  max: 12345.6,
  ...changes,
});

export const runLine = (number: number, changes: Partial<RunLine> = {}): RunLine => ({
  number,
  uid: String(number).padStart(32, '0'),
  tag: '',
  note: '',
  started_s: Date.UTC(2026, 0, 31, 12) / 1000 + number,
  verdict: 'passed',
  profile: '',
  locustfile: 'shop.py',
  host: 'https://shop.example',
  summary: {
    duration_s: 60,
    requests: 600,
    fail_ratio: 0,
    rate: 10,
    median_ms: 20,
    p95_ms: 80,
    rates: [9, 10, 11],
    p95s_ms: [80, null, 90],
  },
  problem: '',
  ...changes,
});

export const openedRun = (number: number, changes: Partial<RunLine> = {}): OpenedRun => {
  const { summary: _summary, problem: _problem, ...labels } = runLine(number, changes);
  return { ...reportArgs(), run: { ...labels, sources: { revision: '4711abc main', machine: '' } } };
};

/** A run that began so many seconds after the others. */
export const course = (
  number: number,
  history: HistoryPoint[],
  changes: Partial<RunLine> = {},
  startsAt = 0,
): CourseAnswer => ({
  run: openedRun(number, changes).run,
  name: 'Aggregated',
  method: '',
  start: point(startsAt).time,
  history,
});

export const difference = (name: string, changes: Partial<Difference> = {}): Difference => ({
  method: 'GET',
  name,
  requests: { before: 500, after: 520 },
  failures: { before: 0, after: 0 },
  times_ms: {
    typical: { before: 20, after: 22, change: 0.1, low: 0.08, high: 0.12, certain: true },
    '0.5': { before: 19, after: 21, change: 0.105, low: 0.08, high: 0.12, certain: true },
    '0.95': { before: 40, after: 41, change: 0.025, low: -0.02, high: 0.06, certain: false },
  },
  more_failures: false,
  finding: 'slower by 8.0% to 12.0%',
  ...changes,
});

export const differences = (changes: Partial<DifferencesAnswer> = {}): DifferencesAnswer => ({
  before: openedRun(1).run,
  after: openedRun(2).run,
  warnings: [],
  endpoints: [difference('/cart'), difference('/pay')],
  total: difference('Aggregated', { method: '' }),
  ...changes,
});

export const group = (changes: Partial<GroupRow> = {}): GroupRow => ({
  name: 'Shopper',
  requests: 1980,
  failures: 3,
  fail_ratio: 0.001515,
  current_rate: 32.1,
  rate: 31.44,
  average: 14.25,
  '0.5': 12.1,
  '0.95': 31.9,
  '0.99': 0.25,
  max: 1512.75,
  ...changes,
});
