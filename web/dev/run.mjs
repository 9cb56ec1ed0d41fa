/**
 * A simulated load test: the answers of a server's API, computed from the time of day so that the page changes. For
 * viewing the page during development; tests against the real server are in tests/integration/web.
 */

const VERBS = ['GET', 'GET', 'GET', 'POST', 'PUT', 'DELETE'];
const PLACES = [
  'cart',
  'checkout',
  'products/[id]',
  'search?q=[term]',
  'login',
  'orders/[id]/items',
  'profile',
];

/** A number from 0 to 1 that depends only on the seed. */
const chance = seed => {
  const x = Math.sin(seed * 12.9898 + 78.233) * 43758.5453;
  return x - Math.floor(x);
};

export class Run {
  constructor({
    endpoints = 12,
    age_s = 540,
    workers = 0,
    state = 'running',
    failing = true,
    health = null,
  } = {}) {
    Object.assign(this, { endpoints, workers, state, failing, health });
    this.startedAt = Date.now() - age_s * 1000;
    this.serial = 0;
    this.sentHistory = 0;
  }

  get age() {
    return ((this.stoppedAt ?? Date.now()) - this.startedAt) / 1000;
  }

  endpoint(index) {
    const place = PLACES[index % PLACES.length];
    const suffix = index >= PLACES.length * 2 ? `/${Math.floor(index / PLACES.length)}` : '';
    return { method: VERBS[index % VERBS.length], name: `/api/${index % 2 ? 'v2' : 'v1'}/${place}${suffix}` };
  }

  row(index, fractions) {
    const base = 12 + chance(index) * 180;
    const rps = 1 + chance(index + 7) * 40;
    const requests = Math.round(rps * this.age);
    const share = this.failing && index % 5 === 2 ? 0.004 + chance(index) * 0.03 : 0;
    const row = {
      ...this.endpoint(index),
      num_requests: requests,
      num_failures: Math.round(requests * share),
      min_response_time: base * 0.21,
      max_response_time: base * (8 + chance(index + 3) * 20),
      avg_response_time: base * 1.18,
      median_response_time: Math.round(base),
      current_rps: rps * (0.9 + Math.random() * 0.2),
      current_fail_per_sec: rps * share,
      total_rps: rps,
      total_fail_per_sec: rps * share,
      avg_content_length: 400 + chance(index + 11) * 40_000,
    };
    for (const fraction of fractions) {
      row[`response_time_percentile_${fraction}`] = Math.round(base * (1 + 4 * fraction ** 12));
    }
    return row;
  }

  rows(fractions) {
    return Array.from({ length: this.endpoints }, (_, index) => this.row(index, fractions));
  }

  totals(rows, fractions) {
    const sum = key => rows.reduce((total, row) => total + row[key], 0);
    const total = {
      method: '',
      name: 'Aggregated',
      ...Object.fromEntries(
        [
          'num_requests',
          'num_failures',
          'current_rps',
          'current_fail_per_sec',
          'total_rps',
          'total_fail_per_sec',
        ].map(key => [key, sum(key)]),
      ),
      min_response_time: 2.4,
      max_response_time: 3912,
      avg_response_time: 118.2,
      median_response_time: 96,
      avg_content_length: 18_230,
    };
    for (const fraction of fractions)
      total[`response_time_percentile_${fraction}`] = Math.round(96 + 400 * fraction ** 12);
    return total;
  }

  point(at) {
    const rise = Math.min(1, at / 90);
    const stall = at > 300 && at < 340;
    const pulse = 1 + 0.08 * Math.sin(at / 17) + 0.05 * (chance(Math.round(at)) - 0.5);
    const rps = stall ? 0 : rise * 240 * pulse;
    return {
      time: new Date(this.startedAt + at * 1000).toISOString(),
      user_count: Math.round(rise * 200),
      current_rps: rps,
      current_fail_per_sec: stall ? 0 : this.failing ? (at > 200 ? 3.2 * pulse : 0.4) : 0,
      total_avg_response_time: 60 + rise * 30,
      'response_time_percentile_0.5': stall ? null : Math.round(40 + rise * 50 * pulse),
      'response_time_percentile_0.95': stall
        ? null
        : Math.round(110 + rise * 160 * pulse + (at > 400 ? 120 : 0)),
      ...(this.health.inflated && at > 150 && at < 215 ? { inflation: 0.31 } : {}),
    };
  }

  history() {
    const points = [];
    for (let at = 0; at <= this.age; at += 5) if (at < 430 || at > 470) points.push(this.point(at));
    return points;
  }

  errors() {
    if (!this.failing) return [];
    return [
      ["HTTPError('503 Server Error: Service Unavailable for url: /api/v1/products/[id]')", 812, 3],
      ["ConnectionRefusedError(111, 'Connection refused')", 77, 120],
      ['CatchResponseError(\'expected "in stock", got "<script>alert(1)</script>"\')', 12, 300],
      ['TimeoutError()', 1, 320],
    ].map(([error, occurrences, at], index) => ({
      ...this.endpoint(index * 5 + 2),
      error,
      occurrences: occurrences + Math.floor(this.age / 3),
      first_seen: new Date(this.startedAt + at * 1000).toISOString(),
      last_seen: new Date(Date.now() - index * 7000).toISOString(),
    }));
  }

