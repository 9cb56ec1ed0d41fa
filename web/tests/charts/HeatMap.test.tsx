import { fireEvent, render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { HeatMap } from '../../src/charts/HeatMap';
import { axeViolations } from '../axe';
import { latencies } from '../samples';

const legend = (name: RegExp) =>
  within(screen.getByTestId('heat-map')).getByRole('button', { name }).textContent;

test('the legend shows the last column, or the one that the keys have chosen', () => {
  render(<HeatMap latencies={latencies()} />);
  expect(legend(/p50/)).toContain('21\u00a0ms');
  fireEvent.keyDown(screen.getByRole('group', { name: /heat map/ }), { key: 'Home' });
  expect(legend(/p50/)).toContain('20\u00a0ms');
});

test('a curve can be hidden', async () => {
  render(<HeatMap latencies={latencies()} />);
  const button = screen.getByRole('button', { name: /Max/ });
  await userEvent.click(button);
  expect(button.getAttribute('aria-pressed')).toBe('false');
});

test('it has no accessibility violations', async () => {
  render(
    <main>
      <h1>Run</h1>
      <h2>Charts</h2>
      <HeatMap latencies={latencies()} />
    </main>,
  );
  expect(await axeViolations()).toEqual([]);
});
