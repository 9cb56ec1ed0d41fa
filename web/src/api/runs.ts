/** Answers of the routes below `/runs`: kept runs, one of them, its course, differences of two. */
import type { ReportArgs } from './page';
import type { HistoryPoint } from './types';

export type Verdict = 'passed' | 'failed' | 'running' | 'no result';

/** The figures of a run in the list, of requests in all. */
export interface RunSummary {
  duration_s: number;
  requests: number;
  fail_ratio: number;
  rate: number;
  median_ms: number | null;
  p95_ms: number | null;
  /** Requests per second, and the 95 %, of equal parts of the run. */
  rates: (number | null)[];
  p95s_ms: (number | null)[];
}

/** What names a run. */
export interface RunLabels {
  number: number;
  uid: string;
  tag: string;
  note: string;
  /** Seconds since the epoch. */
  started_s: number;
  verdict: Verdict;
  profile: string;
  locustfile: string;
  host: string;
}

export interface RunLine extends RunLabels {
  /** Of runs that have ended. */
  summary: RunSummary | null;
  /** Why there is no summary of a run that has ended, and what to do. */
  problem: string;
}

/** Answer of `GET /runs/list?search=&profile=&offset=&limit=`. */
export interface RunsAnswer {
  runs: RunLine[];
  /** How many match. */
  found: number;
  profiles: string[];
}

/** Answer of `GET /runs/run?run=`: a report, and what the run is called and was made with. */
export interface OpenedRun extends ReportArgs {
  run: RunLabels & { sources: Record<string, string> };
}

/** Answer of `GET /runs/course?run=&name=&method=`. */
export interface CourseAnswer {
  run: RunLabels;
  name: string;
  method: string;
  /** When the run began, ISO 8601. */
  start: string;
  history: HistoryPoint[];
}

/** A response time in both runs; shares are fractions of one. */
export interface Change {
  before: number;
  after: number;
  change: number;
  low: number;
  high: number;
  certain: boolean;
}

export interface Both {
  before: number | null;
  after: number | null;
}

/** One endpoint in two runs; `times_ms` has no figures where too little was measured. */
export interface Difference {
  method: string;
  name: string;
  requests: Both;
  failures: Both;
  times_ms: Partial<Record<'typical' | '0.5' | '0.95' | '0.99', Change>>;
  more_failures: boolean;
  finding: string;
}

/** Answer of `GET /runs/differences?before=&after=`. */
export interface DifferencesAnswer {
  before: RunLabels;
  after: RunLabels;
  warnings: string[];
  endpoints: Difference[];
  total: Difference;
}
