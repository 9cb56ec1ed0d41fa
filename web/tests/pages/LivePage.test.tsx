import { render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, test } from 'vitest';
import { LivePage } from '../../src/pages/live/LivePage';
import { axeViolations } from '../axe';
import { failure, group, intended, liveArgs, phases, piece, point, row, trend, update } from '../samples';
import { pretendServer } from '../server';

const idle = update({
  state: 'ready',
  user_count: 0,
  entries: [],
  history: [],
  run_time_s: null,
  host: null,
});

describe('the evidence of a failure', () => {
  test('opens from its row, and closes', async () => {
    window.location.hash = '#failures';
    const { asked } = pretendServer({
      '/stats/updates': update({ errors: [failure('503'), failure('a & b = ?')] }),
      '/stats/evidence': { evidence: [piece()] },
    });
    render(<LivePage args={liveArgs({ state: 'running' })} />);
    await userEvent.click(await screen.findByRole('button', { name: 'a & b = ?' }));
    const dialog = await screen.findByTestId('dialog-evidence');
    expect(await within(dialog).findByText(/token=\[redacted\]/)).toBeTruthy();
    expect(within(dialog).getByText(/^503 Service Unavailable/)).toBeTruthy();
    expect(within(dialog).getByText('cut; 4,000 bytes in all')).toBeTruthy();
    const query = new URLSearchParams(
      asked.find(one => one.path.startsWith('/stats/evidence'))?.path.split('?')[1],
    );
    expect(Object.fromEntries(query)).toEqual({ method: 'GET', name: '/cart', error: 'a & b = ?' });
    expect(await axeViolations()).toEqual([]);
    await userEvent.click(within(dialog).getByRole('button', { name: 'Close' }));
    expect(screen.queryByTestId('dialog-evidence')).toBeNull();
  });

  test('opens from the maximum of an endpoint for its slowest requests', async () => {
    window.location.hash = '#statistics';
    const { asked } = pretendServer({
      '/stats/updates': update({ entries: [row('/cart'), row('/new', { num_requests: 0 })] }),
      '/stats/evidence': { evidence: [piece({ error: '' })] },
    });
    render(<LivePage args={liveArgs({ state: 'running' })} />);
    const table = within(await screen.findByTestId('table-statistics'));
    await userEvent.click(await table.findByTitle('Slowest requests of /cart'));
    expect(table.getAllByTitle(/^Slowest requests of/).length).toBe(1);
    const dialog = await screen.findByTestId('dialog-evidence');
    expect(await within(dialog).findByText(/token=\[redacted\]/)).toBeTruthy();
    const query = new URLSearchParams(
      asked.find(one => one.path.startsWith('/stats/evidence'))?.path.split('?')[1],
    );
    expect(Object.fromEntries(query)).toEqual({ method: 'GET', name: '/cart' });
  });

  test('says so where none was kept', async () => {
    window.location.hash = '#failures';
    pretendServer({
      '/stats/updates': update({ errors: [failure('503')] }),
      '/stats/evidence': { evidence: [] },
    });
    render(<LivePage args={liveArgs({ state: 'running' })} />);
    await userEvent.click(await screen.findByRole('button', { name: '503' }));
    expect(await screen.findByText('No evidence was kept.')).toBeTruthy();
  });
});

describe('the classes of a test', () => {
  test('have a table with users, those that are meant, and arrivals', async () => {
    window.location.hash = '#classes';
    const arrivals = { meant: 12, begun: 9, late: 2, dropped: 3, overdue: 0, worst_late_ms: 11 };
    pretendServer({
      '/stats/updates': update({
        classes: [
          { name: 'Soak', state: 'running', users: 4, users_meant: 5, arrivals: null },
          { name: 'Crowd', state: 'waiting', users: 0, users_meant: null, arrivals },
        ],
      }),
      '/stats/groups': { classes: [group()], tags: [] },
    });
    render(<LivePage args={liveArgs({ state: 'running', has_classes: true })} />);
    const table = await screen.findByRole('table', { name: 'Users by class' });
    const cells = within(table)
      .getAllByRole('row')
      .slice(1)
      .map(line => [...line.children].map(cell => cell.textContent));
    expect(cells).toEqual([
      ['Crowd', 'waiting', '0', '–', '9', '2', '3'],
      ['Soak', 'running', '4', '5', '–', '–', '–'],
    ]);
    expect(await screen.findByTestId('table-classes')).toBeTruthy();
    expect(screen.getAllByRole('tab', { name: 'Classes' })).toHaveLength(1);
    expect(await axeViolations()).toEqual([]);
  });

  test('are named in the form if they bring their own users', async () => {
    window.location.hash = '';
    pretendServer({ '/stats/updates': idle });
    render(<LivePage args={liveArgs({ scenario_classes: ['Rush', 'Soak'] })} />);
    expect((await screen.findByTestId('scenario-note')).textContent).toMatch(/^Rush, Soak: their users/);
  });
});

