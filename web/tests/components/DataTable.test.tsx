import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, test } from 'vitest';
import { type Column, DataTable } from '../../src/components/DataTable';
import { rowWindow } from '../../src/components/useTableWindow';
import { axeViolations } from '../axe';

interface Fruit {
  name: string;
  count: number;
}

const COLUMNS: Column<Fruit>[] = [
  { id: 'name', title: 'Name', value: row => row.name },
  { id: 'count', title: 'Count', isNumber: true, width: 80, value: row => row.count },
];

const FRUIT: Fruit[] = [
  { name: 'pear', count: 3 },
  { name: 'apple', count: 20 },
  { name: '<img src=x onerror=alert(1)>', count: 1 },
];

const table = (rows: Fruit[]) => (
  <DataTable
    id="fruit"
    caption="Fruit"
    rows={rows}
    columns={COLUMNS}
    keyOf={row => row.name}
    searchText={row => row.name}
    initialSorting={{ column: 'name', descending: false }}
    footer={{ name: 'All', count: 24 }}
    empty={<p>No fruit</p>}
  />
);

const names = () =>
  screen.getAllByTestId('row-fruit').map(row => within(row).getAllByRole('cell')[0]?.textContent);

describe('DataTable', () => {
  test('sorts by a click on a header, numbers largest first', async () => {
    render(table(FRUIT));
    expect(names()[1]).toBe('apple');
    await userEvent.click(screen.getByRole('button', { name: 'Count' }));
    expect(names()).toEqual(['apple', 'pear', '<img src=x onerror=alert(1)>']);
    expect(screen.getByRole('columnheader', { name: 'Count' }).getAttribute('aria-sort')).toBe('descending');
  });

  test('filters by text, says how many are left, and keeps the total', async () => {
    render(table(FRUIT));
    await userEvent.type(screen.getByTestId('filter-fruit'), 'APP');
    expect(names()).toEqual(['apple']);
    expect(screen.getByRole('status').textContent).toBe('1 of 3 rows');
    expect(screen.getByTestId('total-fruit').textContent).toContain('24');
  });

  test('shows markup in names as text', () => {
    const { container } = render(table(FRUIT));
    expect(container.querySelector('img')).toBeNull();
    expect(names()).toContain('<img src=x onerror=alert(1)>');
  });

  test('draws a part of 5,000 rows and counts all of them', () => {
    const many = Array.from({ length: 5000 }, (_, index) => ({ name: `fruit ${index}`, count: index }));
    render(table(many));
    expect(screen.getAllByTestId('row-fruit').length).toBeLessThan(100);
    expect(screen.getByRole('status').textContent).toBe('5,000 rows');
    expect(screen.getByRole('table').getAttribute('aria-rowcount')).toBe('5002');
  });

  test('says what is missing when there is nothing', () => {
    render(table([]));
    expect(screen.getByText('No fruit')).toBeTruthy();
  });

  test('has no accessibility violations', async () => {
    render(<main>{table(FRUIT)}</main>);
    expect(await axeViolations()).toEqual([]);
  });
});

describe('rowWindow', () => {
  test.each([
    [0, 640, 5000],
    [16_000, 640, 5000],
    [159_360, 640, 5000],
    [0, 640, 3],
  ])('scrolled to %d of %d px with %d rows, everything on screen is drawn', (scrollTop, height, rows) => {
    const { first, end } = rowWindow(scrollTop, height, 32, rows);
    expect(first).toBeGreaterThanOrEqual(0);
    expect(end).toBeLessThanOrEqual(rows);
    expect(first).toBeLessThanOrEqual(scrollTop / 32);
    expect(end).toBeGreaterThanOrEqual(Math.min(rows, (scrollTop + height) / 32));
    expect(end - first).toBeLessThan(70);
  });

  test('a table that became shorter than the scroll position shows its end', () => {
    const { first, end } = rowWindow(100_000, 640, 32, 200);
    expect(end).toBe(200);
    expect(end - first).toBeGreaterThan(19);
  });
});
