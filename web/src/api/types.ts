/**
 * The server's answers and the page's requests: docs/web-updates-api.md and the routes of Locust.
 *
 * Times are milliseconds, memory is bytes, rates are per second, points in time are ISO 8601 in UTC.
 * `null` means "not measured" and is drawn as a gap or a dash, never as zero.
 */

export type RunnerState = 'ready' | 'spawning' | 'running' | 'cleanup' | 'stopping' | 'stopped' | 'missing';

/** Keys such as `response_time_percentile_0.95`; the server or the locustfile chooses which ones exist. */
export type PercentileKey = `response_time_percentile_${number}`;

export type Percentiles = { [key in PercentileKey]?: number | null };

/** One row of the statistics table. The aggregated row has an empty `method`. */
export interface StatsRow extends Percentiles {
  method: string | null;
  name: string;
  num_requests: number;
  num_failures: number;
  min_response_time: number | null;
  max_response_time: number | null;
  avg_response_time: number | null;
  median_response_time: number | null;
  current_rps: number;
  current_fail_per_sec: number;
  total_rps: number;
  total_fail_per_sec: number;
  avg_content_length: number | null;
  /** Of rows with failures, in precise answers only. */
  succeeded?: SideTimes;
  failed?: SideTimes;
}

/** The response times of the successes or of the failures of a row, and how many requests have one. */
export interface SideTimes extends Percentiles {
  num_requests: number;
  min_response_time: number;
  max_response_time: number;
  avg_response_time: number;
  median_response_time: number;
}

/** One side of a row, as a row of its own. */
export interface OutcomeRow extends StatsRow {
  outcome: string;
}

/** Identifies an endpoint, by method and name together. */
export interface EntryKey {
  method: string | null;
  name: string;
}

/** One distinct failure, identified by method, name and error together. */
export interface ErrorRow {
  method: string | null;
  name: string;
  error: string;
  occurrences: number;
  first_seen: string | number | null;
  last_seen: string | number | null;
}

export interface ErrorKey {
  method: string | null;
  name: string;
  error: string;
}

export interface WorkerRow {
  id: string;
  state: string;
  user_count: number;
  /** Percent of one core. */
  cpu_usage: number | null;
  /** Resident memory in bytes. */
  memory_usage: number | null;
}

/** One moment of the run. Every value may be `null`. */
export interface HistoryPoint extends Percentiles {
  time: string;
  user_count: number | null;
  current_rps: number | null;
  current_fail_per_sec: number | null;
  total_avg_response_time: number | null;
  /** Share by which the generator's own lateness made response times too long; only where it did. */
  inflation?: number | null;
  /** With several User classes. */
  users_by_class?: Record<string, number>;
}

/** Whether the load generator itself distorts what it measures. */
export interface GeneratorHealth {
  cpu_usage: number | null;
  hub_lag_ms: number | null;
  late_starts: number | null;
  /** True: the response times shown are too high because the generator is the bottleneck. */
  inflated: boolean;
  /** By what share they are; 0.05 is 5 %. */
  inflation?: number | null;
  /** Descriptors of the process, TCP sockets of its machine, and how many there can be. */
  open_files?: number | null;
  most_open_files?: number | null;
  local_ports?: number | null;
  most_local_ports?: number | null;
  /** Workers' reports that the master has not dealt with yet. */
  queue_length?: number | null;
  /** Iterations of paced users, and arrivals, that should have begun, began late, and never began. */
  starts_meant?: number | null;
  starts_late?: number | null;
  starts_missed?: number | null;
  /** What became of the users that arrive, by class. */
  arrivals?: Record<string, ArrivalCounts>;
  /** Sentences for the reader: what was observed, on which node. */
  reasons: string[];
  /** What to do about it, what helps most first. */
  remedies?: string[];
}

export interface ArrivalCounts {
  meant: number;
  begun: number;
  late: number;
  dropped: number;
  overdue: number;
  worst_late_ms: number;
}

/** How a User class stands in the test. */
export interface ClassRow {
  name: string;
  state: 'waiting' | 'running' | 'stopping' | 'ended';
  users: number;
  /** Null where a rate of arrivals is meant, and no number of users. */
  users_meant: number | null;
  /** What became of the users that arrive; null in other classes. */
  arrivals: ArrivalCounts | null;
  /** In reports: the most users at the points of the charts. */
  users_at_most?: number | null;
}

export type ThresholdState = 'waiting' | 'holding' | 'broken' | 'passed' | 'failed' | 'not measured';

/** What has to hold in the run, and how it stands. */
export interface Threshold {
  threshold: string;
  state: ThresholdState;
  /** Such as "412 ms, first broken at 0:14". */
  outcome: string;
  first_breach?: { time: string } | null;
}

/** Answer of `GET /stats/updates`. */
export interface StatsUpdate {
  cursor: string;
  /** Whether no further iteration begins until somebody resumes the test; the state stays as it is. */
  paused?: boolean;
  /** True: this is everything, and replaces all earlier data. False: this changed since the cursor that was sent. */
  full: boolean;
  state: RunnerState;
  user_count: number;
  target_user_count: number | null;
  host: string | null;
  /** Seconds since the test started, constant once it has stopped; null before the first test. */
  run_time_s: number | null;
  /** The `--run-time` of this test in seconds, null without a limit. */
  run_time_limit_s: number | null;
  worker_count: number;
  fail_ratio: number;
  totals: StatsRow;
  entries: StatsRow[];
  removed: EntryKey[];
  errors: ErrorRow[];
  errors_removed: ErrorKey[];
  /** The number of distinct exceptions; the rows come from `GET /exceptions`. */
  exception_count: number;
  workers: WorkerRow[];
  workers_removed: string[];
  history: HistoryPoint[];
  current_percentiles: Percentiles;
  generator_health: GeneratorHealth | null;
  /** All of them, in every answer. */
  thresholds?: Threshold[];
  classes?: ClassRow[];
}

