/** Evidence as text: messages as they look on the wire, times by phase. */
import type { EvidenceBody, EvidencePiece, PhaseName } from '../api/types';
import { formatCount, formatMs } from './format';

const PHASES: readonly [PhaseName, string][] = [
  ['queue', 'queue'],
  ['resolve', 'name resolution'],
  ['connect', 'connect'],
  ['tls', 'TLS'],
  ['send', 'send'],
  ['first_byte', 'first byte'],
  ['last_byte', 'last byte'],
];

const NOTES: Record<string, string> = {
  binary: 'binary body',
  stream: 'body that was read as a stream',
  file: 'body that was read from a file or an iterator',
};

/** What is said of a body that is not shown, or not as a whole; empty if it is. */
export function bodyNote(body: EvidenceBody | null): string {
  if (!body) return '';
  const length = body.length === null ? '' : `${formatCount(body.length)} bytes`;
  if (body.note) return [NOTES[body.note] ?? body.note, length].filter(Boolean).join(', ');
  return body.is_cut ? ['cut', length && `${length} in all`].filter(Boolean).join('; ') : '';
}

const message = (start: string, headers: readonly [string, string][], body: EvidenceBody | null): string =>
  [start, ...headers.map(([name, value]) => `${name}: ${value}`)].filter(Boolean).join('\n') +
  (body?.text ? `\n\n${body.text}` : '');

export function requestText({ request }: EvidencePiece): string {
  if (!request) return '';
  return message(`${request.method} ${request.url}`.trim(), request.headers, request.body).trim();
}

export function responseText({ response }: EvidencePiece): string {
  if (!response) return '';
  const status = response.status === null ? '' : `${response.status} ${response.reason}`.trim();
  return message(status, response.headers, response.body).trim();
}

/** The phases that are known, in their order. */
export const phaseTexts = (piece: EvidencePiece): [string, string][] =>
  PHASES.flatMap(([phase, title]) => {
    const time = piece.phases_ms[phase];
    return time === undefined ? [] : [[title, formatMs(time)] as [string, string]];
  });
