/** The history in the page: what the address shows, which runs can be laid over each other, how they are called. */
import type { RunLabels, RunLine } from '../api/runs';

/** Runs that charts show at once: as many as there are colours that eyes can tell. */
export const MOST_PICKED = 5;

export type RunsView = { kind: 'list' } | { kind: 'run'; run: string } | { kind: 'compare'; runs: string[] };

const LIST: RunsView = { kind: 'list' };

/** What an address asks for: `#run=12`, `#compare=3,12`, or the list. */
export function viewOf(hash: string): RunsView {
  const asked = new URLSearchParams(hash.replace(/^#/, ''));
  const run = asked.get('run');
  if (run) return { kind: 'run', run };
  const runs = [...new Set((asked.get('compare') ?? '').split(',').filter(Boolean))].slice(0, MOST_PICKED);
  return runs.length > 1 ? { kind: 'compare', runs } : LIST;
}

export const runAddress = (run: number | string): string => `#run=${encodeURIComponent(run)}`;

/** The older run first, so that a comparison reads from before to after. */
export const comparisonAddress = (runs: readonly number[]): string =>
  `#compare=${[...runs].sort((a, b) => a - b).join(',')}`;

/** The runs that are picked after a click on one. */
export function togglePicked(picked: readonly number[], run: number): number[] {
  if (picked.includes(run)) return picked.filter(other => other !== run);
  return picked.length < MOST_PICKED ? [...picked, run] : [...picked];
}

/** Only a run that has ended has something to draw. */
export const canPick = (line: RunLine, picked: readonly number[]): boolean =>
  line.summary !== null && (picked.includes(line.number) || picked.length < MOST_PICKED);

/** "run 12 (nightly)" */
export const runTitle = ({ number, tag }: Pick<RunLabels, 'number' | 'tag'>): string =>
  tag ? `run ${number} (${tag})` : `run ${number}`;

/** The query of one page of the list. */
export function listPath(search: string, profile: string, offset: number, limit: number): string {
  const query = new URLSearchParams({ offset: String(offset), limit: String(limit) });
  if (search.trim()) query.set('search', search.trim());
  if (profile) query.set('profile', profile);
  return `/runs/list?${query}`;
}