/** Answer of `GET /stats/history?name=&method=`. */
export interface EndpointHistory {
  name: string;
  method: string | null;
  history: HistoryPoint[];
}

/** Start (epoch seconds), width (seconds), requests, times at the fractions, pairs of band and requests. */
export type LatencyColumn = [
  start: number,
  width: number,
  requests: number,
  times: number[],
  bands: number[],
];

/** Answer of `GET /stats/latencies?name=&method=`. Band `i` reaches from `edges[i]` to `edges[i + 1]`. */
export interface Latencies extends EntryKey {
  fractions: number[];
  edges: number[];
  columns: LatencyColumn[];
}

export type PhaseName = 'queue' | 'resolve' | 'connect' | 'tls' | 'send' | 'first_byte' | 'last_byte';

/** Where the time of an endpoint's requests went; of each phase how often it occurred, and how long it took. */
export type PhaseRow = EntryKey & {
  requests: number;
  connections_opened: number;
  connections_reused: number;
  retries: number;
  bytes_sent: number;
  bytes_received: number;
} & Record<PhaseName, { count: number; avg: number; max: number }>;

/** Answer of `GET /stats/phases`; the total is the last row. */
export interface PhasesAnswer {
  phases: PhaseRow[];
}

/** Times from the intended start of an endpoint, with fractions such as "0.95" as keys; `count` starts were meant. */
export interface IntendedRow extends EntryKey {
  count: number;
  average: number;
  max: number;
  [fraction: string]: number | string | null;
}

/** Answer of `GET /stats/intended`; the total is the last row. */
export interface IntendedAnswer {
  intended: IntendedRow[];
}

/** Requests of a User class or tag: rates per second, precise times in milliseconds, null where nothing was measured. */
export interface GroupRow {
  name: string;
  requests: number;
  failures: number;
  fail_ratio: number;
  current_rate: number;
  rate: number;
  average: number | null;
  '0.5': number | null;
  '0.95': number | null;
  '0.99': number | null;
  max: number | null;
}

/** Answer of `GET /stats/groups`; both lists are empty where requests are not counted so. */
export interface GroupsAnswer {
  classes: GroupRow[];
  tags: GroupRow[];
}

/** A series of a metric of the test's own; counters and gauges have `value`, trends the other figures. */
export interface MetricRow {
  name: string;
  kind: 'counter' | 'gauge' | 'trend';
  unit: string;
  about: string;
  tags: Record<string, string>;
  value?: number;
  count?: number;
  average?: number;
  min?: number;
  '0.5'?: number;
  '0.9'?: number;
  '0.95'?: number;
  '0.99'?: number;
  max?: number;
}

/** Answer of `GET /stats/metrics`. */
export interface MetricsAnswer {
  metrics: MetricRow[];
}

/** A body up to a limit. `note` says why there is no text: `binary`, `stream` or `file`; it is empty otherwise. */
export interface EvidenceBody {
  text: string;
  /** Bytes of the whole; null if not known. */
  length: number | null;
  is_cut: boolean;
  note: string;
}

type Headers = [name: string, value: string][];

/** A request that was kept as evidence, with its secrets redacted. */
export interface EvidencePiece {
  time: string;
  method: string;
  name: string;
  /** Empty for a success. */
  error: string;
  response_time_ms: number | null;
  user_class: string;
  worker: string;
  request: { method: string; url: string; headers: Headers; body: EvidenceBody | null } | null;
  response: { status: number | null; reason: string; headers: Headers; body: EvidenceBody | null } | null;
  phases_ms: Partial<Record<PhaseName, number>>;
  /** The phase in which it failed; empty if not known. */
  failed_in: string;
  context: Record<string, string>;
}

/** Answer of `GET /stats/evidence?method=&name=&error=`; without `error` of the slowest requests. */
export interface EvidenceAnswer {
  evidence: EvidencePiece[];
}

/** Answer of `GET /exceptions`. */
export interface ExceptionsAnswer {
  exceptions: ExceptionRow[];
}

export interface ExceptionRow {
  count: number;
  msg: string;
  traceback: string;
  nodes: string;
}

/** Answer of `GET /tasks`; ratios are fractions of one. */
export interface RatioNode {
  ratio: number;
  tasks?: Record<string, RatioNode>;
}

export interface TaskRatios {
  per_class: Record<string, RatioNode>;
  total: Record<string, RatioNode>;
}

/** Answer of `GET /logs`. */
export interface LogsAnswer {
  master: string[];
  workers: Record<string, string[]>;
}

/** Answer of `POST /swarm` and `POST /stop`: an error has status 200 and `success: false`. */
export interface ActionAnswer {
  success: boolean;
  message: string;
  host?: string | null;
}

/** Rows that a plug-in adds to the answer of `GET /stats/requests`. */
export interface ExtendedStats {
  key: string;
  data: Record<string, string | number | boolean | null>[];
}

export interface StatsRequestsAnswer {
  extended_stats?: ExtendedStats[];
}
