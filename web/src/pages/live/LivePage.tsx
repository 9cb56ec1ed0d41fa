/** The live page: header, banners, and below them either the start form or the tabs of the test. */
import { useCallback, useEffect, useState } from 'react';
import type { LiveArgs } from '../../api/page';
import type { EntryKey } from '../../api/types';
import { Banner } from '../../components/Banner';
import { Dialog } from '../../components/Dialog';
import { HealthBanner } from '../../components/HealthBanner';
import { useOpenTab } from '../../components/Tabs';
import { ThresholdList } from '../../components/ThresholdList';
import { ThemeContext, useThemeChoice } from '../../components/theme';
import { SwarmForm } from '../../form/SwarmForm';
import { Actions } from './Actions';
import { ConnectionBanner } from './ConnectionBanner';
import { Header } from './Header';
import { LiveTabs, tabIds } from './LiveTabs';
import { pageTitle } from './liveMetrics';
import { StartPanel } from './StartPanel';
import { useLiveTest } from './useLiveTest';

type LiveTest = ReturnType<typeof useLiveTest>;

export function LivePage({ args }: { args: LiveArgs }) {
  const { theme, toggle } = useThemeChoice();
  const test = useLiveTest(args);
  const { snapshot, isStale } = test;
  const title = pageTitle(snapshot, isStale);
  useEffect(() => {
    document.title = title;
  }, [title]);
  return (
    <ThemeContext value={theme}>
      <div className="page" data-stale={isStale || undefined}>
        <Header
          snapshot={snapshot}
          isStale={isStale}
          version={args.version}
          runsUrl={test.client.url('/runs')}
          onToggleTheme={toggle}
          actions={<TestActions test={test} />}
        />
        <ConnectionBanner polled={test.polled} loginUrl={test.client.url('/login')} />
        {test.actionError && (
          <Banner tone="bad" title="That did not work." testId="banner-action">
            {test.actionError}
          </Banner>
        )}
        <HealthBanner health={snapshot?.generator_health} />
        {!test.isFormOpen && (snapshot?.thresholds?.length ?? 0) > 0 && (
          <section className="card threshold-panel" aria-label="Thresholds">
            <ThresholdList thresholds={snapshot?.thresholds ?? []} />
          </section>
        )}
        <main>
          {test.isFormOpen ? (
            <StartPanel form={test.form} workerCount={snapshot?.worker_count} />
          ) : (
            <TestTabs args={args} test={test} />
          )}
        </main>
        {test.isEditing && (
          <Dialog title="Edit the running test" onClose={test.closeEdit} testId="dialog-edit">
            <SwarmForm {...test.form} isEdit />
          </Dialog>
        )}
      </div>
    </ThemeContext>
  );
}

function TestActions({ test }: { test: LiveTest }) {
  return (
    <Actions
      state={test.state}
      isFormOpen={test.isFormOpen}
      hasResults={test.hasResults}
      isShaped={test.snapshot?.target_user_count === null}
      onEdit={test.edit}
      onNew={test.openForm}
      onResults={test.closeForm}
      isPaused={test.snapshot?.paused ?? false}
      onPause={test.pause}
      onResume={test.resume}
      onStop={test.stop}
      onReset={test.reset}
    />
  );
}

/** The tabs of one test. They keep the choice of an endpoint until another test begins. */
function TestTabs({ args, test }: { args: LiveArgs; test: LiveTest }) {
  const [endpoint, setEndpoint] = useState<EntryKey | null>(null);
  const [openTab, setOpenTab] = useOpenTab(tabIds(args));
  const openEndpoint = useCallback(
    (row: EntryKey) => {
      setEndpoint({ method: row.method, name: row.name });
      setOpenTab('charts');
    },
    [setOpenTab],
  );
  if (!test.snapshot) return null;
  return (
    <LiveTabs
      client={test.client}
      args={args}
      snapshot={test.snapshot}
      open={openTab}
      onOpen={setOpenTab}
      fractions={test.fractions}
      onFractions={test.chooseFractions}
      isPrecise={test.isPrecise}
      onPrecise={test.choosePrecise}
      outcome={test.outcome}
      onOutcome={test.chooseOutcome}
      endpoint={endpoint}
      onEndpoint={setEndpoint}
      onOpenEndpoint={openEndpoint}
    />
  );
}
