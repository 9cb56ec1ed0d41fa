import { render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { Difference } from '../../src/api/runs';
import { RunsPage } from '../../src/pages/runs/RunsPage';
import { changeText, toneOf } from '../../src/tables/DifferencesTable';
import { axeViolations } from '../axe';
import { course, difference, differences, point } from '../samples';
import { pretendServer } from '../server';

beforeEach(() => {
  vi.stubGlobal('scrollTo', () => undefined);
  window.location.hash = '#compare=1,2,3';
});

/** Answers for three runs; the stub knows paths without their queries. */
function pretendRuns() {
  let asked = 0;
  const server = pretendServer({
    '/runs/course': () => {
      asked += 1;
      return course(((asked - 1) % 3) + 1, [point(1), point(2)]);
    },
    '/runs/differences': differences({
      warnings: ['The runs differ in their number of users: 20 and 40'],
      endpoints: [
        difference('/cart'),
        difference('/pay', { finding: 'new: the first run did not request it' }),
      ],
    }),
  });
  return server;
}

describe('the comparison of runs', () => {
  test('draws every run in every chart, and says what differs between first and last', async () => {
    const { asked } = pretendRuns();
    render(<RunsPage version={undefined} />);
    const rates = within(await screen.findByTestId('chart-rates'));
    expect(rates.getAllByRole('button').map(button => button.textContent)).toEqual([
      expect.stringContaining('run 1'),
      expect.stringContaining('run 2'),
      expect.stringContaining('run 3'),
    ]);
    const table = within(await screen.findByTestId('table-differences'));
    expect(table.getAllByText('slower by 8.0% to 12.0%')).toHaveLength(2);
    expect(table.getByText('new: the first run did not request it')).toBeTruthy();
    expect(screen.getByTestId('banner-doubtful').textContent).toContain('number of users');
    expect(asked.some(({ path }) => path === '/runs/differences?before=1&after=3')).toBe(true);
    expect(await axeViolations()).toEqual([]);
  });

  test('asks for other runs and for the endpoint that are chosen', async () => {
    const { asked } = pretendRuns();
    render(<RunsPage version={undefined} />);
    await userEvent.selectOptions(await screen.findByLabelText('From'), '2');
    await waitFor(() => expect(asked.at(-1)?.path).toBe('/runs/differences?before=2&after=3'));
    await screen.findByTestId('table-differences');
    await userEvent.selectOptions(screen.getByLabelText('Endpoint'), 'GET /cart');
    await waitFor(() => expect(asked.at(-1)?.path).toBe('/runs/course?run=3&name=%2Fcart&method=GET'));
  });

  test('says what is wrong with a run that cannot be drawn', async () => {
    const message = 'run 3 has no result: it is still running, or was killed before its end';
    pretendServer({
      '/runs/course': () => new Response(JSON.stringify({ success: false, message }), { status: 409 }),
      '/runs/differences': differences(),
    });
    render(<RunsPage version={undefined} />);
    expect((await screen.findByTestId('empty-state')).textContent).toContain('still running');
  });
});

test.each([
  [0.104, '+10.4 %'],
  [-0.2, '−20.0 %'],
  [0, '0 %'],
  [undefined, '–'],
])('a change of %s is written %s', (share, text) => {
  expect(changeText(share)?.replaceAll('\u00a0', ' ')).toBe(text);
});

const certain = (change: number) => ({ before: 1, after: 1, change, low: 0, high: 0, certain: true });

test.each<[string, Partial<Difference>, string | undefined]>([
  ['certainly slower', { times_ms: { typical: certain(0.1) } }, 'worse'],
  ['certainly faster', { times_ms: { typical: certain(-0.1) } }, 'better'],
  ['faster, but failing more', { times_ms: { typical: certain(-0.1) }, more_failures: true }, 'worse'],
  ['slower at the 95 % only', { times_ms: { '0.95': certain(0.2) } }, 'worse'],
  ['not to be told', { times_ms: {} }, undefined],
])('an endpoint that is %s has its tone', (_case, changes, tone) => {
  expect(toneOf(difference('/cart', changes))).toBe(tone);
});
