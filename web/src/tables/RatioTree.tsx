/** Shares of user classes and their tasks, as a tree with bars. */
import type { RatioNode, TaskRatios } from '../api/types';
import { EmptyState } from '../components/EmptyState';
import { formatShare } from '../model/format';
import { ratioRows } from '../model/ratios';

export function Ratios({ ratios }: { ratios: TaskRatios }) {
  return (
    <div className="columns" data-testid="ratios">
      <RatioTree
        title="Per class"
        hint="How each user class divides its own time among its tasks."
        nodes={ratios.per_class ?? {}}
      />
      <RatioTree
        title="Total"
        hint="How all users together are divided among classes and tasks."
        nodes={ratios.total ?? {}}
      />
    </div>
  );
}

interface RatioTreeProps {
  title: string;
  hint: string;
  nodes: Record<string, RatioNode>;
}

function RatioTree({ title, hint, nodes }: RatioTreeProps) {
  const rows = ratioRows(nodes);
  return (
    <section className="card">
      <h3>{title}</h3>
      <p className="card-hint">{hint}</p>
      {rows.length === 0 ? (
        <EmptyState title="Nothing to show.">No user class has tasks.</EmptyState>
      ) : (
        <ul className="ratios">
          {rows.map(({ path, name, depth, ratio }) => (
            <li key={path}>
              <span
                className="ratio-name"
                style={{ paddingInlineStart: `${depth * 1.25}rem` }}
                data-depth={depth}
              >
                {name}
              </span>
              <svg className="ratio-bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
                <rect className="ratio-track" width="100" height="6" />
                <rect className="ratio-fill" width={Math.min(1, ratio) * 100} height="6" />
              </svg>
              <span className="ratio-share">{formatShare(ratio)}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
