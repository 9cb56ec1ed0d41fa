/** Takes the place of what could not be loaded, or is on its way. */
import { type Client, LoggedOut, Refused } from '../../api/client';
import { EmptyState } from '../../components/EmptyState';

const NOT_THERE = 404;

export function NotShown({ error, client }: { error: Error | null; client: Client }) {
  if (!error) {
    return (
      <p className="loading" role="status">
        Loading…
      </p>
    );
  }
  if (error instanceof LoggedOut) {
    return (
      <EmptyState title="You have been logged out.">
        <a href={client.url('/login')}>Log in again</a> to see the runs.
      </EmptyState>
    );
  }
  if (!(error instanceof Refused)) {
    return (
      <EmptyState title="The server can't be reached.">
        Is Locust still running, and the network up? Reload the page to try again.
      </EmptyState>
    );
  }
  const title = error.status === NOT_THERE ? 'There is nothing to show.' : 'The history cannot be read.';
  return <EmptyState title={title}>{`${error.message.replace(/\.$/, '')}.`}</EmptyState>;
}
