/** The evidence of all failures: each kind is opened by itself. */
import type { EvidencePiece } from '../api/types';
import { errorKey } from '../model/rows';
import { EvidenceList } from './EvidenceList';

export function FailureEvidence({ pieces }: { pieces: readonly EvidencePiece[] }) {
  const kinds = groups(pieces);
  return (
    <ul className="exceptions" data-testid="failure-evidence">
      {[...kinds].map(([key, ofKind]) => (
        <Kind key={key} pieces={ofKind} />
      ))}
    </ul>
  );
}

function groups(pieces: readonly EvidencePiece[]): Map<string, EvidencePiece[]> {
  const found = new Map<string, EvidencePiece[]>();
  for (const piece of pieces) found.set(errorKey(piece), [...(found.get(errorKey(piece)) ?? []), piece]);
  return found;
}

function Kind({ pieces }: { pieces: readonly EvidencePiece[] }) {
  const [first] = pieces;
  return (
    <li>
      <details>
        <summary>
          <span className="exception-nodes">
            {first?.method} {first?.name}
          </span>
          <code className="exception-message">{first?.error}</code>
        </summary>
        <EvidenceList pieces={pieces} />
      </details>
    </li>
  );
}
