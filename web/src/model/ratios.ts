/** The tree of task ratios, flattened to rows with a depth. */
import type { RatioNode } from '../api/types';

export interface RatioRow {
  path: string;
  name: string;
  depth: number;
  ratio: number;
}

/** Walks depth first, larger ratios first. */
export function ratioRows(nodes: Record<string, RatioNode>, depth = 0, parent = ''): RatioRow[] {
  return Object.entries(nodes)
    .sort(([nameA, a], [nameB, b]) => b.ratio - a.ratio || nameA.localeCompare(nameB))
    .flatMap(([name, node]) => {
      const path = `${parent}/${name}`;
      return [{ path, name, depth, ratio: node.ratio }, ...ratioRows(node.tasks ?? {}, depth + 1, path)];
    });
}
