import { render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, test } from 'vitest';
import { ChartGrid } from '../../src/charts/ChartGrid';
import { brokenAt, point } from '../samples';

const HISTORY = [
  point(0),
  point(5, { current_rps: 12 }),
  point(10, { current_rps: 14, 'response_time_percentile_0.95': null }),
];

describe('ChartGrid', () => {
  test('the legend shows the last measured values with their units', () => {
    render(<ChartGrid history={HISTORY} fractions={[0.5, 0.95]} />);
    expect(
      within(screen.getByTestId('chart-rates')).getByRole('button', { name: /Requests/ }).textContent,
    ).toContain('14/s');
    expect(
      within(screen.getByTestId('chart-times')).getByRole('button', { name: /p95/ }).textContent,
    ).toContain('80\u00a0ms');
  });

  test('a click on the legend hides a line and shows it again', async () => {
    render(<ChartGrid history={HISTORY} fractions={[0.5]} />);
    const button = within(screen.getByTestId('chart-times')).getByRole('button', { name: /p50/ });
    await userEvent.click(button);
    expect(button.getAttribute('aria-pressed')).toBe('false');
    await userEvent.click(button);
    expect(button.getAttribute('aria-pressed')).toBe('true');
  });

  test('the window on screen can be chosen', async () => {
    render(<ChartGrid history={HISTORY} fractions={[0.5]} />);
    await userEvent.click(screen.getByRole('button', { name: '5 min' }));
    expect(screen.getByRole('button', { name: '5 min' }).getAttribute('aria-pressed')).toBe('true');
    expect(screen.getByRole('button', { name: 'Whole run' }).getAttribute('aria-pressed')).toBe('false');
  });

  test('each chart has a mark for a threshold that broke, with its text', async () => {
    render(
      <ChartGrid history={HISTORY} fractions={[0.5]} thresholds={[brokenAt(7), brokenAt(null, 'x < 1')]} />,
    );
    for (const id of ['rates', 'times', 'failures', 'users']) {
      const marks = await within(screen.getByTestId(`chart-${id}`)).findAllByTestId('breach');
      expect(marks.map(mark => mark.textContent)).toEqual([expect.stringMatching(/^p95 < 50ms broke at /)]);
    }
  });

  test('a mark goes when its threshold has not broken in the next test', async () => {
    const { rerender } = render(<ChartGrid history={HISTORY} fractions={[0.5]} thresholds={[brokenAt(7)]} />);
    await screen.findAllByTestId('breach');
    rerender(<ChartGrid history={HISTORY} fractions={[0.5]} thresholds={[brokenAt(null)]} />);
    await waitFor(() => expect(screen.queryByTestId('breach')).toBeNull());
  });
});
