/** The situations in which the pages can be viewed, one base path each. */
import { LOGS, Run, TASKS } from './run.mjs';

const HEALTHY = {
  cpu_usage: 34,
  hub_lag_ms: 0.3,
  late_starts: 0,
  inflated: false,
  inflation: 0.004,
  open_files: 61,
  most_open_files: 1024,
  local_ports: 83,
  most_local_ports: 28232,
  queue_length: 0,
  starts_meant: 3000,
  starts_late: 210,
  starts_missed: 45,
  reasons: [],
  remedies: [],
};

const PLAIN = {
  locustfile: 'locustfile.py',
  state: 'ready',
  is_distributed: false,
  user_count: 0,
  version: '2.47.0',
  host: 'https://shop.example',
  history: [],
  override_host_warning: false,
  missing_host_warning: false,
  num_users: null,
  spawn_rate: null,
  run_time: null,
  worker_count: 0,
  hide_common_options: false,
  shape_use_common_options: false,
  stats_history_enabled: false,
  tasks: '{}',
  extra_options: {},
  show_userclass_picker: false,
  available_user_classes: ['Admin', 'Shopper'],
  available_shape_classes: ['Default'],
  available_user_tasks: {},
  users: {},
  percentiles_to_chart: [0.5, 0.95],
  percentiles_to_statistics: [0.95, 0.99],
  is_host_required: false,
  profile: null,
};

const PICKER = {
  ...PLAIN,
  show_userclass_picker: true,
  override_host_warning: true,
  available_shape_classes: ['Default', 'DoubleWave', 'StagesShape'],
  available_user_tasks: {
    Admin: ['report', 'audit'],
    Shopper: ['browse', 'checkout', 'query', 'open_result'],
  },
  users: {
    Admin: { host: 'https://admin.example', weight: 1, fixed_count: 2, tasks: ['report', 'audit'] },
    Shopper: {
      host: null,
      weight: 10,
      fixed_count: 0,
      tasks: ['browse', 'checkout', 'query'],
      region: 'eu',
      retries: 3,
    },
  },
  all_profiles: ['smoke', 'nightly', 'release'],
  extra_options: {
    tenant: {
      default_value: 'acme',
      is_secret: false,
      is_required: true,
      help_text: 'Whose shop is tested',
      is_multiple: false,
      choices: null,
    },
    api_token: {
      default_value: 's3cret',
      is_secret: true,
      is_required: false,
      help_text: 'Sent as a bearer token',
      is_multiple: false,
      choices: null,
    },
    env: {
      default_value: 'dev',
      is_secret: false,
      is_required: false,
      help_text: 'Environment',
      is_multiple: false,
      choices: ['dev', 'staging', 'prod'],
    },
    endpoints: {
      default_value: ['a'],
      is_secret: false,
      is_required: false,
      help_text: 'Endpoints',
      is_multiple: true,
      choices: ['a', 'b', 'c'],
    },
    verbose: {
      default_value: true,
      is_secret: false,
      is_required: false,
      help_text: 'Log every request',
      is_multiple: false,
      choices: null,
    },
    think_time: {
      default_value: 1.5,
      is_secret: false,
      is_required: false,
      help_text: 'Seconds between requests',
      is_multiple: false,
      choices: null,
    },
  },
};

const EXTENDED = {
  ...PLAIN,
  state: 'running',
  stats_history_enabled: true,
  extended_tabs: [{ title: 'Content length', key: 'content-length' }],
  extended_tables: [
    {
      key: 'content-length',
      structure: [
        { key: 'name', title: 'Name' },
        { key: 'content_length', title: 'Total content length' },
      ],
    },
  ],
  extended_csv_files: [{ href: '/content-length/csv', title: 'Content length (CSV)' }],
};

