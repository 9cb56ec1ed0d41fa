/** The test as the live page shows and controls it: the server's data, the form's values, the actions. */
import { useEffect, useMemo, useRef, useState } from 'react';
import { type Client, createClient } from '../../api/client';
import { baseUrl, type LiveArgs } from '../../api/page';
import { isBoolean, isNumberList, usePreference } from '../../components/preferences';
import { updatesPoller, usePoller } from '../../live/source';
import type { Outcome } from '../../model/outcomes';
import { isActive } from '../../model/snapshot';
import { type ClassChanges, initialValues, type SwarmValues, swarmForm } from '../../model/swarm';

const DEFAULT_FRACTIONS = [0.95, 0.99];

/** The server's data, and the percentiles that are requested. */
export function useUpdates(args: LiveArgs) {
  const client = useMemo(() => createClient(baseUrl()), []);
  const [fractions, setFractions] = usePreference<number[]>(
    'percentiles',
    args.percentiles_to_statistics ?? DEFAULT_FRACTIONS,
    isNumberList,
  );
  const wanted = useRef(fractions);
  const [isPrecise, setPrecise] = usePreference('precise', args.precise ?? false, isBoolean);
  const [outcome, setOutcome] = useState<Outcome>('all');
  // Only precise answers have successes and failures apart.
  const wantedPrecise = useRef(isPrecise);
  wantedPrecise.current = isPrecise || outcome !== 'all';
  const updates = useMemo(
    () =>
      updatesPoller(
        client,
        () => wanted.current,
        () => wantedPrecise.current,
      ),
    [client],
  );
  const polled = usePoller(updates);
  const chooseFractions = (chosen: number[]) => {
    wanted.current = chosen;
    setFractions(chosen);
    updates.refresh();
  };
  const choosePrecise = (chosen: boolean) => {
    wantedPrecise.current = chosen;
    setPrecise(chosen);
    updates.refresh();
  };
  const chooseOutcome = (chosen: Outcome) => {
    wantedPrecise.current = isPrecise || chosen !== 'all';
    setOutcome(chosen);
    updates.refresh();
  };
  const choices = { fractions, chooseFractions, isPrecise, choosePrecise, outcome, chooseOutcome };
  return { client, polled, refresh: updates.refresh, ...choices };
}

/** Sends the changed classes; before the start, because the server creates the users from them. */
async function sendClassChanges(client: Client, changes: Record<string, ClassChanges>): Promise<void> {
  for (const [name, change] of Object.entries(changes)) {
    await client.postJson('/user', { user_class_name: name, ...change });
  }
}

export function useLiveTest(args: LiveArgs) {
  const updates = useUpdates(args);
  const { client, polled, refresh } = updates;
  const snapshot = polled.value;
  const state = snapshot?.state ?? args.state;
  const hasResults = state !== 'ready';

  const [values, setValues] = useState<SwarmValues>(() => initialValues(args));
  const [isEditing, setIsEditing] = useState(false);
  const [wantsForm, setWantsForm] = useState(false);
  const [actionError, setActionError] = useState<string | null>(null);

  // A test that is started elsewhere (another tab, --autostart) closes the form here too.
  useEffect(() => {
    if (isActive(state)) setWantsForm(false);
    else setIsEditing(false);
  }, [state]);

  const act = async (path: string) => {
    try {
      await client.postForm(path);
      setActionError(null);
    } catch (error) {
      setActionError(error instanceof Error ? error.message : String(error));
    }
    refresh();
  };

  /** Sets the form to the running test, which another page or a key press may have changed. */
  const edit = () => {
    setValues({
      ...values,
      userCount: String(snapshot?.target_user_count ?? snapshot?.user_count ?? values.userCount),
      host: snapshot?.host ?? values.host,
    });
    setIsEditing(true);
  };

  /** Starts the test, or changes the running one. Rejects with the server's message. */
  const submit = async () => {
    if (!isEditing) await sendClassChanges(client, values.classChanges);
    await client.postForm('/swarm', swarmForm(values, args, isEditing));
    setIsEditing(false);
    setWantsForm(false);
    setActionError(null);
    refresh();
  };

  return {
    ...updates,
    snapshot,
    state,
    hasResults,
    isStale: polled.error !== null,
    isFormOpen: !isActive(state) && (wantsForm || !hasResults),
    openForm: () => setWantsForm(true),
    closeForm: () => setWantsForm(false),
    isEditing,
    edit,
    closeEdit: () => setIsEditing(false),
    form: { args, values, onChange: setValues, onSubmit: submit },
    actionError,
    pause: () => act('/pause'),
    resume: () => act('/resume'),
    stop: () => act('/stop'),
    reset: () => act('/stats/reset'),
  };
}
