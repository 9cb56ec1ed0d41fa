/** Identity, sorting and search of table rows. */

/** Does not occur in names or methods, so joined keys cannot collide. */
const SEPARATOR = '\u0000';

export const rowKey = (row: { method: string | null; name: string }): string =>
  `${row.method ?? ''}${SEPARATOR}${row.name}`;

export const errorKey = (row: { method: string | null; name: string; error: string }): string =>
  `${rowKey(row)}${SEPARATOR}${row.error}`;

export type SortValue = string | number | null | undefined;

export interface Sorting {
  column: string;
  descending: boolean;
}

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

/** Sorts numbers by value, text in the reader's locale ("/2" before "/10"), missing values last in both directions. */
export function compareValues(a: SortValue, b: SortValue, descending: boolean): number {
  const aMissing = a === null || a === undefined || a === '';
  const bMissing = b === null || b === undefined || b === '';
  if (aMissing || bMissing) return aMissing === bMissing ? 0 : aMissing ? 1 : -1;
  const order =
    typeof a === 'number' && typeof b === 'number' ? a - b : collator.compare(String(a), String(b));
  return descending ? -order : order;
}

/** A sorted copy. Equal values keep their order, so rows do not move between updates. */
export function sortRows<Row>(
  rows: readonly Row[],
  value: (row: Row) => SortValue,
  descending: boolean,
): Row[] {
  return rows
    .map(row => ({ row, value: value(row) }))
    .sort((a, b) => compareValues(a.value, b.value, descending))
    .map(item => item.row);
}

/** Whether every word occurs somewhere in the text, regardless of case. */
export function matchesText(text: string, query: string): boolean {
  const haystack = text.toLowerCase();
  return query
    .toLowerCase()
    .split(/\s+/)
    .every(word => haystack.includes(word));
}

export function filterRows<Row>(
  rows: readonly Row[],
  query: string,
  text: (row: Row) => string,
): readonly Row[] {
  return query.trim() ? rows.filter(row => matchesText(text(row), query.trim())) : rows;
}

/** The sorting after a click on a header: first in the column's usual direction, then in the other one. */
export function nextSorting(current: Sorting, column: string, startDescending: boolean): Sorting {
  return current.column === column
    ? { column, descending: !current.descending }
    : { column, descending: startDescending };
}

/** Whether a row is the total. */
export const isAggregated = ({ name, method }: { name: string; method: string | null }): boolean =>
  name === 'Aggregated' && !method;