  workerRows() {
    return Array.from({ length: this.workers }, (_, index) => ({
      id: `loadgen-${index + 1}_${(chance(index) * 1e12).toString(16).slice(0, 12)}`,
      state: index === 2 ? 'missing' : this.state,
      user_count: Math.round(200 / this.workers),
      cpu_usage: index === 1 ? 96.4 : 30 + chance(index) * 40,
      memory_usage: 60e6 + chance(index) * 80e6,
    }));
  }

  updates(since, fractions) {
    this.serial += 1;
    const idle = this.state === 'ready';
    const rows = idle ? [] : this.rows(fractions);
    const totals = this.totals(rows, fractions);
    const history = idle ? [] : this.history();
    const full = !since;
    const point = history.at(-1);
    return {
      cursor: String(this.serial),
      full,
      state: this.state,
      user_count: idle ? 0 : (point?.user_count ?? 0),
      target_user_count: idle ? null : 200,
      host: idle ? null : 'https://shop.example',
      run_time_s: idle ? null : this.age,
      run_time_limit_s: idle ? null : 1800,
      worker_count: this.workers,
      fail_ratio: totals.num_requests ? totals.num_failures / totals.num_requests : 0,
      totals: idle
        ? {
            ...totals,
            avg_response_time: null,
            median_response_time: null,
            min_response_time: null,
            max_response_time: null,
          }
        : totals,
      // Half of the endpoints had a request since the last time.
      entries: full ? rows : rows.filter((_, index) => (index + this.serial) % 2 === 0),
      removed: [],
      errors: idle ? [] : this.errors(),
      errors_removed: [],
      exception_count: this.failing && !idle ? 2 : 0,
      workers: this.workerRows(),
      workers_removed: [],
      history: full ? history : history.slice(-1),
      current_percentiles: idle
        ? {}
        : {
            'response_time_percentile_0.5': point?.['response_time_percentile_0.5'] ?? null,
            'response_time_percentile_0.95': point?.['response_time_percentile_0.95'] ?? null,
          },
      generator_health: this.health,
    };
  }

  exceptions() {
    if (!this.failing) return [];
    return [
      {
        count: 31,
        msg: "KeyError('price')",
        traceback:
          'Traceback (most recent call last):\n  File "locustfile.py", line 42, in checkout\n    total += item["price"] * item["count"]\n             ~~~~^^^^^^^^^\nKeyError: \'price\'\n',
        nodes: 'loadgen-1, loadgen-2',
      },
      {
        count: 2,
        msg: 'ValueError(\'<img src=x onerror="alert(1)">\')',
        traceback: 'Traceback (most recent call last):\n  …\n',
        nodes: 'local',
      },
    ];
  }
}

export const TASKS = {
  per_class: {
    Shopper: {
      ratio: 0.7,
      tasks: {
        browse: { ratio: 0.6 },
        checkout: { ratio: 0.1 },
        Search: { ratio: 0.3, tasks: { query: { ratio: 0.8 }, open_result: { ratio: 0.2 } } },
      },
    },
    Admin: { ratio: 0.3, tasks: { report: { ratio: 1 } } },
  },
  total: {
    Shopper: {
      ratio: 0.7,
      tasks: {
        browse: { ratio: 0.42 },
        checkout: { ratio: 0.07 },
        Search: { ratio: 0.21, tasks: { query: { ratio: 0.168 }, open_result: { ratio: 0.042 } } },
      },
    },
    Admin: { ratio: 0.3, tasks: { report: { ratio: 0.3 } } },
  },
};

export const LOGS = {
  master: [
    '[2026-01-31 12:00:00,113] loadgen/INFO/locust.main: Starting Locust 2.47.0',
    '[2026-01-31 12:00:00,120] loadgen/INFO/locust.main: Starting web interface at http://0.0.0.0:8089, press enter to open your default browser.',
    '[2026-01-31 12:00:31,001] loadgen/INFO/locust.runners: Ramping to 200 users at a rate of 2.00 per second',
    '[2026-01-31 12:02:11,402] loadgen/INFO/locust.runners: All users spawned: {"Admin": 60, "Shopper": 140} (200 total users)',
    '[2026-01-31 12:03:40,007] loadgen/WARNING/root: CPU usage above 90%! This may constrain your throughput and may even give inconsistent response time measurements!',
    "[2026-01-31 12:04:02,700] loadgen/ERROR/locust.user.task: 'price'",
    'Traceback (most recent call last):',
    '  File "locustfile.py", line 42, in checkout',
    "KeyError: 'price'",
    ...Array.from(
      { length: 60 },
      (_, i) =>
        `[2026-01-31 12:05:${String(i).padStart(2, '0')},000] loadgen/DEBUG/urllib3: <b>connection ${i}</b> reused`,
    ),
  ],
  workers: {
    'loadgen-1_3fa': ['[2026-01-31 12:00:02,000] loadgen-1/INFO/locust.main: Starting Locust 2.47.0'],
  },
};