/** @type {Record<string, {args: object, run: Run}>} */
export const SCENARIOS = {
  ready: { args: PLAIN, run: new Run({ state: 'ready' }) },
  picker: { args: PICKER, run: new Run({ state: 'ready' }) },
  waiting: { args: { ...PLAIN, is_distributed: true }, run: new Run({ state: 'ready' }) },
  running: { args: { ...EXTENDED }, run: new Run({ health: HEALTHY }) },
  started: {
    args: { ...EXTENDED },
    run: new Run({ endpoints: 0, age_s: 0, failing: false, health: HEALTHY }),
  },
  distributed: {
    args: { ...PLAIN, is_distributed: true, state: 'running' },
    run: new Run({
      workers: 4,
      health: {
        cpu_usage: 96.4,
        hub_lag_ms: 41,
        inflated: true,
        inflation: 0.31,
        reasons: [
          'Worker loadgen-2 notices responses 14.2 ms late on average, which makes its response times 31% longer than they are.',
          'On worker loadgen-2, locustfile.py:41 in checkout held the event loop for 640 ms.',
        ],
        remedies: [
          'Replace the blocking calls by ones that let others run.',
          'Use more processes or workers (--processes), or fewer users.',
        ],
      },
    }),
  },
  big: { args: { ...PLAIN, state: 'running' }, run: new Run({ endpoints: 1000, health: HEALTHY }) },
  huge: { args: { ...PLAIN, state: 'running' }, run: new Run({ endpoints: 5000, health: HEALTHY }) },
  stopped: { args: { ...PLAIN, state: 'stopped' }, run: new Run({ state: 'stopped', health: HEALTHY }) },
};
SCENARIOS.stopped.run.stoppedAt = Date.now();

export const AUTH = {
  basic: { username_password_callback: '/login_submit', error: 'Invalid user name or password.' },
  providers: {
    title: 'Acme load tests',
    username_password_callback: '/login_submit',
    auth_providers: [
      { label: 'GitHub', callback_url: '/login/github' },
      { label: 'Company single sign-on', callback_url: '/login/sso' },
    ],
    info: 'You have been logged out.',
  },
  custom: {
    custom_form: {
      callback_url: '/login_submit',
      submit_button_text: 'Sign in',
      inputs: [
        { label: 'E-mail', name: 'email', type: 'email', is_required: true },
        { label: 'Password', name: 'password', is_secret: true, is_required: true },
        { label: 'Team', name: 'team', choices: ['web', 'mobile'] },
        { label: 'Stay logged in', name: 'stay', default_value: true },
      ],
    },
  },
};

export function reportArgs() {
  const run = new Run({ age_s: 720, endpoints: 40, health: HEALTHY });
  const fractions = [0.95, 0.99];
  const rows = run.rows(fractions);
  const pairs = point =>
    Object.fromEntries(
      Object.entries(point).map(([key, value]) => [key, key === 'time' ? value : [point.time, value]]),
    );
  const times = row => ({
    name: row.name,
    method: row.method,
    ...Object.fromEntries(
      [0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99].map((f, i) => [
        String(f),
        Math.round(40 + i * 31 * (row.avg_response_time / 90)),
      ]),
    ),
    '1.0': Math.round(row.max_response_time),
  });
  const totals = run.totals(rows, fractions);
  return {
    is_report: true,
    requests_statistics: [...rows, totals],
    failures_statistics: run.errors(),
    exceptions_statistics: run.exceptions(),
    response_time_statistics: [...rows, totals].map(times),
    start_time: new Date(run.startedAt).toISOString(),
    end_time: new Date().toISOString(),
    duration: '12 minutes and 0 seconds',
    host: 'https://shop.example',
    history: run.history().map(pairs),
    show_download_link: true,
    locustfile: 'locustfile.py',
    tasks: TASKS,
    percentiles_to_chart: [0.5, 0.95],
    profile: 'nightly',
    user_count: 200,
    spawn_rate: 2,
    version: '2.47.0',
    parameters: [
      { name: 'tenant', value: 'acme' },
      { name: 'env', value: 'staging' },
    ],
    generator_health: {
      ...HEALTHY,
      inflated: true,
      reasons: ['CPU of the load generator was above 90 % for 41 s.'],
    },
  };
}

export { LOGS, TASKS };
