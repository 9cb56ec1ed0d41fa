/** Evidence by what it has in common: each kind of failure, or each endpoint, is opened by itself. */
import type { EvidencePiece } from '../api/types';
import { EvidenceList } from './EvidenceList';

interface EvidenceGroupsProps {
  pieces: readonly EvidencePiece[];
  /** What the pieces of one group have in common. */
  keyOf: (piece: EvidencePiece) => string;
  /** What is said of a group beside type and name. */
  headline: (first: EvidencePiece) => string;
  testId: string;
}

export function EvidenceGroups({ pieces, keyOf, headline, testId }: EvidenceGroupsProps) {
  const groups = new Map<string, EvidencePiece[]>();
  for (const piece of pieces) groups.set(keyOf(piece), [...(groups.get(keyOf(piece)) ?? []), piece]);
  return (
    <ul className="exceptions" data-testid={testId}>
      {[...groups].map(([key, group]) => (
        <li key={key}>
          <details>
            <summary>{group[0] && <Heading piece={group[0]} text={headline(group[0])} />}</summary>
            <EvidenceList pieces={group} />
          </details>
        </li>
      ))}
    </ul>
  );
}

function Heading({ piece, text }: { piece: EvidencePiece; text: string }) {
  return (
    <>
      <span className="exception-nodes">
        {piece.method} {piece.name}
      </span>
      <code className="exception-message">{text}</code>
    </>
  );
}
