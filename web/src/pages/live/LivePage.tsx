/** The live page: header, banners, and below them either the start form or the tabs of the test. */
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { type Client, createClient } from '../../api/client';
import { baseUrl, type LiveArgs } from '../../api/page';
import type { EntryKey } from '../../api/types';
import { Banner } from '../../components/Banner';
import { Dialog } from '../../components/Dialog';
import { HealthBanner } from '../../components/HealthBanner';
import { isNumberList, usePreference } from '../../components/preferences';
import { useOpenTab } from '../../components/Tabs';
import { ThemeContext, useThemeChoice } from '../../components/theme';
import { SwarmForm } from '../../form/SwarmForm';
import { updatesPoller, usePoller } from '../../live/source';
import { isActive } from '../../model/snapshot';
import { type ClassChanges, initialValues, type SwarmValues, swarmForm } from '../../model/swarm';
import { Actions } from './Actions';
import { ConnectionBanner } from './ConnectionBanner';
import { Header } from './Header';
import { LiveTabs, tabIds } from './LiveTabs';
import { pageTitle } from './liveMetrics';

/** Sends the changed classes first: the server builds the test from them when it starts. */
async function sendClassChanges(client: Client, changes: Record<string, ClassChanges>): Promise<void> {
  for (const [name, change] of Object.entries(changes)) {
    await client.postJson('/user', { user_class_name: name, ...change });
  }
}

export function LivePage({ args }: { args: LiveArgs }) {
  const { theme, toggle } = useThemeChoice();
  const client = useMemo(() => createClient(baseUrl()), []);
  const [fractions, setFractions] = usePreference<number[]>(
    'percentiles',
    args.percentiles_to_statistics ?? [0.95, 0.99],
    isNumberList,
  );
  const wanted = useRef(fractions);
  const updates = useMemo(() => updatesPoller(client, () => wanted.current), [client]);
  const polled = usePoller(updates);
  const snapshot = polled.value;

  const [values, setValues] = useState<SwarmValues>(() => initialValues(args));
  const [isEditing, setIsEditing] = useState(false);
  const [wantsForm, setWantsForm] = useState(false);
  const [actionError, setActionError] = useState<string | null>(null);
  const [endpoint, setEndpoint] = useState<EntryKey | null>(null);
  const [openTab, setOpenTab] = useOpenTab(tabIds(args));

  const state = snapshot?.state ?? args.state;
  const hasResults = state !== 'ready';
  const isFormOpen = !isActive(state) && (wantsForm || !hasResults);
  const isStale = polled.error !== null;

  const title = pageTitle(snapshot, isStale);
  useEffect(() => {
    document.title = title;
  }, [title]);

  // A test that was started elsewhere (another tab, --autostart) closes the form here too.
  useEffect(() => {
    if (isActive(state)) setWantsForm(false);
    else setIsEditing(false);
  }, [state]);

  const openEndpoint = useCallback(
    (row: EntryKey) => {
      setEndpoint({ method: row.method, name: row.name });
      setOpenTab('charts');
    },
    [setOpenTab],
  );

  const chooseFractions = (chosen: number[]) => {
    wanted.current = chosen;
    setFractions(chosen);
    updates.refresh();
  };

  const act = async (action: () => Promise<unknown>) => {
    try {
      await action();
      setActionError(null);
    } catch (error) {
      setActionError(error instanceof Error ? error.message : String(error));
    }
    updates.refresh();
  };

  /** The form has to start from what runs now: someone else, a shape or a key press may have changed it. */
  const edit = () => {
    setValues({
      ...values,
      userCount: String(snapshot?.target_user_count ?? snapshot?.user_count ?? values.userCount),
      host: snapshot?.host ?? values.host,
    });
    setIsEditing(true);
  };

  const start = async () => {
    if (!isEditing) await sendClassChanges(client, values.classChanges);
    await client.postForm('/swarm', swarmForm(values, args, isEditing));
    setIsEditing(false);
    setWantsForm(false);
    setActionError(null);
    setEndpoint(null);
    updates.refresh();
  };

  return (
    <ThemeContext value={theme}>
      <div className="page" data-stale={isStale || undefined}>
        <Header
          snapshot={snapshot}
          isStale={isStale}
          version={args.version}
          onToggleTheme={toggle}
          actions={
            <Actions
              state={state}
              isFormOpen={isFormOpen}
              hasResults={hasResults}
              isShaped={snapshot?.target_user_count === null}
              onEdit={edit}
              onNew={() => setWantsForm(true)}
              onResults={() => setWantsForm(false)}
              onStop={() => act(() => client.postForm('/stop'))}
              onReset={() => act(() => client.postForm('/stats/reset'))}
            />
          }
        />
        <ConnectionBanner polled={polled} loginUrl={client.url('/login')} />
        {actionError && (
          <Banner tone="bad" title="That did not work." testId="banner-action">
            {actionError}
          </Banner>
        )}
        <HealthBanner health={snapshot?.generator_health} />
        <main>
          {isFormOpen ? (
            <section className="start" aria-labelledby="start-title" data-testid="start">
              <h2 id="start-title">Start a load test</h2>
              {args.locustfile && <p className="start-file">{args.locustfile}</p>}
              <WorkersNote args={args} workerCount={snapshot?.worker_count} />
              <SwarmForm args={args} values={values} onChange={setValues} onSubmit={start} isEdit={false} />
            </section>
          ) : (
            snapshot && (
              <LiveTabs
                client={client}
                args={args}
                snapshot={snapshot}
                open={openTab}
                onOpen={setOpenTab}
                fractions={fractions}
                onFractions={chooseFractions}
                endpoint={endpoint}
                onEndpoint={setEndpoint}
                onOpenEndpoint={openEndpoint}
              />
            )
          )}
        </main>
        {isEditing && (
          <Dialog title="Edit the running test" onClose={() => setIsEditing(false)} testId="dialog-edit">
            <SwarmForm args={args} values={values} onChange={setValues} onSubmit={start} isEdit />
          </Dialog>
        )}
      </div>
    </ThemeContext>
  );
}

/** A distributed test can't start before a worker has connected: say so before the button does. */
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
