import { render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { RunsPage } from '../../src/pages/runs/RunsPage';
import { axeViolations } from '../axe';
import { openedRun, runLine } from '../samples';
import { pretendServer } from '../server';

const list = (...runs: ReturnType<typeof runLine>[]) => ({ runs, found: runs.length, profiles: ['night'] });

const refused = (status: number, message: string) =>
  new Response(JSON.stringify({ success: false, message }), { status });

beforeEach(() => {
  vi.stubGlobal('scrollTo', () => undefined);
});

describe('the list of runs', () => {
  test('shows figures, small charts and labels', async () => {
    pretendServer({
      '/runs/list': list(runLine(2, { tag: 'release', note: 'before the move' }), runLine(1)),
    });
    render(<RunsPage version="2.47.0" />);
    const table = within(await screen.findByTestId('table-runs'));
    expect(table.getByRole('link', { name: /^2\s*release$/ }).getAttribute('href')).toBe('#run=2');
    expect(table.getByText('before the move')).toBeTruthy();
    expect(table.getByRole('img', { name: 'Rate over time of run 2 (release)' })).toBeTruthy();
    expect(table.getByRole('img', { name: 'p95 over time of run 1' })).toBeTruthy();
    expect(await axeViolations()).toEqual([]);
  });

  test('asks the server for what is typed, from the first page on', async () => {
    const { asked } = pretendServer({
      '/runs/list': { ...list(...Array.from({ length: 50 }, (_, at) => runLine(at + 1))), found: 70 },
    });
    render(<RunsPage version={undefined} />);
    await userEvent.click(await screen.findByRole('button', { name: 'Older' }));
    await waitFor(() => expect(asked.at(-1)?.path).toContain('offset=50'));
    await userEvent.type(screen.getByTestId('search-runs'), 'release');
    await waitFor(() => expect(asked.at(-1)?.path).toBe('/runs/list?offset=0&limit=50&search=release'));
    await userEvent.selectOptions(screen.getByLabelText('Profile'), 'night');
    await waitFor(() => expect(asked.at(-1)?.path).toContain('profile=night'));
  });

  test('offers to compare two picked runs', async () => {
    pretendServer({ '/runs/list': list(runLine(3), runLine(2), runLine(1, { summary: null })) });
    render(<RunsPage version={undefined} />);
    await userEvent.click(await screen.findByRole('checkbox', { name: 'Pick run 3' }));
    expect(screen.queryByTestId('compare')).toBeNull();
    await userEvent.click(screen.getByRole('checkbox', { name: 'Pick run 2' }));
    expect(screen.getByTestId('compare').getAttribute('href')).toBe('#compare=2,3');
    const unfinished = screen.getByRole<HTMLInputElement>('checkbox', { name: 'Pick run 1' });
    expect(unfinished.disabled).toBe(true);
  });

  test.each([
    ['before the first run', list(), 'No runs yet.'],
    ['without a history', () => refused(404, 'Locust was started with --no-history'), '--no-history.'],
    ['with a damaged file', () => refused(409, 'runs.sqlite is damaged. Move it away'), 'Move it away.'],
    ['without a server', new TypeError('Failed to fetch'), "can't be reached"],
  ])('%s says so', async (_case, answer, text) => {
    pretendServer({ '/runs/list': answer });
    render(<RunsPage version={undefined} />);
    expect((await screen.findByTestId('empty-state')).textContent).toContain(text);
  });
});

describe('an opened run', () => {
  beforeEach(() => {
    window.location.hash = '#run=7';
  });

  test('is drawn by the components of the report', async () => {
    pretendServer({ '/runs/run': openedRun(7, { tag: 'nightly' }) });
    render(<RunsPage version={undefined} />);
    expect((await screen.findByRole('heading', { name: /run 7 \(nightly\)/ })).textContent).toContain(
      'passed',
    );
    expect(within(screen.getByTestId('table-statistics')).getByText('/cart')).toBeTruthy();
    expect(screen.getByText(/4711abc main/)).toBeTruthy();
  });

  test('is labelled, and shows what the server makes of it', async () => {
    const server = pretendServer({
      '/runs/run': openedRun(7),
      '/runs/label': { success: true, message: 'Run labelled' },
    });
    render(<RunsPage version={undefined} />);
    await userEvent.type(await screen.findByLabelText('Tag'), 'best');
    server.answers['/runs/run'] = openedRun(7, { tag: 'best' });
    await userEvent.click(screen.getByTestId('save-labels'));
    expect(await screen.findByRole('heading', { name: /run 7 \(best\)/ })).toBeTruthy();
    expect(server.asked.find(({ method }) => method === 'POST')?.body).toBe('run=7&tag=best&note=');
    server.answers['/runs/label'] = () => refused(409, "'8' cannot be a tag");
    await userEvent.type(screen.getByLabelText('Note'), 'x');
    await userEvent.click(screen.getByTestId('save-labels'));
    expect((await screen.findByTestId('banner-action')).textContent).toContain('cannot be a tag');
  });

  test('is deleted once that is confirmed', async () => {
    const { asked } = pretendServer({
      '/runs/run': openedRun(7),
      '/runs/list': list(),
      '/runs/delete': { success: true, message: 'Run deleted' },
    });
    render(<RunsPage version={undefined} />);
    await userEvent.click(await screen.findByTestId('delete-run'));
    expect(asked.some(({ method }) => method === 'POST')).toBe(false);
    await userEvent.click(screen.getByTestId('confirm-delete'));
    expect((await screen.findByTestId('empty-state')).textContent).toContain('No runs yet');
    expect(asked.find(({ method }) => method === 'POST')?.body).toBe('run=7');
  });
});
