/**
 * The data that the server writes into the page, such as `window.templateArgs`. Third parties add keys, and custom
 * servers may omit some, so every key that is not always present is optional.
 */
import type {
  ClassRow,
  EvidencePiece,
  ExceptionRow,
  GeneratorHealth,
  GroupsAnswer,
  IntendedRow,
  Latencies,
  MetricRow,
  PhaseRow,
  RunnerState,
  StatsRow,
  TaskRatios,
  Threshold,
} from './types';

export type ArgumentValue = string | number | boolean | null | (string | number)[];

/** A custom argument of the locustfile, as the form shows it. */
export interface ExtraOption {
  default_value: ArgumentValue;
  help_text?: string | null;
  is_secret?: boolean;
  is_required?: boolean;
  is_multiple?: boolean;
  choices?: (string | number)[] | null;
}

/** A user class as the class picker shows it; `json()` may add attributes of any type. */
export interface UserClassConfig {
  host?: string | null;
  weight?: number | null;
  fixed_count?: number | null;
  tasks?: string[];
  [attribute: string]: unknown;
}

/** `[time, value]`, Locust's format of a value in `history`. */
export type TimedValue = [time: string, value: number | null];

export type HistoryItem = { time: string } & { [key: string]: TimedValue | number | string | null };

export interface ExtendedTab {
  title: string;
  key: string;
}

export interface ExtendedTable {
  key: string;
  structure: { key: string; title: string }[];
}

export interface ExtendedCsvFile {
  href: string;
  title: string;
}

/** `window.templateArgs` of index.html. */
export interface LiveArgs {
  locustfile?: string;
  state: RunnerState;
  is_distributed?: boolean;
  user_count?: number;
  version?: string;
  host?: string | null;
  history?: HistoryItem[];
  override_host_warning?: boolean;
  missing_host_warning?: boolean;
  num_users?: number | null;
  spawn_rate?: number | null;
  run_time?: number | string | null;
  /** Users that arrive per second in all, and the most that may run at once; null: as the classes say. */
  arrival_rate?: number | null;
  max_users?: number | null;
  /** Whether users of any class arrive. */
  has_arrivals?: boolean;
  /** The classes that bring their own users over time. */
  scenario_classes?: string[];
  /** Whether there is something to say about single classes. */
  has_classes?: boolean;
  /** How many iterations a test has, over all users; null for no limit. */
  iterations?: number | null;
  run_time_from_ramp_end?: boolean;
  /** Whether times from the intended start are kept. */
  intended_start?: boolean;
  worker_count?: number;
  hide_common_options?: boolean | null;
  /** Applies to the shape that was chosen on the command line. */
  shape_use_common_options?: boolean | null;
  /** Applies to the shapes that the picker offers. */
  shapes_with_common_options?: string[];
  stats_history_enabled?: boolean;
  extra_options?: Record<string, ExtraOption>;
  show_userclass_picker?: boolean;
  available_user_classes?: string[] | null;
  available_shape_classes?: string[] | null;
  available_user_tasks?: Record<string, string[]> | null;
  users?: Record<string, UserClassConfig> | null;
  percentiles_to_chart?: number[];
  percentiles_to_statistics?: number[];
  /** Whether the run was started with `--precise`. */
  precise?: boolean;
  is_host_required?: boolean;
  /** Of the command line, the locustfile or the latest form. */
  thresholds?: string[];
  profile?: string | null;
  all_profiles?: string[];
  extended_tabs?: ExtendedTab[];
  extended_tables?: ExtendedTable[];
  extended_csv_files?: ExtendedCsvFile[];
}

/** A row of the report's table of response times, with fractions such as "0.95" as keys. */
export interface ResponseTimeRow {
  name: string;
  method: string | null;
  [fraction: string]: number | string | null;
}

export interface ReportFailure {
  method: string | null;
  name: string;
  error: string;
  occurrences: number;
  first_seen?: string | number | null;
  last_seen?: string | number | null;
}

