/** A table that sorts, filters, and draws only the visible rows. It is independent of the content of its rows. */
import { type CSSProperties, memo, type ReactNode, useId, useMemo, useRef, useState } from 'react';
import { formatCount } from '../model/format';
import { filterRows, nextSorting, type Sorting, type SortValue, sortRows } from '../model/rows';
import { EmptyState } from './EmptyState';
import { Icon } from './Icon';
import { useTableWindow, WHOLE_TABLE_ROWS } from './useTableWindow';

export interface Column<Row> {
  id: string;
  title: string;
  /** The full title, on hover and for screen readers, if `title` is an abbreviation. */
  hint?: string;
  /** Numbers are aligned right and sorted in descending order first. */
  isNumber?: boolean;
  /** Pixels, more on wide screens; columns without a width share the rest. */
  width?: number;
  value: (row: Row) => SortValue;
  /** Defaults to the value. */
  render?: (row: Row) => ReactNode;
}

export interface DataTableProps<Row> {
  rows: readonly Row[];
  columns: Column<Row>[];
  keyOf: (row: Row) => string;
  caption: string;
  /** Also used in test ids. */
  id: string;
  /** The text that the filter searches; without it there is no filter. */
  searchText?: (row: Row) => string;
  initialSorting: Sorting;
  /** Shown at the bottom, whatever is filtered. */
  footer?: Row;
  empty: ReactNode;
  /** Controls beside the filter. */
  tools?: ReactNode;
  /** Makes rows as high as their text; for tables of hundreds of rows, not thousands. */
  wraps?: boolean;
}

/** The same value as in the styles: `.table td`. */
const ROW_HEIGHT_PX = 32;

interface RowProps<Row> {
  row: Row;
  columns: Column<Row>[];
  index?: number;
  testId?: string;
}

const cellText = (value: SortValue): ReactNode => value ?? '';

function PlainRow<Row>({ row, columns, index, testId }: RowProps<Row>) {
  return (
    <tr aria-rowindex={index} data-testid={testId}>
      {columns.map(column => {
        const content = column.render ? column.render(row) : cellText(column.value(row));
        const value = column.value(row);
        return (
          <td
            key={column.id}
            data-column={column.id}
            className={column.isNumber ? 'number' : undefined}
            title={!column.isNumber && typeof value === 'string' ? value : undefined}
          >
            {content}
          </td>
        );
      })}
    </tr>
  );
}

const MemoRow = memo(PlainRow) as typeof PlainRow;

export function DataTable<Row>(props: DataTableProps<Row>) {
  const { rows, columns, keyOf, caption, id, searchText, initialSorting, footer, empty, tools, wraps } =
    props;
  const [sorting, setSorting] = useState(initialSorting);
  const [query, setQuery] = useState('');
  const scroller = useRef<HTMLElement>(null);
  const searchId = useId();

  const found = useMemo(
    () => (searchText ? filterRows(rows, query, searchText) : rows),
    [rows, query, searchText],
  );
  const sorted = useMemo(() => {
    const column = columns.find(candidate => candidate.id === sorting.column) ?? columns[0];
    return column ? sortRows(found, column.value, sorting.descending) : [...found];
  }, [found, columns, sorting]);

  const window_ = useTableWindow(scroller, ROW_HEIGHT_PX, wraps ? 0 : sorted.length);
  const { first, end } = wraps ? { first: 0, end: sorted.length } : window_;

  return (
    <div className="data-table" data-testid={`table-${id}`}>
      {(searchText || tools) && (
        <div className="toolbar">
          {searchText && (
            <div className="search">
              <Icon name="search" />
              <input
                id={searchId}
                type="search"
                value={query}
                placeholder="Filter"
                aria-label={`Filter: ${caption}`}
                data-testid={`filter-${id}`}
                onChange={event => setQuery(event.target.value)}
              />
            </div>
          )}
          <span className="count" role="status">
            {query.trim()
              ? `${formatCount(found.length)} of ${formatCount(rows.length)} rows`
              : `${formatCount(rows.length)} ${rows.length === 1 ? 'row' : 'rows'}`}
          </span>
          {tools}
        </div>
      )}
      {rows.length === 0 && !footer ? (
        empty
      ) : (
        <section
          className="table-scroll"
          data-long={rows.length > WHOLE_TABLE_ROWS || undefined}
          ref={scroller}
          tabIndex={0}
          aria-label={`${caption}, table`}
        >
          <table
            className={wraps ? 'table wraps' : 'table'}
            style={{ '--table-min': `${minWidth(columns)}px` } as CSSProperties}
            aria-rowcount={sorted.length + 1 + (footer ? 1 : 0)}
          >
            <caption className="visually-hidden">{caption}</caption>
            <colgroup>
              {columns.map(column => (
                <col
                  key={column.id}
                  style={column.width ? { width: columnWidth(column.width) } : undefined}
                />
              ))}
            </colgroup>
            <thead>
              <tr aria-rowindex={1}>
                {columns.map(column => (
                  <th
                    key={column.id}
                    scope="col"
                    className={column.isNumber ? 'number' : undefined}
                    aria-sort={
                      sorting.column === column.id
                        ? sorting.descending
                          ? 'descending'
                          : 'ascending'
                        : undefined
                    }
                    data-column={column.id}
                  >
                    <button
                      type="button"
                      title={column.hint}
                      onClick={() => setSorting(nextSorting(sorting, column.id, column.isNumber ?? false))}
                    >
                      {column.title}
                    </button>
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {first > 0 && <Spacer rows={first} columns={columns.length} />}
              {sorted.slice(first, end).map((row, offset) => (
                <MemoRow
                  key={keyOf(row)}
                  row={row}
                  columns={columns}
                  index={first + offset + 2}
                  testId={`row-${id}`}
                />
              ))}
              {end < sorted.length && <Spacer rows={sorted.length - end} columns={columns.length} />}
            </tbody>
            {footer && (
              <tfoot>
                <PlainRow row={footer} columns={columns} testId={`total-${id}`} />
              </tfoot>
            )}
          </table>
          {rows.length > 0 && found.length === 0 && (
            <EmptyState title="Nothing matches the filter.">Clear it to see all rows again.</EmptyState>
          )}
          {rows.length === 0 && footer && empty}
        </section>
      )}
    </div>
  );
}

/** The least width of a column without a width; the table scrolls horizontally if the sum does not fit. */
const FLEXIBLE_COLUMN_PX = 200;

function minWidth(columns: readonly { width?: number }[]): number {
  return columns.reduce((sum, { width }) => sum + (width ?? FLEXIBLE_COLUMN_PX), 0);
}

/** Above this width of the window, columns grow with it, so that numbers stay close to their names. */
const WIDE_WINDOW_PX = 1500;

const columnWidth = (width: number): string =>
  `max(${width}px, ${((width / WIDE_WINDOW_PX) * 100).toFixed(2)}vw)`;

/** Takes the space of rows that are not drawn. */
function Spacer({ rows, columns }: { rows: number; columns: number }) {
  return (
    <tr className="spacer">
      <td colSpan={columns} style={{ height: rows * ROW_HEIGHT_PX }} />
    </tr>
  );
}
