/**
 * The rows of a long table that are visible. All rows have the same height, so they follow from the scroll position;
 * printing shows all rows.
 */
import { type RefObject, useEffect, useState } from 'react';
import { useIsPrinting } from './useIsPrinting';

export interface RowWindow {
  first: number;
  /** The index after the last one. */
  end: number;
}

/** Rows drawn beyond either edge, so that scrolling does not show a gap. */
const MARGIN_ROWS = 12;

/** Tables up to this length are drawn completely, so that find-in-page and screen readers see every row. */
export const WHOLE_TABLE_ROWS = 150;

export function rowWindow(scrollTop: number, height: number, rowHeight: number, rows: number): RowWindow {
  // In steps of half a margin, so that scrolling a few pixels does not redraw.
  const step = MARGIN_ROWS / 2;
  const top = Math.floor(scrollTop / rowHeight / step) * step;
  const visible = Math.ceil(height / rowHeight) + step;
  return {
    first: Math.min(Math.max(0, top - MARGIN_ROWS), Math.max(0, rows - visible)),
    end: Math.min(rows, top + visible + MARGIN_ROWS),
  };
}

export function useTableWindow(
  scroller: RefObject<HTMLElement | null>,
  rowHeight: number,
  rows: number,
): RowWindow {
  const isPrinting = useIsPrinting();
  const isWhole = isPrinting || rows <= WHOLE_TABLE_ROWS;
  const [shown, setShown] = useState<RowWindow>(() => rowWindow(0, 1200, rowHeight, rows));
  useEffect(() => {
    const element = scroller.current;
    if (!element || isWhole) return;
    const measure = () => {
      const next = rowWindow(element.scrollTop, element.clientHeight, rowHeight, rows);
      setShown(last => (last.first === next.first && last.end === next.end ? last : next));
    };
    measure();
    element.addEventListener('scroll', measure, { passive: true });
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => {
      element.removeEventListener('scroll', measure);
      observer.disconnect();
    };
  }, [scroller, rowHeight, rows, isWhole]);
  return isWhole
    ? { first: 0, end: rows }
    : { first: Math.min(shown.first, rows), end: Math.min(shown.end, rows) };
}
