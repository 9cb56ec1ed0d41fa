/** The panel that takes the place of the tabs while there is no test to watch. */
import type { ComponentProps } from 'react';
import type { LiveArgs } from '../../api/page';
import { SwarmForm } from '../../form/SwarmForm';

interface StartPanelProps {
  form: Omit<ComponentProps<typeof SwarmForm>, 'isEdit'>;
  workerCount: number | undefined;
}

export function StartPanel({ form, workerCount }: StartPanelProps) {
  const { args } = form;
  return (
    <section className="start" aria-labelledby="start-title" data-testid="start">
      <h2 id="start-title">Start a load test</h2>
      {args.locustfile && <p className="start-file">{args.locustfile}</p>}
      <WorkersNote args={args} workerCount={workerCount} />
      <SwarmForm {...form} isEdit={false} />
    </section>
  );
}

/** Says that a distributed test cannot start before a worker has connected. */
function WorkersNote({ args, workerCount }: { args: LiveArgs; workerCount: number | undefined }) {
  if (!args.is_distributed || workerCount === undefined) return null;
  return workerCount === 0 ? (
    <p className="note" role="status" data-testid="no-workers">
      No worker has connected yet. Start one with{' '}
      <code>locust -f {args.locustfile ?? 'locustfile.py'} --worker</code>.
    </p>
  ) : (
    <p className="start-workers" role="status">
      {workerCount} {workerCount === 1 ? 'worker is' : 'workers are'} ready.
    </p>
  );
}
