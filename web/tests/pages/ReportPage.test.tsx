import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, test } from 'vitest';
import type { MetricRow } from '../../src/api/types';
import { ReportPage } from '../../src/pages/report/ReportPage';
import { reportFacts, reportOf } from '../../src/pages/report/reportModel';
import { axeViolations } from '../axe';
import { group, intended, latencies, phases, piece, reportArgs, row, trend } from '../samples';

const time = '2026-01-31T12:00:05Z';

describe('the report', () => {
  test('shows charts, tables, failures, exceptions, ratios and parameters', () => {
    render(
      <ReportPage
        args={reportArgs({
          history: [{ time, user_count: [time, 4], current_rps: [time, 2], current_fail_per_sec: [time, 0] }],
          failures_statistics: [{ method: 'GET', name: '/cart', error: '503', occurrences: 2 }],
          exceptions_statistics: [{ count: 1, msg: 'KeyError', traceback: 'Traceback …', nodes: 'local' }],
          tasks: { per_class: { Shopper: { ratio: 1 } }, total: {} },
          parameters: [{ name: 'tenant', value: 'acme' }],
        })}
      />,
    );
    expect(screen.getByTestId('chart-rates')).toBeTruthy();
    expect(within(screen.getByTestId('table-statistics')).getByText('/cart')).toBeTruthy();
    expect(within(screen.getByTestId('total-statistics')).getByText('Aggregated')).toBeTruthy();
    expect(
      within(screen.getByTestId('table-response-times')).getByRole('columnheader', { name: 'Max' }),
    ).toBeTruthy();
    expect(within(screen.getByTestId('table-failures')).getByText('503')).toBeTruthy();
    expect(screen.getByText('KeyError')).toBeTruthy();
    expect(within(screen.getByTestId('ratios')).getByText('Shopper')).toBeTruthy();
    expect(screen.getByTestId('report-facts').textContent).toContain('acme');
  });

  test('shows the evidence of each kind of failure', async () => {
    const failures = [piece(), piece({ response: null, failed_in: 'connect' }), piece({ error: '<b>' })];
    render(<ReportPage args={reportArgs({ evidence: { failures } })} />);
    const kinds = within(screen.getByTestId('failure-evidence')).getAllByRole('group');
    expect(kinds.map(kind => within(kind).getAllByRole('figure').length)).toEqual([4, 2]);
    expect(kinds[0]?.textContent).toContain('GET /cart503');
    expect(kinds[0]?.textContent).toContain('Failed inconnect');
    expect(kinds[1]?.textContent).toContain('<b>');
    expect(screen.queryByTestId('slowest')).toBeNull();
    expect(await axeViolations()).toEqual([]);
  });

  test('shows the slowest requests of each endpoint', () => {
    const slowest = [
      piece({ error: '' }),
      piece({ response_time_ms: 700 }),
      piece({ name: '/pay', error: '' }),
    ];
    render(<ReportPage args={reportArgs({ evidence: { failures: [], slowest } })} />);
    const endpoints = within(screen.getByTestId('slowest')).getAllByRole('group');
    expect(endpoints.map(group => within(group).getAllByRole('figure').length)).toEqual([4, 2]);
    expect(endpoints[0]?.textContent).toContain('GET /cart813\u00a0ms');
    expect(screen.queryByTestId('failure-evidence')).toBeNull();
  });

  test('marks a run that the generator distorted', () => {
    const generator_health = {
      cpu_usage: 99,
      hub_lag_ms: 9,
      late_starts: 3,
      inflated: true,
      reasons: ['CPU 99 %'],
    };
    render(<ReportPage args={reportArgs({ generator_health })} />);
    expect(screen.getByTestId('banner-generator').textContent).toContain('CPU 99 %');
  });

  test('shows successes and failures apart where something failed', () => {
    const side = (count: number, time: number) => ({
      num_requests: count,
      min_response_time: time,
      max_response_time: time,
      avg_response_time: time,
      median_response_time: time,
    });
    const failing = row('/cart', { num_failures: 4, succeeded: side(6, 12), failed: side(4, 30_000) });
    render(<ReportPage args={reportArgs({ outcome_statistics: [failing] })} />);
    const table = within(screen.getByTestId('table-outcomes'));
    expect(table.getAllByRole('row').map(line => line.textContent)).toEqual([
      expect.stringContaining('Outcome'),
      expect.stringMatching(/GET\/cartSucceeded612/),
      expect.stringMatching(/GET\/cartFailed430,000/),
    ]);
  });

  test('shows the response times over time of the endpoint that is picked', async () => {
    const cart = latencies({ name: '/cart', method: 'GET', columns: [[1, 1, 1, [33, 33], [1, 1]]] });
    const empty = latencies({ name: '/never', columns: [] });
    render(<ReportPage args={reportArgs({ latencies: [latencies(), cart, empty] })} />);
    const picker = screen.getByTestId('latency-picker');
    expect(
      within(picker)
        .getAllByRole('option')
        .map(option => option.textContent),
    ).toEqual(['All (aggregated)', 'GET /cart']);
    await userEvent.selectOptions(picker, 'GET /cart');
    expect(screen.getByTestId('heat-map').textContent).toContain('33\u00a0ms');
  });

  test('shows where the time went, on average or at most', async () => {
    const total = phases({ name: 'Aggregated', method: '' });
    render(<ReportPage args={reportArgs({ phase_statistics: [phases(), total] })} />);
    const section = within(screen.getByTestId('section-phases'));
    const cells = () => section.getByTestId('row-phases').textContent;
    expect(cells()).toBe('GET/cart8261960\u00a0B4\u00a0KiB0.0000.2501.5–0.01220.50.500');
    expect(section.getByTestId('total-phases').textContent).toContain('Aggregated8');
    await userEvent.click(section.getByRole('button', { name: 'Maximum' }));
    expect(cells()).toContain('0.7504.5–0.03661.51.5');
    expect(await axeViolations()).toEqual([]);
  });

  test('shows the times from the intended start', async () => {
    const total = intended({ name: 'Aggregated', method: '', count: 2000 });
    render(<ReportPage args={reportArgs({ intended_statistics: [intended(), total] })} />);
    const section = within(screen.getByTestId('section-intended'));
    expect(section.getAllByRole('columnheader').map(cell => cell.textContent)).toEqual([
      'Type',
      'Name',
      'Meant',
      'Average',
      'p50',
      'p99',
      'p100',
      'Max',
    ]);
    expect(section.getByTestId('row-intended').textContent).toBe('GET/cart1,9801911.61,9051,9071,907');
    expect(section.getByTestId('total-intended').textContent).toContain('Aggregated2,000');
    expect(await axeViolations()).toEqual([]);
  });

  test('shows the metrics of the test itself', async () => {
    const orders: MetricRow = {
      name: 'orders',
      kind: 'counter',
      unit: '',
      about: '',
      tags: {},
      value: 1234567,
    };
    const { rerender } = render(<ReportPage args={reportArgs({ metrics: [orders, trend()] })} />);
    const rows = within(screen.getByTestId('section-metrics')).getAllByTestId('row-metrics');
    expect(rows.map(one => one.textContent)).toEqual([
      'checkout_totalshop=detrendms–1,200812.30.25800900.595099012,346',
      'orderscounter1,234,567––––––––',
    ]);
    expect(await axeViolations()).toEqual([]);
    rerender(<ReportPage args={reportArgs({ metrics: [] })} />);
    expect(screen.queryByTestId('section-metrics')).toBeNull();
  });

  test('shows the most users of each class, and its arrivals', () => {
    const arrivals = { meant: 12, begun: 9, late: 2, dropped: 3, overdue: 0, worst_late_ms: 11 };
    const ended = { state: 'ended' as const, users: 0, users_meant: 0 };
    const classes = [
      { ...ended, name: 'Soak', arrivals: null, users_at_most: 4 },
      { ...ended, name: 'Crowd', arrivals, users_at_most: 2 },
    ];
    render(<ReportPage args={reportArgs({ classes })} />);
    const section = within(screen.getByTestId('section-class-users'));
    expect(section.getAllByTestId('row-class-users').map(one => one.textContent)).toEqual([
      'Crowd2923',
      'Soak4–––',
    ]);
  });

  test('shows requests by user class and by tag', async () => {
    const idle = group({ name: 'Idle', requests: 0, failures: 0, fail_ratio: 0, rate: 0 });
    const unmeasured = { ...idle, average: null, '0.5': null, '0.95': null, '0.99': null, max: null };
    const buy = group({ name: 'buy' });
    const { rerender } = render(
      <ReportPage args={reportArgs({ groups: { classes: [group(), unmeasured], tags: [buy] } })} />,
    );
    const section = within(screen.getByTestId('section-classes'));
    expect(section.getByRole('heading').textContent).toContain('User classes and tags');
    expect(section.getAllByTestId('row-classes').map(one => one.textContent)).toEqual([
      'Idle000\u00a0%0.0–––––',
      'Shopper1,98030.15\u00a0%31.414.312.131.90.251,513',
    ]);
    expect(section.getAllByTestId('row-tags').map(one => one.textContent)).toEqual([
      'buy1,98030.15\u00a0%31.414.312.131.90.251,513',
    ]);
    expect(await axeViolations()).toEqual([]);
    rerender(<ReportPage args={reportArgs({ groups: { classes: [group()], tags: [] } })} />);
    expect(screen.queryByTestId('table-tags')).toBeNull();
    rerender(<ReportPage args={reportArgs({ groups: { classes: [], tags: [buy] } })} />);
    expect(within(screen.getByTestId('section-classes')).getByRole('heading').textContent).toContain('Tags');
    rerender(<ReportPage args={reportArgs({ groups: { classes: [], tags: [] } })} />);
    expect(screen.queryByTestId('section-classes')).toBeNull();
  });

  test('has no phases where no request told them', () => {
    render(<ReportPage args={reportArgs({ phase_statistics: [] })} />);
    expect(screen.queryByTestId('section-phases')).toBeNull();
  });

  test('shows which thresholds held', async () => {
    const thresholds = [{ threshold: 'p95 < 300ms', state: 'failed' as const, outcome: '412 ms' }];
    render(<ReportPage args={reportArgs({ thresholds })} />);
    expect(screen.getByTestId('section-thresholds').textContent).toContain('failedp95 < 300ms412 ms');
    expect(await axeViolations()).toEqual([]);
  });

  test('an empty run is a page too', async () => {
    render(
      <ReportPage
        args={reportArgs({ requests_statistics: [], response_time_statistics: [], tasks: '{}' })}
      />,
    );
    expect(screen.getByText('No requests were made.')).toBeTruthy();
    expect(screen.queryByTestId('ratios')).toBeNull();
    expect(await axeViolations()).toEqual([]);
  });

  test('the download link is there only where a server answers it', () => {
    render(<ReportPage args={reportArgs()} />);
    expect(screen.queryByTestId('download-report')).toBeNull();
  });
});

test('an unknown host is left out instead of being called "None"', () => {
  expect(reportFacts(reportArgs({ host: 'None' })).map(([name]) => name)).not.toContain('Host');
});

test('columns of response times are in order of their fraction', () => {
  expect(reportOf(reportArgs()).responseTimeKeys).toEqual(['0.5', '0.95', '1.0']);
});
