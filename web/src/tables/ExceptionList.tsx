/** Exceptions that tasks raised, with their tracebacks and the nodes they came from. */
import { useState } from 'react';
import type { ExceptionRow } from '../api/types';
import { EmptyState } from '../components/EmptyState';
import { Icon } from '../components/Icon';
import { formatCount } from '../model/format';
import { sortRows } from '../model/rows';

export function ExceptionList({
  exceptions,
  isOpen = false,
}: {
  exceptions: readonly ExceptionRow[];
  isOpen?: boolean;
}) {
  if (exceptions.length === 0) {
    return (
      <EmptyState title="No exceptions.">
        Python exceptions raised by tasks are listed here with their tracebacks.
      </EmptyState>
    );
  }
  return (
    <ul className="exceptions" data-testid="exceptions">
      {sortRows(exceptions, row => row.count, true).map(row => (
        <li key={`${row.msg}\u0000${row.traceback}`}>
          <details open={isOpen || exceptions.length === 1}>
            <summary>
              <span className="exception-count">{formatCount(row.count)}×</span>
              <code className="exception-message">{row.msg}</code>
              {row.nodes && <span className="exception-nodes">{row.nodes}</span>}
            </summary>
            <Traceback text={row.traceback} />
          </details>
        </li>
      ))}
    </ul>
  );
}

function Traceback({ text }: { text: string }) {
  const [isCopied, setIsCopied] = useState(false);
  // Browsers allow access to the clipboard on https and localhost only.
  const canCopy = Boolean(navigator.clipboard);
  return (
    <div className="traceback">
      <pre tabIndex={0}>{text}</pre>
      {canCopy && (
        <button
          type="button"
          onClick={() => void navigator.clipboard.writeText(text).then(() => setIsCopied(true))}
        >
          <Icon name="copy" />
          {isCopied ? 'Copied' : 'Copy'}
        </button>
      )}
    </div>
  );
}