/** `window.templateArgs` of report.html. */
export interface ReportArgs {
  is_report: true;
  classes?: ClassRow[];
  requests_statistics: StatsRow[];
  failures_statistics: ReportFailure[];
  exceptions_statistics: ExceptionRow[];
  response_time_statistics: ResponseTimeRow[];
  precise_response_time_statistics?: ResponseTimeRow[];
  /** Rows with failures, each with its successes and failures apart. */
  outcome_statistics?: StatsRow[];
  /** Of the whole run, then of the endpoints with most requests. */
  latencies?: Latencies[];
  /** Of the endpoints whose requests told their phases, then of the whole run. */
  phase_statistics?: PhaseRow[];
  /** Of the endpoints that have times from the intended start, then of the whole run. */
  intended_statistics?: IntendedRow[];
  /** Requests by User class and by tag. */
  groups?: GroupsAnswer;
  /** Counters, gauges and trends of the test's own. */
  metrics?: MetricRow[];
  /** Requests and responses of failures, and the slowest of each endpoint, as many as fit into the report. */
  evidence?: { failures: EvidencePiece[]; slowest?: EvidencePiece[] };
  precise?: boolean;
  start_time: string;
  end_time: string;
  duration: string;
  host: string | null;
  history: HistoryItem[];
  show_download_link?: boolean;
  locustfile?: string;
  tasks?: TaskRatios | string | null;
  percentiles_to_chart?: number[];
  percentiles_to_statistics?: number[];
  profile?: string | null;
  generator_health?: GeneratorHealth | null;
  thresholds?: Threshold[];
  run_time_s?: number | null;
  user_count?: number | null;
  peak_user_count?: number | null;
  spawn_rate?: number | null;
  parameters?: { name: string; value: ArgumentValue }[];
  version?: string;
}

export interface AuthInput {
  label: string;
  name: string;
  /** An HTML input type such as `email`; takes precedence over the other fields. */
  type?: string;
  default_value?: ArgumentValue;
  choices?: (string | number)[] | null;
  is_multiple?: boolean;
  is_secret?: boolean;
  is_required?: boolean;
}

export interface AuthProvider {
  label: string;
  callback_url: string;
  icon_url?: string | null;
}

/** `window.authArgs` of auth.html. */
export interface AuthArgs {
  title?: string;
  username_password_callback?: string | null;
  auth_providers?: AuthProvider[] | null;
  custom_form?: { inputs: AuthInput[]; callback_url: string; submit_button_text?: string } | null;
  error?: string | null;
  info?: string | null;
}

export type ThemeName = 'dark' | 'light';

declare global {
  interface Window {
    templateArgs?: LiveArgs | ReportArgs;
    authArgs?: AuthArgs;
    theme?: string | null;
    baseUrl?: string | null;
  }
}

/** Reads the JSON element of a page or, without one, the global that custom pages set. */
function readPageArgs<T>(elementId: string, fallback: T | undefined): T {
  const text = document.getElementById(elementId)?.textContent;
  if (text) return JSON.parse(text) as T;
  if (fallback) return fallback;
  throw new Error(`the page has neither a #${elementId} element nor the global it stands for`);
}

export const readLiveArgs = (): LiveArgs =>
  readPageArgs<LiveArgs>('template-args', window.templateArgs as LiveArgs | undefined);

export const readReportArgs = (): ReportArgs =>
  readPageArgs<ReportArgs>('template-args', window.templateArgs as ReportArgs | undefined);

/** `window.templateArgs` of runs.html; all else is asked for. */
export interface RunsArgs {
  version?: string;
}

export const readRunsArgs = (): RunsArgs =>
  readPageArgs<RunsArgs>('template-args', window.templateArgs as RunsArgs | undefined);

export const readAuthArgs = (): AuthArgs => readPageArgs<AuthArgs>('auth-args', window.authArgs);

/** The theme that the server asked for, if any: a report is downloaded in the theme on screen. */
export const pageTheme = (): ThemeName | null =>
  window.theme === 'dark' || window.theme === 'light' ? window.theme : null;

export const baseUrl = (): string => (window.baseUrl ?? '').replace(/\/+$/, '');