describe('the live page', () => {
  test('before the first test it shows the form; starting sends it and opens the statistics', async () => {
    const server = pretendServer({
      '/stats/updates': idle,
      '/swarm': { success: true, message: 'Swarming started' },
    });
    render(<LivePage args={liveArgs()} />);
    await userEvent.clear(await screen.findByLabelText('Users'));
    await userEvent.type(screen.getByLabelText('Users'), '25');
    server.answers['/stats/updates'] = update();
    await userEvent.click(screen.getByTestId('submit-swarm'));
    await screen.findByTestId('table-statistics');
    const [sent] = server.asked.filter(request => request.path === '/swarm');
    expect(new URLSearchParams(sent?.body).get('user_count')).toBe('25');
  });

  test('changed classes are sent before the test is started', async () => {
    const server = pretendServer({ '/stats/updates': idle, '/swarm': { success: true }, '/user': {} });
    const args = liveArgs({
      show_userclass_picker: true,
      users: { Admin: { weight: 1 }, Shopper: { weight: 1 } },
    });
    render(<LivePage args={args} />);
    await userEvent.click(await screen.findByRole('button', { name: 'Settings: Admin' }));
    await userEvent.type(screen.getByLabelText('Weight'), '0');
    await userEvent.click(screen.getByTestId('submit-swarm'));
    await waitFor(() => expect(server.asked.map(request => request.path)).toContain('/swarm'));
    const posts = server.asked.filter(request => request.method === 'POST');
    expect(posts.map(request => request.path)).toEqual(['/user', '/swarm']);
    expect(JSON.parse(posts[0]?.body ?? '')).toEqual({ user_class_name: 'Admin', weight: 10 });
  });

  test('asks for what changed since, and merges it', async () => {
    const server = pretendServer({ '/stats/updates': update({ cursor: 'k1' }) });
    render(<LivePage args={liveArgs({ state: 'running' })} />);
    await screen.findByText('/cart');
    server.answers['/stats/updates'] = update({
      cursor: 'k2',
      full: false,
      entries: [row('/cart', { num_requests: 4321 })],
      history: [],
    });
    await screen.findByText('4,321', {}, { timeout: 10_000 });
    expect(screen.getByText('/login')).toBeTruthy();
    expect(server.asked.at(-1)?.path).toContain('since=k');
  });

  test('another choice of percentiles requests everything again', async () => {
    const server = pretendServer({ '/stats/updates': update({ cursor: 'k1' }) });
    render(<LivePage args={liveArgs({ state: 'running' })} />);
    await screen.findByText('/cart');
    await userEvent.click(screen.getByTestId('percentile-columns'));
    await userEvent.click(screen.getByLabelText('p99.9'));
    await waitFor(() =>
      expect(server.asked.at(-1)?.path).toBe('/stats/updates?percentiles=0.95%2C0.99%2C0.999'),
    );
    expect(screen.getByRole('columnheader', { name: 'p99.9' })).toBeTruthy();
  });

  test('the switch to precise times asks for everything afresh, and is kept', async () => {
    localStorage.clear();
    const server = pretendServer({ '/stats/updates': update({ cursor: 'k1' }) });
    render(<LivePage args={liveArgs({ state: 'running' })} />);
    await screen.findByText('/cart');
    await userEvent.click(screen.getByTestId('precise'));
    await waitFor(() =>
      expect(server.asked.at(-1)?.path).toBe('/stats/updates?percentiles=0.95%2C0.99&precise=1'),
    );
    expect(localStorage.getItem('locust.precise')).toBe('true');
    localStorage.clear();
  });

  test('failures apart are asked for precisely, and the others are left out', async () => {
    const side = { num_requests: 4, min_response_time: 7, max_response_time: 7, avg_response_time: 7 };
    const failed = { ...side, median_response_time: 7 };
    const entries = [row('/cart'), row('/login', { num_failures: 4, failed })];
    const server = pretendServer({ '/stats/updates': update({ cursor: 'k1', entries }) });
    render(<LivePage args={liveArgs({ state: 'running' })} />);
    await screen.findByText('/cart');
    const choice = within(screen.getByTestId('outcome'));
    await userEvent.click(choice.getByRole('button', { name: 'Failed' }));
    await waitFor(() => expect(server.asked.at(-1)?.path).toContain('precise=1'));
    expect(screen.queryByText('/cart')).toBeNull();
    expect((screen.getByTestId('precise') as HTMLInputElement).disabled).toBe(true);
    await userEvent.click(choice.getByRole('button', { name: 'All' }));
    await waitFor(() => expect(server.asked.at(-1)?.path).not.toContain('precise=1'));
    expect(await screen.findByText('/cart')).toBeTruthy();
  });

  test('an edit starts from what runs, not from what the form last said', async () => {
    pretendServer({ '/stats/updates': update({ target_user_count: 300 }) });
    render(<LivePage args={liveArgs({ state: 'running', num_users: 1 })} />);
    await userEvent.click(await screen.findByTestId('edit'));
    const dialog = within(screen.getByTestId('dialog-edit'));
    expect((dialog.getByLabelText('Users') as HTMLInputElement).value).toBe('300');
    expect(dialog.queryByLabelText('Run time')).toBeNull();
  });

  test('a test that a shape controls has nothing to edit', async () => {
    pretendServer({ '/stats/updates': update({ target_user_count: null }) });
    render(<LivePage args={liveArgs({ state: 'running' })} />);
    await screen.findByTestId('stop');
    expect(screen.queryByTestId('edit')).toBeNull();
  });

  test('a paused test says so, and can be resumed', async () => {
    const server = pretendServer({
      '/stats/updates': update({ paused: false }),
      '/pause': { success: true, message: 'Test paused' },
      '/resume': { success: true, message: 'Test resumed' },
    });
    render(<LivePage args={liveArgs({ state: 'running' })} />);
    await screen.findByText('/cart');
    server.answers['/stats/updates'] = update({ paused: true });
    await userEvent.click(screen.getByTestId('pause'));
    await userEvent.click(await screen.findByTestId('resume'));
    expect(screen.getByTestId('state').textContent).toBe('paused');
    const posts = server.asked.filter(request => request.method === 'POST');
    expect(posts.map(request => request.path)).toEqual(['/pause', '/resume']);
  });

  test('a silent server leaves the last figures on screen, marked as old', async () => {
    const server = pretendServer({ '/stats/updates': update() });
    render(<LivePage args={liveArgs({ state: 'running' })} />);
    await screen.findByText('/cart');
    server.answers['/stats/updates'] = new TypeError('fetch failed');
    await screen.findByTestId('banner-unreachable', {}, { timeout: 10_000 });
    expect(screen.getByText('/cart')).toBeTruthy();
    expect(screen.getByTestId('state').textContent).toContain('when last heard of');
  });

  test('a lost login says so and leads to the login page', async () => {
    pretendServer({ '/stats/updates': () => new Response('{}', { status: 401 }) });
    render(<LivePage args={liveArgs({ state: 'running' })} />);
    const banner = within(await screen.findByTestId('banner-logged-out'));
    expect(banner.getByRole('link').getAttribute('href')).toBe('/login');
  });

  test('a generator that is the bottleneck is announced with its reasons', async () => {
    const generator_health = {
      cpu_usage: 99,
      hub_lag_ms: 80,
      late_starts: 12,
      inflated: true,
      inflation: 0.31,
      open_files: 61,
      most_open_files: 1024,
      remedies: ['Use fewer users.'],
      reasons: ['Worker w1 uses 99 % of its core.'],
    };
    pretendServer({ '/stats/updates': update({ generator_health }) });
    render(<LivePage args={liveArgs({ state: 'running' })} />);
    const banner = (await screen.findByTestId('banner-generator')).textContent;
    expect(banner).toContain('response times are about 31.0');
    expect(banner).toContain('Worker w1');
    expect(banner).toContain('Use fewer users.');
    await userEvent.click(screen.getByTestId('tab-generator'));
    expect((await screen.findByTestId('generator-figures')).textContent).toContain('61 of 1,024');
  });

  test('thresholds are shown with their state and what they came to', async () => {
    const thresholds = [
      { threshold: 'p95 < 300ms', state: 'holding' as const, outcome: '212 ms' },
      { threshold: 'failures < 1%', state: 'broken' as const, outcome: '2.00 %, first broken at 0:14' },
    ];
    pretendServer({ '/stats/updates': update({ thresholds }) });
    render(<LivePage args={liveArgs({ state: 'running' })} />);
    const lines = within(await screen.findByTestId('thresholds')).getAllByRole('listitem');
    expect(lines.map(line => line.textContent)).toEqual([
      'holdingp95 < 300ms212 ms',
      'brokenfailures < 1%2.00 %, first broken at 0:14',
    ]);
  });

  test('a run without thresholds has no panel for them', async () => {
    pretendServer({ '/stats/updates': update({ thresholds: [] }) });
    render(<LivePage args={liveArgs({ state: 'running' })} />);
    await screen.findByTestId('table-statistics');
    expect(screen.queryByTestId('thresholds')).toBeNull();
  });

  test('resetting asks first', async () => {
    const server = pretendServer({ '/stats/updates': update(), '/stats/reset': () => new Response('ok') });
    render(<LivePage args={liveArgs({ state: 'running' })} />);
    await userEvent.click(await screen.findByTestId('reset'));
    expect(server.asked.some(request => request.path === '/stats/reset')).toBe(false);
    await userEvent.click(screen.getByTestId('confirm-reset'));
    await waitFor(() => expect(screen.queryByTestId('dialog-reset')).toBeNull());
    expect(server.asked.some(request => request.path === '/stats/reset')).toBe(true);
  });

  test('after a stop there are the results, and a way to the form and back', async () => {
    pretendServer({ '/stats/updates': update({ state: 'stopped' }) });
    render(<LivePage args={liveArgs({ state: 'stopped' })} />);
    await screen.findByTestId('table-statistics');
    await userEvent.click(screen.getByTestId('new-test'));
    await screen.findByTestId('swarm-form');
    await userEvent.click(screen.getByTestId('results'));
    await screen.findByTestId('table-statistics');
  });

  test('the charts of an endpoint are asked for once, and then only what came since', async () => {
    const server = pretendServer({
      '/stats/updates': update(),
      '/stats/history': { name: '/cart', method: 'GET', history: [point(0), point(5)] },
    });
    render(<LivePage args={liveArgs({ state: 'running' })} />);
    await screen.findByRole('button', { name: '/cart' });
    server.answers['/stats/updates'] = update({ full: false });
    await userEvent.click(screen.getByRole('button', { name: '/cart' }));
    await screen.findByTestId('chart-times');
    expect(screen.getByTestId('endpoint-picker')).toHaveProperty('selectedIndex', 1);
    const asked = () =>
      server.asked.map(request => request.path).filter(path => path.startsWith('/stats/history'));
    await waitFor(() => expect(asked().length).toBeGreaterThan(1), { timeout: 20_000 });
    expect(asked()[0]).toBe('/stats/history?name=%2Fcart&method=GET');
    expect(new URLSearchParams(asked()[1]?.split('?')[1]).get('since')).toBe(point(5).time);
  });

  test('tables of plug-ins are filled from /stats/requests', async () => {
    pretendServer({
      '/stats/updates': update(),
      '/stats/requests': { extended_stats: [{ key: 'sizes', data: [{ name: '/cart', size: 12345 }] }] },
    });
    const args = liveArgs({
      state: 'running',
      extended_tabs: [{ title: 'Sizes', key: 'sizes' }],
      extended_tables: [
        {
          key: 'sizes',
          structure: [
            { key: 'name', title: 'Name' },
            { key: 'size', title: 'Size' },
          ],
        },
      ],
    });
    render(<LivePage args={args} />);
    await userEvent.click(await screen.findByRole('tab', { name: 'Sizes' }));
    expect((await screen.findByTestId('table-extended-sizes')).textContent).toContain('12,345');
  });

  test('hostile names and errors are text', async () => {
    const hostile = '<script>alert(1)</script>';
    pretendServer({ '/stats/updates': update({ entries: [row(hostile)], errors: [failure(hostile)] }) });
    const { container } = render(<LivePage args={liveArgs({ state: 'running' })} />);
    await screen.findByText(hostile);
    await userEvent.click(screen.getByTestId('tab-failures'));
    await screen.findByText(hostile);
    expect(container.querySelector('script')).toBeNull();
  });

  test.each([
    'statistics',
    'charts',
    'intended',
    'phases',
    'classes',
    'metrics',
    'failures',
    'exceptions',
    'ratios',
    'workers',
    'logs',
    'downloads',
  ])('the tab of %s has no accessibility violations', async tab => {
    window.location.hash = `#${tab}`;
    pretendServer({
      '/stats/updates': update({
        errors: [failure('503')],
        worker_count: 1,
        workers: [{ id: 'w1', state: 'running', user_count: 5, cpu_usage: 12, memory_usage: 1e8 }],
      }),
      '/exceptions': {
        exceptions: [{ count: 1, msg: 'KeyError', traceback: 'Traceback …', nodes: 'local' }],
      },
      '/stats/intended': { intended: [intended(), intended({ name: 'Aggregated', method: '' })] },
      '/stats/phases': { phases: [phases(), phases({ name: 'Aggregated', method: '' })] },
      '/stats/groups': { classes: [group()], tags: [] },
      '/stats/metrics': { metrics: [trend()] },
      '/tasks': { per_class: { Shopper: { ratio: 1, tasks: { buy: { ratio: 1 } } } }, total: {} },
      '/logs': { master: ['[x] host/INFO/locust: started'], workers: {} },
    });
    render(<LivePage args={liveArgs({ state: 'running', is_distributed: true, intended_start: true })} />);
    await screen.findByTestId(`panel-${tab}`);
    await waitFor(() => expect(screen.queryByText('Loading…')).toBeNull());
    expect(await axeViolations()).toEqual([]);
  });
});
