/** Requests and responses that were kept as evidence, one below the other. */
import type { EvidencePiece } from '../api/types';
import { EmptyState } from '../components/EmptyState';
import { bodyNote, phaseTexts, requestText, responseText } from '../model/evidence';
import { DASH, formatDateTime, formatResponseTime } from '../model/format';

export function EvidenceList({ pieces }: { pieces: readonly EvidencePiece[] }) {
  if (pieces.length === 0) {
    return (
      <EmptyState title="No evidence was kept.">
        Three requests of each failure and of each endpoint are kept, of a hundred at most.
      </EmptyState>
    );
  }
  return (
    <ol className="evidence" data-testid="evidence">
      {pieces.map((piece, index) => (
        <li key={index}>
          <Circumstances piece={piece} />
          <Message title="Request" text={requestText(piece)} note={bodyNote(piece.request?.body ?? null)} />
          <Message
            title="Response"
            text={responseText(piece)}
            note={bodyNote(piece.response?.body ?? null)}
          />
        </li>
      ))}
    </ol>
  );
}

function Circumstances({ piece }: { piece: EvidencePiece }) {
  const facts: [string, string][] = [
    ['Time', formatDateTime(piece.time)],
    ['Response time', piece.response_time_ms === null ? DASH : formatResponseTime(piece.response_time_ms)],
    ['User', piece.user_class || DASH],
    ['Node', piece.worker],
    ...(piece.error ? [['Error', piece.error] as [string, string]] : []),
    ...(piece.failed_in ? [['Failed in', piece.failed_in] as [string, string]] : []),
    ...phaseTexts(piece),
    ...Object.entries(piece.context),
  ];
  return (
    <dl>
      {facts.map(([name, value], index) => (
        <div key={index}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Message({ title, text, note }: { title: string; text: string; note: string }) {
  return (
    <figure>
      <figcaption>
        {title}
        {note && <span className="note">{note}</span>}
      </figcaption>
      {text ? <pre tabIndex={0}>{text}</pre> : <p>{title === 'Request' ? 'Not known.' : 'None came.'}</p>}
    </figure>
  );
}
