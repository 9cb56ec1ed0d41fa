/** Failures; a row opens its evidence, which is fetched then. */
import { useState } from 'react';
import type { Client } from '../api/client';
import type { ErrorRow, EvidenceAnswer } from '../api/types';
import { Dialog } from '../components/Dialog';
import { useRoute } from '../live/source';
import { EvidenceList } from '../tables/EvidenceList';
import { FailuresTable } from '../tables/FailuresTable';
import { NotLoaded } from './RouteTabs';

interface EvidenceDialogProps {
  client: Client;
  failure: ErrorRow;
  onClose: () => void;
}

function EvidenceDialog({ client, failure, onClose }: EvidenceDialogProps) {
  const { method, name, error } = failure;
  const query = new URLSearchParams({ method: method ?? '', name, error });
  const polled = useRoute<EvidenceAnswer>(client, `/stats/evidence?${query}`);
  return (
    <Dialog title={`Evidence: ${method ?? ''} ${name}`} onClose={onClose} testId="dialog-evidence">
      <p className="evidence-error">
        <code>{error}</code>
      </p>
      {polled.value ? <EvidenceList pieces={polled.value.evidence} /> : <NotLoaded polled={polled} />}
    </Dialog>
  );
}

export function FailuresTab({ client, errors }: { client: Client; errors: readonly ErrorRow[] }) {
  const [opened, setOpened] = useState<ErrorRow | null>(null);
  return (
    <>
      <FailuresTable errors={errors} onOpen={setOpened} />
      {opened && <EvidenceDialog client={client} failure={opened} onClose={() => setOpened(null)} />}
    </>
  );
}
